//! The code on other systems. It is only checked: nothing here could run it. What needs the C code of a dependency needs a C
//! compiler for that system, too.

use std::process::Command;

use crate::verdict::Verdict;
use crate::workspace::{Result, Workspace, output, run};

struct Target {
    triple: &'static str,
    /// What compiles C for it, and how a person gets it. None: only what needs no C is checked.
    compiler: Option<(&'static str, &'static str)>,
    /// What is checked.
    crates: &'static [&'static [&'static str]],
}

/// The command with everything in it.
const COMMAND: &[&str] = &["-p", "resumable-cli"];
/// The machine, the protocols, what a transport is, and the library, without TLS and the HTTP clients.
const WITHOUT_C: &[&[&str]] = &[
    &["-p", "resumable-core", "--all-features"],
    &["-p", "resumable-transport", "--features", "async,http1"],
    &[
        "-p",
        "resumable",
        "--no-default-features",
        "--features",
        "115,async,blocking,cos-v1,cos-v2,cos-xml,folders,oss,s3,tracing,xfyun",
    ],
];

const TARGETS: [Target; 3] = [
    Target {
        triple: "x86_64-pc-windows-gnu",
        compiler: Some(("x86_64-w64-mingw32-gcc", "apt-get install gcc-mingw-w64-x86-64")),
        crates: &[COMMAND],
    },
    Target { triple: "aarch64-apple-darwin", compiler: None, crates: WITHOUT_C },
    Target {
        triple: "x86_64-unknown-linux-musl",
        compiler: Some(("musl-gcc", "apt-get install musl-tools")),
        crates: &[COMMAND],
    },
];

pub(crate) fn step(workspace: &Workspace) -> Result<Verdict> {
    let (mut checked, mut missing) = (Vec::new(), Vec::new());
    for target in &TARGETS {
        if let Some(why) = target.missing(workspace)? {
            println!("NOT CHECKED for {}: {why}", target.triple);
            missing.push(format!("{} ({why})", target.triple));
        } else {
            target.check(workspace)?;
            checked.push(target.triple);
        }
    }
    Ok(verdict(&checked, &missing))
}

fn verdict(checked: &[&str], missing: &[String]) -> Verdict {
    println!("checked for: {}", if checked.is_empty() { "nothing".to_owned() } else { checked.join(", ") });
    if missing.is_empty() {
        return Verdict::Passed;
    }
    let done = if checked.is_empty() { String::new() } else { format!(", but checked for {}", checked.join(", ")) };
    Verdict::Skipped(format!("not checked for {}{done}", missing.join(", ")))
}

impl Target {
    /// What has to be installed first.
    fn missing(&self, workspace: &Workspace) -> Result<Option<String>> {
        if !workspace.has_target(self.triple)? {
            return Ok(Some(format!("rustup target add {}", self.triple)));
        }
        let Some((compiler, install)) = self.compiler else { return Ok(None) };
        let runs = output(Command::new(compiler).arg("--version")).is_ok();
        Ok((!runs).then(|| format!("no {compiler}: {install}")))
    }

    fn check(&self, workspace: &Workspace) -> Result<()> {
        for crates in self.crates {
            let mut clippy = workspace.cargo(&["clippy", "--quiet", "--locked", "--target", self.triple]);
            run(clippy.args(*crates).args(["--", "-D", "warnings"]))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_checked_is_told_beside_what_was() {
        assert!(matches!(verdict(&["a", "b"], &[]), Verdict::Passed));
        let Verdict::Skipped(why) = verdict(&["a"], &["b (no c)".to_owned()]) else { panic!() };
        assert_eq!(why, "not checked for b (no c), but checked for a");
    }
}
