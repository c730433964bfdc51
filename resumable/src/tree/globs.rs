//! Which files are wanted, by globs as in a `.gitignore`.

use std::path::Path;

use ignore::overrides::{Override, OverrideBuilder};

/// A text that is no glob.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{glob:?} is no glob: {why}")]
pub struct InvalidGlob {
    /// What was given.
    pub glob: String,
    /// What is wrong with it.
    pub why: String,
}

/// Those that include, and those that exclude.
#[derive(Clone, Debug, Default)]
pub(super) struct Globs {
    include: Vec<String>,
    exclude: Vec<String>,
}

impl Globs {
    pub(super) fn include(&mut self, glob: &str) -> Result<(), InvalidGlob> {
        self.include.push(checked(glob)?);
        Ok(())
    }

    pub(super) fn exclude(&mut self, glob: &str) -> Result<(), InvalidGlob> {
        self.exclude.push(checked(glob)?);
        Ok(())
    }

    /// For what is below this folder. The last one that matches counts, so those that exclude come last.
    pub(super) fn below(&self, folder: &Path) -> Override {
        let mut builder = OverrideBuilder::new(folder);
        let exclude = self.exclude.iter().map(|glob| format!("!{glob}"));
        for glob in self.include.iter().cloned().chain(exclude) {
            builder.add(&glob).expect("it was checked");
        }
        builder.build().expect("each was checked")
    }
}

/// As an override is written: there `!` excludes, and `#` begins a comment.
fn checked(glob: &str) -> Result<String, InvalidGlob> {
    let wrong = |why: &str| InvalidGlob { glob: glob.to_owned(), why: why.to_owned() };
    if glob.is_empty() {
        return Err(wrong("it is empty"));
    }
    if glob.starts_with('!') {
        return Err(wrong("it begins with '!': exclude what is not wanted, and write '\\!' for a name with '!'"));
    }
    let glob = if glob.starts_with('#') { format!("\\{glob}") } else { glob.to_owned() };
    let mut builder = OverrideBuilder::new("");
    match builder.add(&glob).and_then(|builder| builder.build()) {
        Ok(_) => Ok(glob),
        Err(error) => Err(wrong(&error.to_string())),
    }
}
