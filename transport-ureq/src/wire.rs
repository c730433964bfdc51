//! A connection as ureq uses it: the buffers, and what happens while they are sent and filled.

use std::time::Instant;
use std::{fmt, io};

use resumable_transport::WireError;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use crate::early::{Begin, Early};
use crate::error::into_ureq;
use crate::socket::{Pulled, Socket};
use crate::watch::Watch;

/// How many bytes of a request are read from its source, and sent, at a time.
pub(crate) const OUTPUT: usize = 128 * 1024;

/// The longest head of a reply.
pub(crate) const INPUT: usize = 64 * 1024;

pub(crate) struct Wire {
    channel: Channel,
    output: Vec<u8>,
    /// What goes in front of the path in a request to a proxy: `http://host:port`.
    absolute: Option<String>,
}

/// What was sent is signed, and tokens come in what was received.
impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("socket", &self.channel.socket).finish_non_exhaustive()
    }
}

/// The socket, with what came in and was not used yet.
struct Channel {
    socket: Socket,
    input: Input,
    /// True once a request was not sent to its end: the connection is of no use to the next one.
    cut: bool,
}

impl Wire {
    pub(crate) fn new(socket: Socket, absolute: Option<String>) -> Self {
        let channel = Channel { socket, input: Input::new(), cut: false };
        Self { channel, output: vec![0; OUTPUT], absolute }
    }
}

impl Transport for Wire {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        let watch = Watch::current();
        let bytes = &self.output[..amount];
        match &self.absolute {
            Some(prefix) if watch.is_unsent() => self.channel.transmit(&absolute_form(bytes, prefix), &watch),
            _ => self.channel.transmit(bytes, &watch),
        }
        .map_err(into_ureq)
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        self.channel.await_input(&Watch::current()).map_err(into_ureq)
    }

    fn is_open(&mut self) -> bool {
        let quiet = matches!(self.channel.socket.glance(&mut [0]), Ok(Pulled::Nothing));
        quiet && !self.channel.cut && self.channel.input.unused().is_empty()
    }

    fn is_tls(&self) -> bool {
        self.channel.socket.is_tls()
    }
}

/// The head of a request as a proxy wants it: with the whole address in the first line.
fn absolute_form(head: &[u8], prefix: &str) -> Vec<u8> {
    let method = head.iter().position(|byte| *byte == b' ').map_or(0, |space| space + 1);
    [&head[..method], prefix.as_bytes(), &head[method..]].concat()
}

impl Channel {
    /// Sends all of `bytes`, or finds out that there is no use in it: then the watch says that the reply is due.
    fn transmit(&mut self, bytes: &[u8], watch: &Watch) -> Result<(), WireError> {
        self.look(watch);
        let mut at = 0;
        let mut moved = Instant::now();
        while (at < bytes.len() || self.socket.is_pending()) && !watch.is_replying() {
            watch.check()?;
            match self.socket.push(&bytes[at..]) {
                Ok(pushed) => {
                    at += pushed.taken;
                    if pushed.moved {
                        watch.sent();
                        moved = Instant::now();
                    } else {
                        self.look(watch);
                        self.check_stall(moved, watch)?;
                    }
                }
                Err(error) if watch.is_unsent() => return Err(WireError::Write(error)),
                // Often the server has answered before it closed, and the answer can still be read.
                Err(error) => self.cut(watch, Some(WireError::Write(error))),
            }
        }
        Ok(())
    }

    /// Takes what the server says while the request is sent. A reply that refuses the request ends the sending
    /// (RFC 9112, 9.5), and so does the end of the connection; one that accepts it is left for later.
    fn look(&mut self, watch: &Watch) {
        if watch.is_unsent() || watch.is_replying() {
            return;
        }
        // Not for as long as the server likes: it may never stop to say that it goes on.
        let mut looked = 0;
        while looked < INPUT && !self.input.is_full() {
            match self.socket.glance(self.input.free()) {
                Ok(Pulled::Bytes(count)) => {
                    looked += count;
                    self.received(count, watch);
                }
                Ok(Pulled::Nothing) => break,
                Ok(Pulled::End) => return self.cut(watch, Some(WireError::ClosedWhileSending)),
                Err(error) => return self.cut(watch, Some(WireError::Write(error))),
            }
        }
        if Early::of(self.input.unused()) == Early::Refusing {
            self.cut(watch, None);
        }
    }

    /// Takes received bytes. Interim replies are thrown away here: ureq refuses those that carry fields.
    fn received(&mut self, count: usize, watch: &Watch) {
        self.input.appended(count);
        while !watch.has_reply_begun() {
            match Begin::of(self.input.unused()) {
                Begin::Interim { len } => self.input.consume(len),
                Begin::Open => return,
                Begin::Final => watch.reply_begins(),
            }
        }
    }

    fn check_stall(&mut self, moved: Instant, watch: &Watch) -> Result<(), WireError> {
        if moved.elapsed() < watch.stall || watch.is_replying() {
            return Ok(());
        }
        let stalled = WireError::Stalled(watch.stall);
        if Early::of(self.input.unused()) == Early::Nothing {
            return Err(stalled);
        }
        self.cut(watch, Some(stalled));
        Ok(())
    }

