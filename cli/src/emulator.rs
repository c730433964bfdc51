//! `resumable emulator`: the vendors' servers, offline.

use std::error::Error;
use std::fs;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;

use resumable::file::private;
use resumable_emulator::{Config, DiskStorage, Emulator, Listener, NullStorage, Plan, Tls};
use serde_json::Value;

use crate::exit::{Code, Problem};
use crate::interrupt::Interrupt;
use crate::say::warn;
use crate::{args, printable};

/// Serves until interrupted.
///
/// # Errors
/// When the address, the data folder or one of the files cannot be used.
pub(crate) fn run(args: &args::Emulator, interrupt: &Interrupt) -> Result<(), Problem> {
    let (config, tls) = (config(args)?, tls(args)?);
    if let Some(text) = open_to_anybody(args.listen, &config) {
        warn(&text);
    }
    let server = Server::open(args.listen, args.data.as_deref(), config, tls)?;
    if let Some(path) = &args.config_out {
        server.write_profiles(path)?;
    }
    let (stop, stopped) = channel::<()>();
    interrupt.arm(move || drop(stop));
    writeln!(io::stdout(), "{}", server.ready())
        .map_err(|error| Problem::new(Code::Other, format!("the ready line cannot be written: {error}")))?;
    // Ends when the other side is dropped.
    let _ = stopped.recv();
    Ok(())
}

/// What to say where other machines may reach the emulator, and its keys are known to everybody.
fn open_to_anybody(listen: SocketAddr, config: &Config) -> Option<String> {
    let services = config.with_public_keys();
    if listen.ip().to_canonical().is_loopback() || services.is_empty() {
        return None;
    }
    Some(format!(
        "anybody who can reach {listen} can fill this disk: the keys of {} are built in and public. Listen on 127.0.0.1, or \
         set keys of your own with --settings FILE.",
        services.join(", ")
    ))
}

/// What a server shows of itself, and where to write what its clients are to trust.
struct Identity {
    tls: Tls,
    ca_file: Option<PathBuf>,
}

fn tls(args: &args::Emulator) -> Result<Option<Identity>, Problem> {
    if !args.tls {
        return Ok(None);
    }
    if let (Some(cert), Some(key)) = (&args.cert, &args.key) {
        let tls = Tls::from_pem(read(cert)?.as_bytes(), read(key)?.as_bytes());
        let tls = tls.map_err(|error| Problem::new(Code::Usage, format!("TLS cannot be offered: {error}")))?;
        return Ok(Some(Identity { tls, ca_file: None }));
    }
    let beside_data = args.data.as_ref().map(|data| data.join("ca.pem"));
    let Some(ca_file) = args.ca_out.clone().or(beside_data) else {
        return Err(Problem::usage(
            "--null with --tls needs --ca-out FILE, where clients find the certificate to trust",
        ));
    };
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned(), args.listen.ip().to_string()];
    let tls = Tls::self_made(&names.each_ref().map(String::as_str))
        .map_err(|error| Problem::new(Code::Other, format!("no certificate can be made: {error}")))?;
    Ok(Some(Identity { tls, ca_file: Some(ca_file) }))
}

fn config(args: &args::Emulator) -> Result<Config, Problem> {
    let mut config = match &args.settings {
        None => Config::default(),
        Some(path) => serde_json::from_str(&read(path)?).map_err(|error| unusable(path, &error))?,
    };
    if args.clock_offset != 0 {
        config.clock_offset = args.clock_offset;
    }
    if let Some(path) = &args.settings {
        check_services(path, &config.services)?;
    }
    if let Some(path) = &args.faults {
        config.faults = Plan::from_json(&read(path)?).map_err(|error| unusable(path, &error))?;
        check_plan(path, &config)?;
    }
    Ok(config)
}

