//! `resumable emulator`: the vendors' servers, offline.

use std::error::Error;
use std::fs;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;

use resumable_emulator::{Config, DiskStorage, Emulator, Listener, Plan};
use serde_json::Value;

use crate::args;
use crate::exit::{Code, Problem};
use crate::interrupt::Interrupt;
use crate::printable;

/// Serves until interrupted.
///
/// # Errors
/// When the address, the data folder or the configuration file cannot be used.
pub(crate) fn run(args: &args::Emulator, interrupt: &Interrupt) -> Result<(), Problem> {
    let server = Server::start(args.listen, &args.data, config(args)?)?;
    if let Some(path) = &args.config_out {
        server.write_profiles(path)?;
    }
    let (stop, stopped) = channel::<()>();
    interrupt.arm(move || drop(stop));
    writeln!(io::stdout(), "{}", server.ready())
        .map_err(|error| Problem::new(Code::Other, format!("nobody reads that the emulator is ready: {error}")))?;
    // Ends when the other side is dropped.
    let _ = stopped.recv();
    Ok(())
}

fn config(args: &args::Emulator) -> Result<Config, Problem> {
    let mut config = match &args.settings {
        None => Config::default(),
        Some(path) => serde_json::from_str(&read(path)?).map_err(|error| unusable(path, &error))?,
    };
    if args.clock_offset != 0 {
        config.clock_offset = args.clock_offset;
    }
    if let Some(path) = &args.faults {
        config.faults = Plan::from_json(&read(path)?).map_err(|error| unusable(path, &error))?;
    }
    Ok(config)
}

fn read(path: &Path) -> Result<String, Problem> {
    fs::read_to_string(path).map_err(|error| unusable(path, &error))
}

fn unusable(path: &Path, error: &dyn Error) -> Problem {
    Problem::new(Code::Usage, format!("{}: {error}", printable::path(path)))
}

/// An emulator on a socket, with its objects in a folder.
pub(crate) struct Server {
    /// What it holds.
    pub(crate) emulator: Arc<Emulator>,
    listener: Listener,
}

impl Server {
    /// Starts it.
    ///
    /// # Errors
    /// When the address or the folder cannot be used.
    pub(crate) fn start(listen: SocketAddr, data: &Path, config: Config) -> Result<Self, Problem> {
        let opened = DiskStorage::open(data).and_then(|storage| Emulator::new(config, Box::new(storage)));
        let emulator = opened.map(Arc::new).map_err(|error| {
            Problem::new(Code::Other, format!("the data folder {} cannot be used: {error}", printable::path(data)))
        })?;
        let listener = Listener::bind(listen, Arc::clone(&emulator))
            .map_err(|error| Problem::new(Code::Other, format!("cannot listen on {listen}: {error}")))?;
        Ok(Self { emulator, listener })
    }

    /// Where each service is, and who may sign there.
    pub(crate) fn ready(&self) -> Value {
        self.emulator.ready_line(&self.listener.base_url())
    }

    /// Writes a configuration file with a profile for each service; complete or not at all, and for its owner's eyes.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn write_profiles(&self, path: &Path) -> Result<(), Problem> {
        write_private(path, &profiles(&self.ready()))
            .map_err(|error| Problem::new(Code::Other, format!("{} cannot be written: {error}", printable::path(path))))
    }
}

/// A configuration with one profile a service, named after it.
fn profiles(ready: &Value) -> String {
    use std::fmt::Write as _;
    let mut text = String::from("# Written by `resumable emulator`: keys that are good for the emulator alone.\n");
    for (service, facts) in ready.as_object().into_iter().flatten() {
        let _ = writeln!(text, "\n[profiles.emu-{service}]\nprotocol = {}", quoted(service));
        for (key, value) in facts.as_object().into_iter().flatten() {
            let _ = writeln!(text, "{key} = {}", quoted(value.as_str().unwrap_or_default()));
        }
    }
    text
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut aside = tempfile::Builder::new().prefix(".resumable-").tempfile_in(folder)?;
    aside.write_all(text.as_bytes())?;
    aside.as_file().sync_all()?;
    aside.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_service_has_a_profile() {
        let ready = json!({ "cos-v2": { "endpoint": "http://h", "secret_key": "a\"b" }, "oss": { "endpoint": "x" } });
        let parsed: toml::Table = toml::from_str(&profiles(&ready)).unwrap();
        let cos = &parsed["profiles"]["emu-cos-v2"];
        assert_eq!(cos["protocol"].as_str(), Some("cos-v2"));
        assert_eq!(cos["secret_key"].as_str(), Some("a\"b"));
        assert_eq!(parsed["profiles"]["emu-oss"]["endpoint"].as_str(), Some("x"));
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/config.toml");
        write_private(&path, "x").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
