//! The emulator as a process of its own: what it is told on standard input, and what it tells on standard output.
//!
//! An order is a line: a plan of faults as JSON, which takes the place of the one before, `tell` or `die`. What is told is a
//! JSON object a line: `{"ready": true}` once requests are taken, `{"planned": true}` for each plan, what changed meanwhile,
//! and `{"told": true}` for each `tell`, behind all that had changed before it.

use std::fs;
use std::io::{self, BufRead as _, ErrorKind, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use resumable_emulator::{DiskStorage, Emulator, Listener, Plan, Tls};
use serde_json::{Value, json};

use super::vendor;
use crate::workspace::Result;

/// How this very program is asked to be an emulator.
pub(crate) const CHILD: &str = "kill-emulator";
/// The order to end as if the power were cut.
pub(super) const DIE: &str = "die";
/// The order to tell all that is known now.
pub(super) const TELL: &str = "tell";
/// How often it is looked whether there is something to tell.
const LOOKED: Duration = Duration::from_micros(300);
/// For so long the address may still be that of the emulator before.
const TAKEN: Duration = Duration::from_secs(5);

/// `kill-emulator DATA ADDRESS [CERTIFICATE KEY]`: serves until standard input ends, or it is told to die.
pub(crate) fn child(words: &[&str]) -> Result<()> {
    let [data, address, tls @ ..] = words else { return Err("a folder and an address are needed".to_owned()) };
    let address = address.parse().map_err(|_| format!("{address} is no address"))?;
    let storage = DiskStorage::open(data).map_err(|error| format!("{data}: {error}"))?;
    let emulator = Emulator::new(vendor::config(), Box::new(storage)).map_err(|error| format!("{data}: {error}"))?;
    let listener = listen(address, &Arc::new(emulator), tls)?;
    let orders = orders();
    let mut teller = Teller { emulator: listener.emulator(), listener: &listener, told: None, entries: 0 };
    say(&json!({ "ready": true }));
    loop {
        match orders.recv_timeout(LOOKED) {
            Ok(order) if order == DIE => teller.die(),
            Ok(order) if order == TELL => {
                teller.tell();
                say(&json!({ "told": true }));
            }
            Ok(order) => teller.plan(&order)?,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        teller.tell();
    }
}

/// The sockets of an emulator that died may outlive it for a moment.
fn listen(address: SocketAddr, emulator: &Arc<Emulator>, tls: &[&str]) -> Result<Listener> {
    let begun = Instant::now();
    let tls = match tls {
        [certificate, key] => {
            let read = |path| fs::read(path).map_err(|error| format!("{path}: {error}"));
            Some(Tls::from_pem(&read(certificate)?, &read(key)?).map_err(|error| error.to_string())?)
        }
        _ => None,
    };
    loop {
        let bound = match &tls {
            None => Listener::bind(address, Arc::clone(emulator)),
            Some(tls) => Listener::bind_tls(address, Arc::clone(emulator), tls),
        };
        match bound {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse && begun.elapsed() < TAKEN => {
                thread::sleep(Duration::from_millis(1));
            }
            Err(error) => return Err(format!("{address}: {error}")),
        }
    }
}

/// The lines of standard input; closed when it ends.
fn orders() -> Receiver<String> {
    let (send, receive) = channel();
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(io::Result::ok) {
            if send.send(line).is_err() {
                break;
            }
        }
    });
    receive
}

/// Tells what is new.
struct Teller<'a> {
    emulator: &'a Emulator,
    listener: &'a Listener,
    /// Bytes of files that arrived, and connections.
    told: Option<(u64, usize)>,
    entries: usize,
}

impl Teller<'_> {
    fn tell(&mut self) {
        // Who has gone by then has left its last line in the log.
        let connections = self.listener.connections();
        let totals = self.emulator.totals();
        if totals.requests > self.entries as u64 {
            let log = self.emulator.log();
            log[self.entries..].iter().for_each(|entry| say(&json!({ "entry": entry })));
            self.entries = log.len();
        }
        let now = (totals.received_file_bytes, connections);
        if self.told != Some(now) {
            say(&json!({ "received": now.0, "connections": now.1 }));
            self.told = Some(now);
        }
    }

    fn plan(&self, text: &str) -> Result<()> {
        let plan = Plan::from_json(text).map_err(|error| format!("{text}: {error}"))?;
        self.emulator.clear_faults();
        plan.rules.into_iter().for_each(|rule| self.emulator.inject(rule));
        say(&json!({ "planned": true }));
        Ok(())
    }

    /// Tells first what has arrived: nobody could ask for it afterwards.
    fn die(&mut self) {
        self.tell();
        let _ = kill(Pid::this(), Signal::SIGKILL);
    }
}

fn say(what: &Value) {
    // Who listened is gone, and standard input ends soon.
    let _ = writeln!(io::stdout(), "{what}");
}
