//! The words of `resumable config`.

use std::fmt;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use resumable::vendors;

/// `resumable config`.
#[derive(clap::Args)]
pub(crate) struct Config {
    /// Name of the profile to add or change [default: asks]
    pub(crate) profile: Option<String>,
    /// Its vendor [default: asks]
    #[arg(long, value_name = "PROTOCOL",
        value_parser = PossibleValuesParser::new(vendors::entries().map(|vendor| vendor.name)))]
    pub(crate) protocol: Option<String>,
    /// Set a key of the profile; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = assignment)]
    pub(crate) set: Vec<(String, String)>,
    /// Set a key to what a file holds, - for standard input: for secrets, which other users see on a command line
    #[arg(long, value_name = "KEY=FILE", value_parser = from_file)]
    pub(crate) set_from: Vec<(String, PathBuf)>,
    /// Ask nothing: everything is said by --protocol, --set and --set-from
    #[arg(long)]
    pub(crate) non_interactive: bool,
}

// Values may be secrets.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<&str> = self.set.iter().map(|(key, _)| key.as_str()).collect();
        f.debug_struct("Config").field("profile", &self.profile).field("set", &keys).finish_non_exhaustive()
    }
}

fn assignment(text: &str) -> Result<(String, String), &'static str> {
    let (key, value) =
        text.split_once('=').filter(|(key, _)| is_key(key)).ok_or("it is KEY=VALUE, like bucket=films")?;
    Ok((key.to_owned(), value.to_owned()))
}

fn from_file(text: &str) -> Result<(String, PathBuf), &'static str> {
    assignment(text).map(|(key, file)| (key, file.into())).map_err(|_| "it is KEY=FILE, like secret_key=key.txt")
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignment_is_cut_at_its_first_mark() {
        assert_eq!(assignment("callback_var=a=b"), Ok(("callback_var".to_owned(), "a=b".to_owned())));
        assert_eq!(assignment("region="), Ok(("region".to_owned(), String::new())));
        for bad in ["bucket", "=films", "a b=c", "A=c"] {
            assert!(assignment(bad).is_err() && from_file(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn its_debug_shows_no_value() {
        let words = ["resumable", "config", "a", "--set", "secret_key=hunter2"];
        let shown = format!("{:?}", <crate::args::Args as clap::Parser>::try_parse_from(words).unwrap());
        assert!(shown.contains("secret_key") && !shown.contains("hunter2"), "{shown}");
    }
}
