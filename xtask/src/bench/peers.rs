//! The same upload by programs and libraries of others: parts of 8 MiB, four at once, as far as they can be told.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use super::floor;
use super::process::{Cost, measure};
use super::server::Discard;
use super::upload::Emulator;
use crate::workspace::{Result, Workspace, run as run_command};

/// What is measured beside ours. Each is left out, and named, where it cannot be had.
pub(super) struct Peers {
    /// The libraries in Rust: the program in `peers/`.
    rust: Result<PathBuf>,
    /// A Python with the vendors' SDKs.
    python: Result<PathBuf>,
    rclone: Option<PathBuf>,
    scripts: PathBuf,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Peer {
    Curl,
    /// It signs in the query, which the emulator does not take: it sends to a server that throws everything away.
    RustyS3,
    Rust(&'static str),
    Python(&'static str),
    Rclone,
}

impl Peer {
    pub(super) const ALL: [Self; 7] = [
        Self::Curl,
        Self::RustyS3,
        Self::Rust("opendal"),
        Self::Rust("object_store"),
        Self::Rclone,
        Self::Python("oss2"),
        Self::Python("alibabacloud_oss_v2"),
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Curl => "curl -T, S3, one request",
            Self::RustyS3 => "rusty-s3 with ureq, to nothing",
            Self::Rust("opendal") => "opendal, S3",
            Self::Rust(_) => "object_store, S3",
            Self::Rclone => "rclone copyto, S3",
            Self::Python("oss2") => "oss2 (Python), OSS",
            Self::Python(_) => "alibabacloud-oss-v2 (Python), OSS",
        }
    }
}

impl Peers {
    pub(super) fn get(workspace: &Workspace, target: &Path) -> Self {
        let folder = workspace.root().join("peers");
        Self {
            rust: rust(workspace, target),
            python: python(&folder, &target.join("peers/python")),
            rclone: rclone(target),
            scripts: folder,
        }
    }

    /// One upload to an emulator of its own.
    pub(super) fn measure(&self, peer: Peer, emulator: &Emulator, file: &Path) -> Result<Cost> {
        let mut command = match peer {
            Peer::RustyS3 => return self.rusty_s3(file),
            Peer::Curl => curl(emulator, file),
            Peer::Rust(name) => {
                let mut command = Command::new(self.rust.as_ref()?);
                command.arg(name).arg(file);
                command
            }
            Peer::Python(name) => {
                let mut command = Command::new(self.python.as_ref()?);
                command.arg(self.scripts.join(format!("{name}_put.py"))).arg(file);
                command
            }
            Peer::Rclone => {
                let rclone = self.rclone.as_deref().ok_or("it is neither in PATH nor in target/foreign")?;
                let mut command = emulator.rclone(rclone, &emulator.address()?.to_string());
                command.args([
                    "copyto",
                    "--s3-chunk-size",
                    "8Mi",
                    "--s3-upload-cutoff",
                    "8Mi",
                    "--s3-disable-checksum",
                ]);
                command.args(["--s3-upload-concurrency", "4", "-q"]).arg(file).arg("emu:emubucket/content");
                command
            }
        };
        emulator.tell(&mut command);
        measure(&command)
    }

    fn rusty_s3(&self, file: &Path) -> Result<Cost> {
        let server = Discard::start()?;
        let mut command = Command::new(self.rust.as_ref()?);
        command.arg("rusty-s3").arg(file).env("S3_ENDPOINT", format!("http://{}", server.address()));
        command.envs(["S3_BUCKET", "S3_REGION", "S3_KEY_ID", "S3_SECRET"].map(|name| (name, "peer")));
        let cost = measure(&command)?;
        floor::arrived(&server, file).map(|()| cost)
    }
}

/// Signed by curl itself. The content is not hashed for it.
fn curl(emulator: &Emulator, file: &Path) -> Command {
    let s3 = |key| emulator.setting("s3", key);
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--fail", "--noproxy", "*", "--header", "Expect:"]);
    curl.args(["--header", "x-amz-content-sha256: UNSIGNED-PAYLOAD", "--aws-sigv4"]);
    curl.arg(format!("aws:amz:{}:s3", s3("region")));
    curl.arg("--user").arg(format!("{}:{}", s3("access_key_id"), s3("access_key_secret")));
    if let Some(ca) = emulator.certificate() {
        curl.arg("--cacert").arg(ca);
    }
    curl.arg("--upload-file").arg(file).arg(format!("{}/{}/content", s3("endpoint"), s3("bucket")));
    curl
}

fn rust(workspace: &Workspace, target: &Path) -> Result<PathBuf> {
    let folder = target.join("peers");
    let mut build = workspace.cargo(&["build", "--release", "--locked", "--manifest-path", "peers/Cargo.toml"]);
    run_command(build.arg("--target-dir").arg(&folder))?;
    Ok(folder.join("release/resumable-peers"))
}

fn python(folder: &Path, home: &Path) -> Result<PathBuf> {
    let (list, installed) = (folder.join("requirements.txt"), home.join("installed"));
    let wanted = fs::read(&list).map_err(|error| format!("{}: {error}", list.display()))?;
    if fs::read(&installed).ok().as_ref() != Some(&wanted) {
        run_command(Command::new("python3").args(["-m", "venv", "--clear"]).arg(home))?;
        let pip = ["install", "--quiet", "--disable-pip-version-check", "--requirement"];
        run_command(Command::new(home.join("bin/pip")).args(pip).arg(&list))?;
        fs::write(&installed, wanted).map_err(|error| format!("{}: {error}", installed.display()))?;
    }
    Ok(home.join("bin/python"))
}

/// rclone, where it is or where `.ci/run` installs it.
pub(super) fn rclone(target: &Path) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([target.join("foreign/bin")]);
    folders.map(|folder| folder.join("rclone")).find(|rclone| rclone.is_file())
}
