//! The async transport, for callers that wait.

use std::future::Future;
use std::io::{self, Read as _};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::{Response, request};
use resumable_core::{Body, Cause, Limits, SendError};
use resumable_transport::net::{Config, ConfigError};
use resumable_transport::{asynchronous, blocking};
use resumable_transport_reqwest::ReqwestTransport;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::sources::MemorySource;

/// How often somebody looks whether the request was cancelled.
const LOOK: Duration = Duration::from_millis(50);
/// Bodies are held in memory, so no part of a file may be one.
const LONGEST: u64 = 1 << 20;

/// What a future of the async client runs in where nobody has a runtime: this thread, while it waits.
pub struct Reactor(Option<Runtime>);

impl Reactor {
    /// Makes one.
    ///
    /// # Errors
    /// When the system lets no requests be waited for.
    pub fn start() -> io::Result<Self> {
        Builder::new_current_thread().enable_all().build().map(|runtime| Self(Some(runtime)))
    }

    /// Runs a future to its end. Panics on a thread of an async runtime.
    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.0.as_ref().expect("it is there until it is dropped").block_on(work)
    }
}

impl Drop for Reactor {
    /// Waits for nothing: a name that is still being looked up may take the system minutes.
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(Runtime::shutdown_background);
    }
}

/// Carries short requests, each in a runtime of its own.
pub(super) struct OnReactor(Config);

impl OnReactor {
    pub(super) fn new(config: Config) -> Result<Self, ConfigError> {
        // What is wrong with the settings is told now.
        ReqwestTransport::new(config.clone()).map(|_| Self(config))
    }
}

impl blocking::Transport for OnReactor {
    fn send(
        &self,
        head: request::Parts,
        body: &mut blocking::Outgoing<'_>,
        limits: &Limits,
    ) -> Result<Response<Bytes>, SendError> {
        if body.len() > LONGEST {
            return Err(SendError::Impossible(Cause::text("a body of this length is not held in memory")));
        }
        let cancel = body.cancel_flag();
        let mut bytes = Vec::new();
        body.read_to_end(&mut bytes).map_err(|error| SendError::NotSent(Cause(Box::new(error))))?;
        let not_begun = |error: Cause| SendError::NotSent(error);
        let transport = ReqwestTransport::new(self.0.clone()).map_err(|error| not_begun(Cause(Box::new(error))))?;
        let exchange = async {
            let body = Body::from(Bytes::from(bytes));
            let (body, _) =
                asynchronous::Outgoing::new(body, Arc::new(MemorySource::new(Bytes::new())), cancel.clone());
            let mut answer = asynchronous::Transport::send(&transport, head, body, limits);
            loop {
                match timeout(LOOK, &mut answer).await {
                    Ok(answer) => return answer,
                    Err(_) if cancel.is_set() => return Err(SendError::Unsure(Cause::text("cancelled"))),
                    Err(_) => {}
                }
            }
        };
        // A thread of its own: no runtime can be entered on one that is in a runtime already.
        thread::scope(|scope| {
            let reactor = Reactor::start().map_err(|error| not_begun(Cause(Box::new(error))))?;
            let exchange = scope.spawn(move || reactor.block_on(exchange));
            exchange.join().unwrap_or_else(|_| Err(SendError::Unsure(Cause::text("the request panicked"))))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::TcpListener;
    use std::sync::mpsc::channel;

    use resumable_transport::CancelFlag;
    use resumable_transport::blocking::{Outgoing, Transport as _};
    use resumable_transport::net::Proxy;

    use super::*;

    fn transport() -> OnReactor {
        let mut config = Config::default();
        config.proxy = Proxy::None;
        OnReactor::new(config).unwrap()
    }

    /// Sends this to a server of this machine.
    fn send(port: u16, body: Vec<u8>, cancel: &CancelFlag) -> Result<Response<Bytes>, SendError> {
        let (head, ()) = http::Request::post(format!("http://127.0.0.1:{port}/x")).body(()).unwrap().into_parts();
        let (body, nothing) = (Body::from(Bytes::from(body)), MemorySource::new(Bytes::new()));
        let limits = Limits { reply_bytes: 1024, reply_within: Duration::from_secs(30) };
        transport().send(head, &mut Outgoing::new(&body, &nothing, cancel.clone()), &limits)
    }

    #[test]
    fn a_request_is_carried_on_a_thread_of_a_runtime_too() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\nhello") {
                let mut byte = [0];
                connection.read_exact(&mut byte).unwrap();
                request.push(byte[0]);
            }
            connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap();
        });
        let outer = Reactor::start().unwrap();
        let answer = outer.block_on(async { send(port, b"hello".to_vec(), &CancelFlag::new()) });
        assert_eq!(answer.unwrap().body(), "ok");
        server.join().unwrap();
    }

    #[test]
    fn a_request_ends_when_it_is_cancelled() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let cancel = CancelFlag::new();
        let flag = cancel.clone();
        let server = thread::spawn(move || {
            let silent = listener.accept().unwrap();
            flag.cancel();
            silent
        });
        send(port, b"hello".to_vec(), &cancel).unwrap_err();
        server.join().unwrap();
    }

    #[test]
    fn what_is_too_long_for_memory_is_refused() {
        let long = vec![0; usize::try_from(LONGEST).unwrap() + 1];
        assert!(matches!(send(1, long, &CancelFlag::new()), Err(SendError::Impossible(_))));
    }

    #[test]
    fn a_reactor_that_goes_waits_for_no_look_up() {
        let reactor = Reactor::start().unwrap();
        let (begins, has_begun) = channel();
        let (answer, answered) = channel::<()>();
        let look_up = move || {
            begins.send(()).unwrap();
            let _ = answered.recv();
        };
        reactor.block_on(async { drop(tokio::task::spawn_blocking(look_up)) });
        has_begun.recv().unwrap();
        let (tell, told) = channel();
        thread::spawn(move || {
            drop(reactor);
            tell.send(()).unwrap();
        });
        told.recv_timeout(Duration::from_secs(30)).unwrap();
        drop(answer);
    }
}
