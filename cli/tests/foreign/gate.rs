//! Stands between the command and a server, reads along, and holds back a request that a test names.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

pub(crate) struct Gate {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The first line of each request that passed.
    passed: Vec<String>,
    /// How many parts may pass.
    parts: Option<usize>,
    holding: bool,
    /// Counts how often what was held was let go of.
    round: usize,
}

impl Gate {
    /// In front of this address. It ends with the process.
    pub(crate) fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let gate = Self { address: listener.local_addr().unwrap(), shared: Arc::default() };
        let shared = Arc::clone(&gate.shared);
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, shared) = (client.unwrap(), Arc::clone(&shared));
                thread::spawn(move || connect(client, server, &shared));
            }
        });
        gate
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets so many parts pass; the request for the next one goes no further.
    pub(crate) fn hold_after(&self, parts: usize) {
        self.shared.state.lock().unwrap().parts = Some(parts);
    }

    /// Waits until it holds one, but not for ever.
    pub(crate) fn comes_to_hold(&self) -> bool {
        let state = self.shared.state.lock().unwrap();
        let waited = self.shared.changed.wait_timeout_while(state, Duration::from_millis(100), |it| !it.holding);
        waited.unwrap().0.holding
    }

    /// From now on everything passes. What was held is lost.
    pub(crate) fn open(&self) {
        let mut state = self.shared.state.lock().unwrap();
        (state.parts, state.holding) = (None, false);
        state.round += 1;
        state.passed.clear();
        self.shared.changed.notify_all();
    }

    /// How many requests passed, since it was opened, whose first line has this.
    pub(crate) fn passed(&self, word: &str) -> usize {
        self.shared.state.lock().unwrap().passed.iter().filter(|line| line.contains(word)).count()
    }
}

impl Shared {
    /// Waits until this request may pass; `false` if it never may.
    fn lets_pass(&self, line: &str) -> bool {
        let mut state = self.state.lock().unwrap();
        let is_part = |line: &str| line.contains("partNumber=");
        if is_part(line) && state.parts.is_some_and(|it| state.passed.iter().filter(|it| is_part(it)).count() >= it) {
            let round = state.round;
            state.holding = true;
            self.changed.notify_all();
            drop(self.changed.wait_while(state, |it| it.round == round).unwrap());
            return false;
        }
        state.passed.push(line.to_owned());
        true
    }
}

fn connect(client: TcpStream, server: SocketAddr, shared: &Shared) {
    let Ok(server) = TcpStream::connect(server) else { return };
    let (mut replies, mut back) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    thread::spawn(move || {
        let _ = std::io::copy(&mut replies, &mut back);
        let _ = back.shutdown(Shutdown::Both);
    });
    let _ = requests(client, &server, shared);
    let _ = server.shutdown(Shutdown::Both);
}

/// Passes requests on, each head as a whole.
fn requests(mut client: TcpStream, mut server: &TcpStream, shared: &Shared) -> std::io::Result<()> {
    let (mut head, mut body, mut buffer) = (Vec::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = client.read(&mut buffer)?;
        let mut bytes = &buffer[..read];
        if bytes.is_empty() {
            return Ok(());
        }
        while !bytes.is_empty() {
            if body > 0 {
                let (now, rest) = bytes.split_at(bytes.len().min(body));
                server.write_all(now)?;
                (body, bytes) = (body - now.len(), rest);
                continue;
            }
            head.push(bytes[0]);
            bytes = &bytes[1..];
            if head.ends_with(b"\r\n\r\n") {
                let text = String::from_utf8_lossy(&head);
                if !shared.lets_pass(text.lines().next().unwrap_or_default()) {
                    return Ok(());
                }
                body = length(&text);
                server.write_all(&head)?;
                head.clear();
            }
        }
    }
}

/// What its header says.
fn length(head: &str) -> usize {
    let value = |line: &str| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
    };
    head.lines().find_map(value).unwrap_or(0)
}
