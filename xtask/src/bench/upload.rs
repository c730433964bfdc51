//! Uploads by the command, each to an emulator of its own, so that nothing is there already.

use std::fmt::{self, Write as _};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::process::{Cost, measure};
use crate::workspace::Result;

/// One way to upload.
#[derive(Clone, Copy)]
pub(super) struct Case {
    pub(super) transport: &'static str,
    pub(super) service: Service,
    pub(super) window: usize,
    pub(super) wire: Wire,
}

/// Where to, and with what of the profile.
#[derive(Clone, Copy)]
pub(super) struct Service {
    pub(super) protocol: &'static str,
    /// The profile's, where it is not the default.
    pub(super) integrity: Option<&'static str>,
}

/// What the connections are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    Plain,
    Tls,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { transport, service: Service { protocol, integrity }, window, wire } = self;
        let wire = if *wire == Wire::Tls { ", TLS" } else { "" };
        write!(f, "{transport}, {protocol}{wire}")?;
        integrity.map_or(Ok(()), |integrity| write!(f, ", {integrity}"))?;
        write!(f, ", window {window}")
    }
}

/// What is uploaded, and by which command.
pub(super) struct Uploads<'a> {
    pub(super) command: &'a Path,
    pub(super) room: &'a Path,
    pub(super) file: &'a Path,
}

impl Uploads<'_> {
    /// One upload of the file.
    pub(super) fn measure(&self, case: &Case) -> Result<Cost> {
        self.put(case, self.file)
    }

    /// The peak of a client that has no byte to send: it has read its configuration and sent one request.
    pub(super) fn idle(&self, transport: &'static str) -> Result<u64> {
        let empty = self.room.join("empty");
        fs::write(&empty, "").map_err(|error| format!("{}: {error}", empty.display()))?;
        let service = Service { protocol: "oss", integrity: None };
        let case = Case { transport, service, window: 1, wire: Wire::Plain };
        self.put(&case, &empty).map(|cost| cost.peak)
    }

    fn put(&self, case: &Case, file: &Path) -> Result<Cost> {
        let emulator = Emulator::start(self.command, self.room, case.wire)?;
        let (config, state) = (emulator.folder.join("config.toml"), emulator.state());
        fs::write(&config, emulator.profile(case)).map_err(|error| format!("{}: {error}", config.display()))?;
        let mut put = Command::new(self.command);
        put.arg("--config").arg(&config).arg("--state").arg(&state);
        put.args(["put", "--transport", case.transport, "--window", &case.window.to_string()])
            .arg(file)
            .arg("bench:/content");
        measure(&put)
    }
}

/// An emulator that keeps no byte, in a process of its own; gone with its folder when it is dropped.
pub(super) struct Emulator {
    process: Child,
    folder: PathBuf,
    ready: Value,
}

impl Emulator {
    pub(super) fn start(command: &Path, room: &Path, wire: Wire) -> Result<Self> {
        let folder = room.join("emulator");
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut emulator = Command::new(command);
        emulator
            .args(["emulator", "--listen", "127.0.0.1:0", "--null", "--config-out"])
            .arg(folder.join("profiles.toml"));
        if wire == Wire::Tls {
            emulator.args(["--tls", "--ca-out"]).arg(folder.join("ca.pem"));
        }
        let started = emulator.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let process = started.map_err(|error| format!("the emulator did not start: {error}"))?;
        let mut emulator = Self { process, folder, ready: Value::Null };
        let mut line = String::new();
        let stdout = emulator.process.stdout.take().ok_or("the emulator has no output")?;
        BufReader::new(stdout).read_line(&mut line).map_err(|error| error.to_string())?;
        emulator.ready = serde_json::from_str(&line).map_err(|error| format!("the emulator said {line:?}: {error}"))?;
        Ok(emulator)
    }

    /// Where it listens.
    pub(super) fn address(&self) -> Result<SocketAddr> {
        let endpoint = self.setting("oss", "endpoint");
        let address = endpoint.strip_prefix("http://").and_then(|address| address.parse().ok());
        address.ok_or_else(|| format!("the emulator does not say where it listens: {}", self.ready))
    }

    /// What a client of that service has to be told.
    pub(super) fn setting(&self, service: &str, key: &str) -> &str {
        self.ready[service][key].as_str().unwrap_or_default()
    }

    /// The certificate to trust, if it speaks TLS.
    pub(super) fn certificate(&self) -> Option<&str> {
        self.ready["s3"]["ca_file"].as_str()
    }

    /// Puts into the environment of another program where S3 and OSS are, and the keys.
    pub(super) fn tell(&self, command: &mut Command) {
        for (service, prefix) in [("s3", "S3"), ("oss", "OSS")] {
            let settings = [
                ("ENDPOINT", "endpoint"),
                ("BUCKET", "bucket"),
                ("REGION", "region"),
                ("KEY_ID", "access_key_id"),
                ("SECRET", "access_key_secret"),
            ];
            for (name, key) in settings {
                command.env(format!("{prefix}_{name}"), self.setting(service, key));
            }
        }
    }

    /// A configuration with a profile for each service, that reaches it by way of `link`.
    pub(super) fn config(&self, own: &str, link: &str) -> Result<PathBuf> {
        let file = self.folder.join("profiles.toml");
        let failed = |error: std::io::Error| format!("{}: {error}", file.display());
        let profiles = fs::read_to_string(&file).map_err(failed)?;
        fs::write(&file, profiles.replace(own, link)).map_err(failed)?;
        Ok(file)
    }

    /// rclone with a remote `emu` that is the emulator's S3, by way of `link`.
    pub(super) fn rclone(&self, rclone: &Path, link: &str) -> Command {
        let mut command = Command::new(rclone);
        let text = |key: &str| self.setting("s3", key).to_owned();
        let settings = [
            ("TYPE", "s3".to_owned()),
            ("PROVIDER", "Other".to_owned()),
            ("ACCESS_KEY_ID", text("access_key_id")),
            ("SECRET_ACCESS_KEY", text("access_key_secret")),
            ("REGION", text("region")),
            ("ENDPOINT", format!("http://{link}")),
            ("FORCE_PATH_STYLE", "true".to_owned()),
            ("NO_CHECK_BUCKET", "true".to_owned()),
        ];
        command.envs(settings.map(|(key, value)| (format!("RCLONE_CONFIG_EMU_{key}"), value)));
        command.env("RCLONE_CONFIG", self.folder.join("rclone.conf"));
        command
    }

    /// A state folder that is gone with the emulator.
    pub(super) fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    fn profile(&self, case: &Case) -> String {
        let Service { protocol, integrity } = case.service;
        let mut text = format!("[profiles.bench]\nprotocol = \"{protocol}\"\n");
        if let Some(integrity) = integrity {
            let _ = writeln!(text, "integrity = \"{integrity}\"");
        }
        for (key, value) in self.ready[protocol].as_object().into_iter().flatten() {
            let _ = writeln!(text, "{key} = {value}");
        }
        text
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("note: {} was left behind: {error}", self.folder.display());
        }
    }
}
