//! The emulator's process from outside: started, told what to do, watched, stopped and killed.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use socket2::{Domain, Socket, Type};

use super::emulator::{CHILD, DIE, TELL};
use super::identity::Identity;
use crate::workspace::Result;

/// What takes longer never comes.
const LONGEST: Duration = Duration::from_secs(30);
const LOOKED: Duration = Duration::from_micros(300);

/// An emulator at one address, with one data folder, in one process after the other.
pub(super) struct Server {
    address: SocketAddr,
    /// Keeps the port from others while no emulator is there.
    _held: Socket,
    data: PathBuf,
    tls: Option<Identity>,
    seen: Arc<Mutex<Seen>>,
    process: Process,
    /// How often it was killed.
    pub(super) deaths: u64,
}

/// What all of its processes told.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// What the processes before this one received.
    before: u64,
    now: u64,
    connections: u64,
    /// Each request that was answered, or whose answer is held back.
    pub(super) requests: Vec<Request>,
    is_ready: bool,
    plans: u64,
    /// How often it told all that it knew, because it was asked to.
    told: u64,
}

/// A line of the emulator's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) call: String,
    pub(super) status: u64,
    /// Bytes of the file that it added to what is stored.
    pub(super) stored: u64,
    /// The fault that holds it.
    pub(super) fault: Option<String>,
}

