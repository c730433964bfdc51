//! What a command line says of the object that a file becomes, in place of what the profile says.

use resumable::profile::Profile;
use resumable::units::parse_size;

/// Keys of the profile, for the files of this command.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Object")]
pub(crate) struct ObjectOptions {
    /// Length of a part, where the vendor lets it be chosen: 8MiB, 64MiB. A resumed upload keeps its own
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    part_size: Option<u64>,
    /// Content type of the object [default: by the ending of its name]
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
    /// Metadata to keep with the object; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = entry)]
    metadata: Vec<(String, String)>,
    /// Header to keep with the object, like "Cache-Control: no-cache"; may be repeated
    #[arg(long, value_name = "NAME:VALUE", value_parser = header)]
    header: Vec<(String, String)>,
}

impl ObjectOptions {
    /// The profile, with what is said here in place of its own keys.
    pub(crate) fn apply(&self, profile: Profile) -> Profile {
        let profile = self.part_size.into_iter().fold(profile, Profile::with_part_size);
        let profile = self.content_type.iter().fold(profile, |it, kind| it.with_text("content_type", kind));
        let add = |key| move |it: Profile, (name, value): &(String, String)| it.with_entry(key, name, value);
        let profile = self.metadata.iter().fold(profile, add("metadata"));
        self.header.iter().fold(profile, add("headers"))
    }
}

fn entry(text: &str) -> Result<(String, String), String> {
    pair(text, '=').ok_or_else(|| "metadata is NAME=VALUE, like author=me".to_owned())
}

fn header(text: &str) -> Result<(String, String), String> {
    pair(text, ':').ok_or_else(|| "a header is NAME:VALUE, like Cache-Control:no-cache".to_owned())
}

fn pair(text: &str, between: char) -> Option<(String, String)> {
    let (name, value) = text.split_once(between)?;
    let name = name.trim();
    (!name.is_empty()).then(|| (name.to_owned(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_cut_at_the_first_mark() {
        let two = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(entry("a=b=c"), Ok(two("a", "b=c")));
        assert_eq!(
            header("Expires: Thu, 01 Jan 2026 00:00:00 GMT"),
            Ok(two("Expires", "Thu, 01 Jan 2026 00:00:00 GMT"))
        );
        assert_eq!(entry("a="), Ok(two("a", "")));
        for bad in ["", "a", "=b"] {
            assert!(entry(bad).is_err() && header(bad).is_err(), "{bad}");
        }
    }
}
