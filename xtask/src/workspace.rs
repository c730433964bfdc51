//! The workspace on disk, and the programs that are run in it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// What went wrong, in words for the person at the terminal.
pub(crate) type Result<T> = std::result::Result<T, String>;

pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The workspace that `cargo xtask` was called in, not the one that this binary was compiled in:
    /// they differ when two clones share a target folder.
    pub(crate) fn find() -> Result<Self> {
        let manifest =
            env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest.parent().ok_or("xtask stands in no workspace")?;
        Ok(Self { root: root.to_path_buf() })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A `cargo` of the same toolchain, in the root of the workspace.
    pub(crate) fn cargo(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(args).current_dir(&self.root).stdin(Stdio::null());
        forget_the_outer_cargo(&mut command);
        command
    }

    /// The platform that cargo builds for when it is told nothing.
    pub(crate) fn host(&self) -> Result<String> {
        let told = output(&mut self.cargo(&["-vV"]))?;
        let host = told.lines().find_map(|line| line.strip_prefix("host: "));
        host.map(str::to_owned).ok_or_else(|| format!("`cargo -vV` names no host:\n{told}"))
    }

    /// Whether the compiler can build for this platform.
    pub(crate) fn has_target(&self, triple: &str) -> Result<bool> {
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let sysroot = output(Command::new(rustc).args(["--print=sysroot"]).current_dir(&self.root))?;
        Ok(Path::new(sysroot.trim()).join("lib/rustlib").join(triple).exists())
    }

    /// `cargo metadata`, parsed.
    pub(crate) fn metadata(&self, args: &[&str]) -> Result<Value> {
        let mut command = self.cargo(&["metadata", "--format-version=1", "--locked"]);
        let text = output(command.args(args))?;
        serde_json::from_str(&text).map_err(|e| format!("cargo metadata answered no JSON: {e}"))
    }
}

/// Builds the command and the library's examples, with the same features for each step that asks, so that they are compiled once;
/// and says where they are.
pub(crate) fn programs(workspace: &Workspace) -> Result<PathBuf> {
    let what =
        ["build", "--locked", "-p", "resumable-cli", "-p", "resumable", "--all-features", "--bins", "--examples"];
    run(&mut workspace.cargo(&what))?;
    Ok(target(&workspace.metadata(&["--no-deps"])?)?.join("debug"))
}

/// Where cargo builds, by its own account.
pub(crate) fn target(metadata: &Value) -> Result<PathBuf> {
    let folder = metadata["target_directory"].as_str();
    folder.map(PathBuf::from).ok_or_else(|| "cargo metadata names no target folder".to_owned())
}

/// The packages that may be published.
pub(crate) fn published(metadata: &Value) -> impl Iterator<Item = &Value> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages.filter(|package| !package["publish"].as_array().is_some_and(Vec::is_empty))
}

/// `cargo run` describes the running package in the environment. A build script that watches such a
/// variable would be built again for every change between `cargo` and `cargo xtask`.
fn forget_the_outer_cargo(command: &mut Command) {
    const OF_A_PACKAGE: [&str; 5] = ["CARGO_BIN_NAME", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "OUT_DIR", "CARGO"];
    for (name, _) in env::vars_os() {
        let Some(text) = name.to_str() else { continue };
        let described = text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_");
        if described || OF_A_PACKAGE.contains(&text) {
            command.env_remove(&name);
        }
    }
}

/// Runs a command with its output on the terminal. A failure names the command.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", words(command));
    let status = command.status().map_err(|e| format!("`{}` did not start: {e}", words(command)))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed: {status}", words(command))) }
}

/// Runs a command and takes what it prints.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let done = command.output().map_err(|e| format!("`{}` did not start: {e}", words(command)))?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        return Err(format!("`{}` failed: {}\n{}", words(command), done.status, said.trim_end()));
    }
    String::from_utf8(done.stdout).map_err(|_| format!("`{}` printed no UTF-8", words(command)))
}

fn words(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut text = program.to_string_lossy().into_owned();
    for arg in command.get_args() {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command_and_repeats_what_it_said() {
        let workspace = Workspace::find().unwrap();
        let said = output(&mut workspace.cargo(&["no-such-subcommand"])).unwrap_err();
        assert!(said.starts_with("`cargo no-such-subcommand` failed: "), "{said}");
        assert!(said.contains("no such command"), "{said}");
    }

    #[test]
    fn the_metadata_names_this_package() {
        let metadata = Workspace::find().unwrap().metadata(&["--no-deps"]).unwrap();
        let packages = metadata["packages"].as_array().unwrap();
        assert!(packages.iter().any(|package| package["name"] == "xtask"));
    }
}
