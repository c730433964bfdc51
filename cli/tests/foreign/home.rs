//! The command, and a home with a profile that leads to a server through a gate.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::gate::Gate;
use crate::server::{Kind, Server};

/// What takes longer has hung.
const LONGEST: Duration = Duration::from_secs(120);

pub(crate) struct Home {
    folder: TempDir,
    pub(crate) server: &'static Server,
    pub(crate) gate: Gate,
    /// The server's shortest part.
    pub(crate) part: u64,
    transport: &'static str,
}

/// Makes a test of each of these functions for each server over each transport.
macro_rules! with_each_server {
    ($($test:ident),+ $(,)?) => {
        with_each_server!(@ moto Moto, $($test)+);
        with_each_server!(@ rclone Rclone, $($test)+);
        with_each_server!(@ swift Swift, $($test)+);
    };
    (@ $module:ident $kind:ident, $($test:ident)+) => {
        mod $module {
            mod ureq { $(#[test] fn $test() { crate::home::Home::with(crate::server::Kind::$kind, "ureq", super::super::$test); })+ }
            mod reqwest { $(#[test] fn $test() { crate::home::Home::with(crate::server::Kind::$kind, "reqwest", super::super::$test); })+ }
        }
    };
}

pub(crate) use with_each_server;

impl Home {
    /// Does this in a new home, where there is such a server.
    pub(crate) fn with(kind: Kind, transport: &'static str, test: fn(&Self)) {
        let Some(server) = kind.server() else { return };
        let address = server.ready("endpoint").strip_prefix("http://").unwrap().parse().unwrap();
        let gate = Gate::before(address);
        // rclone has none.
        let part = if kind == Kind::Rclone { 100 << 10 } else { 5 << 20 };
        let home = Self { folder: tempfile::tempdir().unwrap(), server, gate, part, transport };
        home.configure("");
        test(&home);
    }

    /// Writes the profile `there`, with these lines added.
    pub(crate) fn configure(&self, lines: &str) {
        let of = |name: &str| format!("{name} = '{}'\n", self.server.ready(name));
        let account: String = ["bucket", "region", "access_key_id", "access_key_secret"].map(of).concat();
        self.configure_as(&account, lines);
    }

    /// The same, with this account.
    pub(crate) fn configure_as(&self, account: &str, lines: &str) {
        let (endpoint, part, transport) = (self.gate.address(), self.part, self.transport);
        let preset = if self.server.kind == Kind::Swift { "swift" } else { "other" };
        let profile = format!(
            "[profiles.there]\nprotocol = 's3'\nendpoint = 'http://{endpoint}'\n{account}preset = '{preset}'\n\
             addressing = 'path'\npart_min = {part}\npart_size = {part}\none_request_max = {part}\n\
             transport = '{transport}'\n{lines}\n"
        );
        let path = self.folder.path().join("config/resumable/config.toml");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, profile).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// A key that no other test has.
    pub(crate) fn key(&self, name: &str) -> String {
        format!("{}/{name}", self.folder.path().file_name().unwrap().to_str().unwrap())
    }

    /// Makes a file of random bytes.
    pub(crate) fn file(&self, name: &str, len: u64) -> PathBuf {
        let mut bytes = vec![0; usize::try_from(len).unwrap()];
        fastrand::Rng::with_seed(len).fill(&mut bytes);
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Leaves an upload that was killed when the server had so many of its parts, and returns its key here.
    pub(crate) fn break_off(&self, file: &Path, key: &str, parts: usize) -> String {
        self.gate.hold_after(parts);
        // A part at a time: the others have arrived when the last one is held.
        let mut command = self.command(&["put", file.to_str().unwrap(), &format!("there:{key}"), "--window", "1"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let begun = Instant::now();
        while !self.gate.comes_to_hold() {
            let is_over = child.try_wait().unwrap().is_some() || begun.elapsed() > LONGEST;
            assert!(!is_over, "{:?}", child.wait_with_output());
        }
        child.kill().unwrap();
        child.wait().unwrap();
        self.gate.open();
        assert_eq!(self.server.tells("uploads", &[key]), serde_json::json!([[key, parts]]));
        let state = fs::read_dir(self.folder.path().join("state/resumable")).unwrap();
        let mut names = state.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.find_map(|name| name.strip_suffix(".json").map(str::to_owned)).unwrap()
    }

    /// Runs `put FILE there:KEY`.
    pub(crate) fn put(&self, file: &Path, key: &str, options: &[&str]) -> Ran {
        let destination = format!("there:{key}");
        self.run(&[&["put", file.to_str().unwrap(), &destination], options].concat())
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran(self.command(arguments).output().unwrap())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_resumable"));
        for (variable, _) in std::env::vars_os() {
            let name = variable.to_string_lossy();
            if name.starts_with("RESUMABLE_") || name.starts_with("AWS_") {
                command.env_remove(variable);
            }
        }
        let folder = |name: &str| self.folder.path().join(name);
        command
            .env("HOME", folder("home"))
            .env("XDG_CONFIG_HOME", folder("config"))
            .env("XDG_STATE_HOME", folder("state"));
        command.env("RESUMABLE_TEST_CLOCK_RATE", "20");
        command.args(arguments).stdin(Stdio::null());
        command
    }

    /// Whether the server's object is the file.
    pub(crate) fn holds(&self, key: &str, file: &Path) -> bool {
        self.server.ask("read", &[key]) == fs::read(file).unwrap()
    }

    /// The keys of objects and of uploads that begin so.
    pub(crate) fn there(&self, prefix: &str) -> (Value, Value) {
        (self.server.tells("keys", &[prefix]), self.server.tells("uploads", &[prefix]))
    }
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ran(Output);

impl Ran {
    /// Panics, showing everything, unless it ended with this code.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.0.status.code(), Some(code), "{}\n{}", self.out(), self.err());
        self
    }

    /// Panics, showing everything, unless stderr has this.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.err().contains(words), "no {words:?} in {}", self.err());
        self
    }

    pub(crate) fn out(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    pub(crate) fn err(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }
}