    /// True between the first and the last byte of a reply, be it an interim one.
    fn is_in_reply(&self, watch: &Watch) -> bool {
        watch.has_reply_begun() || !self.input.unused().is_empty()
    }

    fn cut(&mut self, watch: &Watch, trouble: Option<WireError>) {
        self.cut = true;
        watch.cut(trouble);
    }

    fn await_input(&mut self, watch: &Watch) -> Result<bool, WireError> {
        let mut moved = Instant::now();
        loop {
            watch.check_reply()?;
            if self.input.is_full() {
                return Err(WireError::HeadTooLong(INPUT));
            }
            match self.socket.pull(self.input.free()) {
                Ok(Pulled::Bytes(count)) => {
                    self.received(count, watch);
                    if watch.has_reply_begun() {
                        return Ok(true);
                    }
                    moved = Instant::now();
                }
                Ok(Pulled::Nothing) if moved.elapsed() >= watch.stall && self.is_in_reply(watch) => {
                    return Err(WireError::Stalled(watch.stall));
                }
                Ok(Pulled::Nothing) => {}
                Ok(Pulled::End) => return Ok(false),
                // A server that closes with a part of the request unread resets the connection after its reply.
                Err(error) if self.cut && is_closed(&error) => return Ok(false),
                Err(error) => return Err(WireError::Read(error)),
            }
        }
    }
}

fn is_closed(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}

impl Buffers for Wire {
    fn output(&mut self) -> &mut [u8] {
        &mut self.output
    }

    fn input(&self) -> &[u8] {
        self.channel.input.unused()
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        self.channel.input.free()
    }

    fn input_appended(&mut self, amount: usize) {
        self.channel.input.appended(amount);
    }

    fn input_consume(&mut self, amount: usize) {
        self.channel.input.consume(amount);
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        (self.channel.input.free(), &mut self.output)
    }

    fn can_use_input(&self) -> bool {
        self.channel.input.is_fresh()
    }
}

/// Received bytes, used from the front and filled at the end.
struct Input {
    bytes: Vec<u8>,
    used: usize,
    filled: usize,
    /// False while the reader found no use for what is there: it needs more.
    fresh: bool,
}

impl Input {
    fn new() -> Self {
        Self { bytes: vec![0; INPUT], used: 0, filled: 0, fresh: false }
    }

    fn unused(&self) -> &[u8] {
        &self.bytes[self.used..self.filled]
    }

    fn is_fresh(&self) -> bool {
        self.fresh && !self.unused().is_empty()
    }

    fn is_full(&self) -> bool {
        self.filled - self.used == self.bytes.len()
    }

    fn free(&mut self) -> &mut [u8] {
        self.bytes.copy_within(self.used..self.filled, 0);
        self.filled -= self.used;
        self.used = 0;
        &mut self.bytes[self.filled..]
    }

    fn appended(&mut self, count: usize) {
        self.filled += count;
        self.fresh = true;
    }

    fn consume(&mut self, count: usize) {
        self.used += count;
        self.fresh = count > 0;
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use resumable_core::Limits;
    use resumable_transport::CancelFlag;

    use super::*;
    use crate::Config;

    /// What was sent is signed, and tokens come in what was received.
    #[test]
    fn field_bug_79_a_connection_does_not_show_what_went_through_it() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut wire = Wire::new(Socket::new(stream).unwrap(), None);
        wire.output[..6].copy_from_slice(b"canary");
        let shown = format!("{wire:?}");
        assert!(shown.len() < 1000 && !shown.contains("99, 97, 110"), "{} bytes: {shown:.200}", shown.len());
    }

    #[test]
    fn a_dead_connection_leaves_the_request_unsent() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let peer = listener.accept().unwrap().0;
        socket2::SockRef::from(&peer).set_linger(Some(std::time::Duration::ZERO)).unwrap();
        drop(peer);
        // Returns once the reset is here.
        stream.peek(&mut [0]).unwrap_err();
        let mut wire = Wire::new(Socket::new(stream).unwrap(), None);
        let watching = Watch::begin(&Config::default(), &Limits::default(), CancelFlag::new());
        assert!(matches!(wire.channel.transmit(b"PUT / HTTP/1.1\r\n", &watching.watch), Err(WireError::Write(_))));
        assert!(watching.watch.is_unsent());
        assert!(!wire.is_open());
    }

    #[test]
    fn a_proxy_is_given_the_whole_address() {
        let head = absolute_form(b"PUT /a?b HTTP/1.1\r\nhost: h\r\n\r\n", "http://h:81");
        assert_eq!(head, b"PUT http://h:81/a?b HTTP/1.1\r\nhost: h\r\n\r\n");
    }

    #[test]
    fn input_moves_up_when_it_is_used() {
        let mut input = Input::new();
        input.free()[..5].copy_from_slice(b"hello");
        input.appended(5);
        assert!(input.is_fresh());
        input.consume(0);
        assert!(!input.is_fresh());
        input.consume(2);
        assert_eq!(input.free().len(), INPUT - 3);
        assert_eq!(input.unused(), b"llo");
    }
}