/// The settings name services that there are, and at least one.
fn check_services(path: &Path, names: &[String]) -> Result<(), Problem> {
    let known = Config::default().services;
    let wrong = |why: String| {
        let problem = Problem::usage(format!("{}: services: {why}", printable::path(path)));
        Err(problem.next(format!("There are {}.", known.join(", "))))
    };
    match names.iter().find(|name| !known.contains(name)) {
        Some(unknown) => wrong(format!("there is no service \"{}\"", printable::text(unknown))),
        None if names.is_empty() => wrong("none is offered".to_owned()),
        None => Ok(()),
    }
}

/// A rule that no request can meet is a mistake, and one of the settings if its service is not offered.
fn check_plan(path: &Path, config: &Config) -> Result<(), Problem> {
    let Some(at) = config.faults.rules.iter().position(|rule| !rule.can_strike(&config.services)) else {
        return Ok(());
    };
    let what = format!("{}: rules[{at}]: none of the services offered can show it", printable::path(path));
    Err(Problem::usage(what).next(format!("The settings offer {}.", config.services.join(", "))))
}

fn read(path: &Path) -> Result<String, Problem> {
    fs::read_to_string(path).map_err(|error| unusable(path, &error))
}

fn unusable(path: &Path, error: &dyn Error) -> Problem {
    Problem::new(Code::Usage, format!("{}: {error}", printable::path(path)))
}

/// An emulator on a socket.
pub(crate) struct Server {
    /// What it holds.
    pub(crate) emulator: Arc<Emulator>,
    listener: Listener,
    /// What its clients are to trust, where TLS is spoken.
    ca_file: Option<PathBuf>,
}

impl Server {
    /// Starts it, with its objects in a folder.
    ///
    /// # Errors
    /// When the address or the folder cannot be used.
    pub(crate) fn start(listen: SocketAddr, data: &Path, config: Config) -> Result<Self, Problem> {
        Self::open(listen, Some(data), config, None)
    }

    fn open(
        listen: SocketAddr,
        data: Option<&Path>,
        config: Config,
        identity: Option<Identity>,
    ) -> Result<Self, Problem> {
        let emulator = Arc::new(emulator(data, config)?);
        let bound = match &identity {
            None => Listener::bind(listen, Arc::clone(&emulator)),
            Some(identity) => Listener::bind_tls(listen, Arc::clone(&emulator), &identity.tls),
        };
        let listener =
            bound.map_err(|error| Problem::new(Code::Other, format!("cannot listen on {listen}: {error}")))?;
        let ca_file = identity.map(Identity::publish).transpose()?.flatten();
        Ok(Self { emulator, listener, ca_file })
    }

    /// How many connections are open.
    pub(crate) fn connections(&self) -> usize {
        self.listener.connections()
    }

    /// Where each service is, and who may sign there.
    pub(crate) fn ready(&self) -> Value {
        let mut ready = self.emulator.ready_line(&self.listener.base_url());
        if let Some(ca_file) = &self.ca_file {
            let services = ready.as_object_mut().into_iter().flatten();
            for facts in services.filter_map(|(_, facts)| facts.as_object_mut()) {
                facts.insert("ca_file".to_owned(), ca_file.to_string_lossy().into());
            }
        }
        ready
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

fn emulator(data: Option<&Path>, config: Config) -> Result<Emulator, Problem> {
    let Some(data) = data else {
        return Emulator::new(config, Box::new(NullStorage::new()))
            .map_err(|error| Problem::new(Code::Usage, format!("the emulator cannot start: {error}")));
    };
    let opened = DiskStorage::open(data).and_then(|storage| Emulator::new(config, Box::new(storage)));
    opened.map_err(|error| {
        Problem::new(Code::Other, format!("the data folder {} cannot be used: {error}", printable::path(data)))
    })
}

impl Identity {
    /// Writes what clients are to trust; the whole path of that file.
    fn publish(self) -> Result<Option<PathBuf>, Problem> {
        let (Some(path), Some(pem)) = (self.ca_file, self.tls.ca_pem()) else {
            return Ok(None);
        };
        let written = write_private(&path, pem).and_then(|()| std::path::absolute(&path));
        written.map(Some).map_err(|error| {
            Problem::new(Code::Other, format!("{} cannot be written: {error}", printable::path(&path)))
        })
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
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    private::replace(path, text.as_bytes())
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
