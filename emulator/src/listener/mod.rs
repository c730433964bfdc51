//! The emulator on a socket.

mod answer;
mod socket;
#[cfg(feature = "tls")]
mod tls;

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::Arc;
use std::task::Poll;
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{CONNECTION, HeaderValue};
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, watch};

use self::answer::{Answer, Closed};
use self::socket::{Socket, SocketControl};
#[cfg(feature = "tls")]
pub use self::tls::Tls;
use crate::config::{Config, Connections};
use crate::emulator::Emulator;
use crate::exchange::Exchange;
use crate::reply::{Delivery, Reply};
use crate::storage::MemoryStorage;

/// Longest head of a request.
const HEAD: usize = 64 * 1024;
/// How long a client that was answered early may go on sending before the connection is closed.
const LINGER: Duration = Duration::from_secs(30);

/// Serves an emulator over HTTP/1.1 from threads of its own, until it is dropped.
#[derive(Debug)]
pub struct Listener {
    address: SocketAddr,
    scheme: &'static str,
    emulator: Arc<Emulator>,
    stop: watch::Sender<bool>,
    open: Open,
    thread: Option<JoinHandle<()>>,
}

impl Listener {
    /// Starts an emulator with this configuration on a free loopback port. It keeps what it is sent in memory.
    ///
    /// ```
    /// use resumable_emulator::{Config, Fault, Listener, Rule};
    ///
    /// let server = Listener::start(Config::default())?;
    /// server.emulator().inject(Rule::once("upload_part", Fault::DropReply));
    /// assert!(server.base_url().starts_with("http://127.0.0.1:"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// The configuration names something that cannot be (see [`Emulator::new`]), no port is free, or the thread cannot start.
    pub fn start(config: Config) -> io::Result<Listener> {
        let emulator = Emulator::new(config, Box::new(MemoryStorage::new()))?;
        Listener::bind((Ipv4Addr::LOCALHOST, 0), Arc::new(emulator))
    }

    /// Starts to listen. Port 0 takes a free one.
    ///
    /// # Errors
    /// The address cannot be bound, or the thread cannot start.
    pub fn bind(address: impl ToSocketAddrs, emulator: Arc<Emulator>) -> io::Result<Listener> {
        Listener::from_std(TcpListener::bind(address)?, emulator)
    }

    /// The same on a socket that listens already: one that was handed over, or that is kept between one emulator and the
    /// next.
    ///
    /// # Errors
    /// The socket cannot be used, or the thread cannot start.
    pub fn from_std(socket: TcpListener, emulator: Arc<Emulator>) -> io::Result<Listener> {
        Listener::serve(socket, "http", Door { emulator, wrap: Wrap::Plain })
    }

    /// The same with TLS 1.2 and 1.3.
    ///
    /// # Errors
    /// The address cannot be bound, or the thread cannot start.
    #[cfg(feature = "tls")]
    pub fn bind_tls(address: impl ToSocketAddrs, emulator: Arc<Emulator>, tls: &Tls) -> io::Result<Listener> {
        Listener::serve(TcpListener::bind(address)?, "https", Door { emulator, wrap: Wrap::Tls(tls.clone()) })
    }

    fn serve(socket: TcpListener, scheme: &'static str, door: Door) -> io::Result<Listener> {
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        let emulator = Arc::clone(&door.emulator);
        let (stop, stopped) = watch::channel(false);
        let runtime = runtime()?;
        let open = Open::default();
        let counted = open.clone();
        let thread = thread::Builder::new()
            .name("emulator".to_owned())
            .spawn(move || runtime.block_on(listen(socket, door, counted, stopped)))?;
        Ok(Listener { address, scheme, emulator, stop, open, thread: Some(thread) })
    }

    /// The emulator that it serves: to plan faults, and to look at what has arrived.
    pub fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// `http://` or `https://`, and the address.
    pub fn base_url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// How many connections are open: once it is none after a client has ended, all that the client sent has arrived.
    pub fn connections(&self) -> usize {
        // The listener's own, and the one that it counts with.
        Arc::strong_count(&self.open).saturating_sub(2)
    }

    /// Closes every connection and stops. Dropping does the same.
    pub fn shutdown(mut self) {
        self.stop_and_wait();
    }

    fn stop_and_wait(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop_and_wait();
    }
}

/// So many threads as the machine has processors, within reason: hashing and the disk are no business of the others'.
fn runtime() -> io::Result<tokio::runtime::Runtime> {
    let threads = thread::available_parallelism().map_or(2, |threads| threads.get().clamp(2, 8));
    tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_io().enable_time().build()
}

/// Held by whoever has to do with connections: one by each of them.
type Open = Arc<()>;