struct Process {
    child: Child,
    reader: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts it with this data folder, on a port of its own.
    pub(super) fn start(data: &Path, tls: Option<Identity>) -> Result<Self> {
        let failed = |error: std::io::Error| format!("no port for an emulator: {error}");
        let held = Socket::new(Domain::IPV4, Type::STREAM, None).map_err(failed)?;
        held.set_reuse_address(true).map_err(failed)?;
        held.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).map_err(failed)?;
        let address = held.local_addr().map_err(failed)?.as_socket().ok_or("the port has no address")?;
        let seen = Arc::default();
        let process = Process::start(data, address, tls.as_ref(), &seen)?;
        Ok(Self { address, _held: held, data: data.to_owned(), tls, seen, process, deaths: 0 })
    }

    /// Where it is.
    pub(super) fn endpoint(&self) -> String {
        format!("{}://{}", if self.tls.is_some() { "https" } else { "http" }, self.address)
    }

    /// What has happened so far.
    pub(super) fn seen(&self) -> MutexGuard<'_, Seen> {
        lock(&self.seen)
    }

    /// From now on, these faults and no others.
    pub(super) fn plan(&mut self, rules: &[Value]) -> Result<()> {
        let plans = self.seen().plans;
        self.process.order(&serde_json::json!({ "rules": rules }).to_string())?;
        self.until("the emulator takes its plan", |seen| seen.plans > plans)
    }

    /// Kills it; whoever is connected notices at once.
    pub(super) fn die(&mut self) -> Result<()> {
        self.process.order(DIE)?;
        self.process.end()?;
        self.deaths += 1;
        Ok(())
    }

    /// Starts another process with the same address and data.
    pub(super) fn come_back(&mut self) -> Result<()> {
        self.process = Process::start(&self.data, self.address, self.tls.as_ref(), &self.seen)?;
        Ok(())
    }

    /// Takes the processor away from it, or gives it back.
    pub(super) fn signal(&self, signal: Signal) -> Result<()> {
        signal_to(&self.process.child, signal)
    }

    /// Waits until all that was sent to it is told: nobody is connected, or nothing has come for so long.
    pub(super) fn settle(&mut self, quiet: Duration) -> Result<()> {
        let (mut last, mut since, begun) = (None, Instant::now(), Instant::now());
        while begun.elapsed() < LONGEST {
            let told = self.seen().told;
            self.process.order(TELL)?;
            self.until("the emulator tells what it knows", |seen| seen.told > told)?;
            let (connections, now) = {
                let seen = self.seen();
                (seen.connections, Some((seen.received(), seen.requests.len())))
            };
            if now != last {
                (last, since) = (now, Instant::now());
            }
            if connections == 0 || since.elapsed() >= quiet {
                break;
            }
            thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    fn until(&mut self, what: &str, happened: impl Fn(&Seen) -> bool) -> Result<()> {
        let begun = Instant::now();
        while !happened(&self.seen()) {
            if let Ok(Some(status)) = self.process.child.try_wait() {
                return Err(format!("the emulator ended by itself: {status}"));
            }
            if begun.elapsed() > LONGEST {
                return Err(format!("{what}: not within {LONGEST:?}"));
            }
            thread::sleep(LOOKED);
        }
        Ok(())
    }
}

impl Seen {
    /// Bytes of files that arrived.
    pub(super) fn received(&self) -> u64 {
        self.before + self.now
    }

    fn note(&mut self, told: &Value) {
        if let Some(received) = told["received"].as_u64() {
            self.now = received;
            self.connections = told["connections"].as_u64().unwrap_or_default();
        }
        if let Some(entry) = told["entry"].as_object() {
            let number = |name: &str| entry.get(name).and_then(Value::as_u64).unwrap_or_default();
            let fault = entry.get("fault").and_then(|fault| fault["fault"].as_str());
            self.requests.push(Request {
                call: entry.get("op").and_then(Value::as_str).unwrap_or_default().to_owned(),
                status: number("status"),
                stored: number("body_bytes"),
                fault: fault.map(str::to_owned),
            });
        }
        self.is_ready |= told["ready"] == true;
        self.plans += u64::from(told["planned"] == true);
        self.told += u64::from(told["told"] == true);
    }
}

impl Process {
    fn start(data: &Path, address: SocketAddr, tls: Option<&Identity>, seen: &Arc<Mutex<Seen>>) -> Result<Self> {
        let this = env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(this);
        command.arg(CHILD).arg(data).arg(address.to_string());
        if let Some(identity) = tls {
            command.arg(&identity.certificate).arg(&identity.key);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("the emulator did not start: {error}"))?;
        let stdout = child.stdout.take().ok_or("the emulator has no output")?;
        {
            let mut seen = lock(seen);
            (seen.before, seen.now, seen.is_ready) = (seen.received(), 0, false);
        }
        let reader = read(stdout, Arc::clone(seen));
        let mut process = Self { child, reader: Some(reader) };
        process.wait_until_ready(seen)?;
        Ok(process)
    }

    fn wait_until_ready(&mut self, seen: &Mutex<Seen>) -> Result<()> {
        let begun = Instant::now();
        while !lock(seen).is_ready {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("the emulator did not start: {status}"));
            }
            if begun.elapsed() > LONGEST {
                return Err(format!("the emulator is not ready after {LONGEST:?}"));
            }
            thread::sleep(LOOKED);
        }
        Ok(())
    }

    fn order(&mut self, line: &str) -> Result<()> {
        let stdin = self.child.stdin.as_mut().ok_or("the emulator has no input")?;
        writeln!(stdin, "{line}").map_err(|error| format!("the emulator takes no orders: {error}"))
    }

    /// Waits for its end, and until all that it told is noted.
    fn end(&mut self) -> Result<()> {
        self.child.wait().map_err(|error| error.to_string())?;
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a process a signal.
pub(super) fn signal_to(child: &Child, signal: Signal) -> Result<()> {
    let pid = i32::try_from(child.id()).map_err(|error| error.to_string())?;
    kill(Pid::from_raw(pid), signal).map_err(|error| format!("{signal}: {error}"))
}

fn read(stdout: ChildStdout, seen: Arc<Mutex<Seen>>) -> JoinHandle<()> {
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(std::io::Result::ok) {
            if let Ok(told) = serde_json::from_str(&line) {
                lock(&seen).note(&told);
            }
        }
    })
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_an_emulator_tells_is_added_to_what_the_ones_before_it_told() {
        let mut seen = Seen { before: 100, ..Seen::default() };
        seen.note(&json!({ "received": 20, "connections": 3 }));
        let entry =
            json!({ "op": "complete", "status": 200, "body_bytes": 0, "fault": { "fault": "delay", "millis": 5 } });
        seen.note(&json!({ "entry": entry }));
        seen.note(&json!({ "planned": true }));
        seen.note(&json!({ "told": true }));
        assert_eq!((seen.received(), seen.connections, seen.plans, seen.is_ready), (120, 3, 1, false));
        assert_eq!(seen.told, 1);
        let fault = Some("delay".to_owned());
        assert_eq!(seen.requests, [Request { call: "complete".to_owned(), status: 200, stored: 0, fault }]);
    }
}
