//! The two commands that the README gives to a newcomer, read from where the newcomer reads them.

use std::fs;
use std::path::Path;

use crate::workspace::Result;

const DEMO: &str = "cargo run --release -- demo";
const TEST: &str = "cargo test --workspace";

/// A README that was seen to give both commands.
pub(crate) struct Readme {
    demo: String,
    test: String,
}

impl Readme {
    pub(crate) fn of(root: &Path) -> Result<Self> {
        let path = root.join("README.md");
        let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self> {
        let commands = fenced_commands(text);
        let find = |wanted: &str| {
            let found = commands.iter().find(|command| *command == wanted);
            found.cloned().ok_or_else(|| format!("README.md has no fenced block with the line `{wanted}`"))
        };
        Ok(Self { demo: find(DEMO)?, test: find(TEST)? })
    }

    /// The arguments of the demo command, without `cargo`.
    pub(crate) fn demo(&self) -> Vec<&str> {
        self.demo.split_whitespace().skip(1).collect()
    }

    /// The arguments of the test command, without `cargo`.
    pub(crate) fn test(&self) -> Vec<&str> {
        self.test.split_whitespace().skip(1).collect()
    }
}

/// The lines of the fenced blocks that are commands: without prompt, without trailing comment.
fn fenced_commands(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut commands = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            let line = line.strip_prefix("$ ").unwrap_or(line);
            let line = line.split(" #").next().unwrap_or(line).trim_end();
            commands.push(line.to_owned());
        }
    }
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_commands_are_read_from_fenced_blocks() {
        let text = "# x\n```sh\ncargo run --release -- demo   # breaks, resumes\n```\n\n```console\n$ cargo test --workspace\n```\n";
        let readme = Readme::parse(text).unwrap();
        assert_eq!(readme.demo(), ["run", "--release", "--", "demo"]);
        assert_eq!(readme.test(), ["test", "--workspace"]);
    }

    #[test]
    fn a_command_in_prose_or_in_another_form_does_not_count() {
        let text =
            "cargo test --workspace\n```sh\ncargo run --release -- demo\ncargo test --workspace --release\n```\n";
        let said = Readme::parse(text).err().unwrap();
        assert!(said.contains("`cargo test --workspace`"), "{said}");
    }
}