async fn listen(socket: TcpListener, door: Door, open: Open, mut stopped: watch::Receiver<bool>) {
    let Ok(socket) = tokio::net::TcpListener::from_std(socket) else {
        return;
    };
    let places = Arc::new(Semaphore::new(door.limits().max.clamp(1, Semaphore::MAX_PERMITS)));
    let accept = async {
        loop {
            // Who comes while all places are taken waits in the system's queue.
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { std::future::pending().await };
            match socket.accept().await {
                Ok((stream, _)) => {
                    let _ = stream.set_nodelay(true);
                    let (door, held) = (door.clone(), (Arc::clone(&open), place));
                    tokio::spawn(async move {
                        connection(stream, door).await;
                        drop(held);
                    });
                }
                // Out of file descriptors, most likely: they come back when a connection ends.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    let stop = async {
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    race(accept, stop).await;
}

/// Runs `work` until `stop` is done.
async fn race(work: impl Future<Output = Infallible>, stop: impl Future<Output = ()>) {
    let mut work = std::pin::pin!(work);
    let mut stop = std::pin::pin!(stop);
    std::future::poll_fn(|cx| {
        if stop.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        match work.as_mut().poll(cx) {
            Poll::Ready(never) => match never {},
            Poll::Pending => Poll::Pending,
        }
    })
    .await;
}

/// What is behind the address, and how one gets in.
#[derive(Clone)]
struct Door {
    emulator: Arc<Emulator>,
    wrap: Wrap,
}

impl Door {
    fn limits(&self) -> &Connections {
        &self.emulator.config().connections
    }
}

#[derive(Clone)]
enum Wrap {
    Plain,
    #[cfg(feature = "tls")]
    Tls(Tls),
}

async fn connection(stream: tokio::net::TcpStream, door: Door) {
    let control = SocketControl::default();
    let socket = Socket::new(stream, control.clone(), Duration::from_millis(door.limits().send_timeout_ms));
    match door.wrap {
        Wrap::Plain => talk(socket, door.emulator, control).await,
        #[cfg(feature = "tls")]
        Wrap::Tls(tls) => {
            let patience = Duration::from_millis(door.emulator.config().connections.header_timeout_ms);
            let handshake = tokio::time::timeout(patience, tls.acceptor.accept(socket)).await;
            // An error is a client that does not trust us, or speaks something else.
            if let Ok(Ok(stream)) = handshake {
                talk(stream, door.emulator, control).await;
            }
        }
    }
}

async fn talk(stream: impl AsyncRead + AsyncWrite + Unpin, emulator: Arc<Emulator>, control: SocketControl) {
    let service = service_fn(|request| serve(Arc::clone(&emulator), control.clone(), request));
    // An error is a client that went away, or a fault that was asked for.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(emulator.config().connections.header_timeout_ms))
        .max_buf_size(HEAD)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn serve(
    emulator: Arc<Emulator>,
    control: SocketControl,
    request: Request<Incoming>,
) -> Result<Response<Answer>, Closed> {
    control.recover();
    let (head, mut body) = request.into_parts();
    let mut exchange = emulator.begin(clock(), head);
    let patience = Duration::from_millis(emulator.config().connections.body_timeout_ms);
    let is_read = receive(&mut exchange, &mut body, patience).await? || body.is_end_stream();
    let reply = exchange.end(clock());
    tokio::time::sleep(reply.delay).await;
    let mut response = answer(reply, &control).await?;
    if !is_read {
        control.linger(LINGER);
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    Ok(response)
}

/// Feeds the body as fast as it arrives, one frame at a time, and says whether that was all of it. One that stands still is
/// a connection that broke.
async fn receive(exchange: &mut Exchange, body: &mut Incoming, patience: Duration) -> Result<bool, Closed> {
    while !exchange.is_decided() {
        match tokio::time::timeout(patience, body.frame()).await {
            Ok(None) => return Ok(true),
            Ok(Some(Ok(frame))) => {
                if let Ok(bytes) = frame.into_data() {
                    exchange.feed(&bytes);
                }
            }
            Ok(Some(Err(_))) | Err(_) => return Err(Closed),
        }
    }
    Ok(false)
}

fn clock() -> Duration {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or(Duration::ZERO)
}

async fn answer(reply: Reply, control: &SocketControl) -> Result<Response<Answer>, Closed> {
    let cut = match reply.delivery {
        Delivery::Send => None,
        Delivery::Cut(kept) => Some(kept),
        Delivery::Trickle(pause) => {
            control.trickle(pause);
            None
        }
        Delivery::Blanks { from, count, pause } => {
            return Ok(reply.response.map(|body| Answer::slow(body, from, count, pause)));
        }
        Delivery::Drop => return Err(Closed),
        Delivery::Reset => {
            control.reset();
            return Err(Closed);
        }
        // Ends when the client gives up, or the listener.
        Delivery::Stall => std::future::pending().await,
    };
    Ok(reply.response.map(|body| Answer::new(body, cut)))
}
