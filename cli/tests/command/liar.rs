//! A server that lies: the emulator, with answers that are changed on their way. It also sees every request.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use serde_json::Value;

use crate::kit::Home;

const LIES: u8 = 0;
const HONEST: u8 = 1;
const GONE: u8 = 2;

/// Stands between the command and the emulator; a home's profile leads through it.
pub(crate) struct Liar {
    address: SocketAddr,
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

type Lie = dyn Fn(&str, &mut Value) + Send + Sync;
type Twist = dyn Fn(&str, &mut [u8]) + Send + Sync;

/// What all connections share.
struct Desk {
    behind: SocketAddr,
    lie: Box<Lie>,
    twist: Box<Twist>,
    mood: AtomicU8,
    seen: Mutex<Vec<Request>>,
    slices: AtomicUsize,
    most: AtomicUsize,
}

/// A request that was seen.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The call's name.
    pub(crate) op: String,
    /// The head, and the form but for the file's content.
    pub(crate) text: String,
}

impl Request {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> String {
        let named = |line: &&str| line.split(':').next().is_some_and(|it| it.eq_ignore_ascii_case(name));
        let line = self.text.lines().find(named).unwrap_or_else(|| panic!("no {name} in {}", self.text));
        line[name.len() + 1..].trim().to_owned()
    }
}

impl Liar {
    /// Before this home's emulator. `lie` is shown each call's `op` and answer, and may change the answer; the home's
    /// configuration gets these lines.
    pub(crate) fn before(home: &Home, lines: &str, lie: impl Fn(&str, &mut Value) + Send + Sync + 'static) -> Self {
        Self::between(home, lines, Box::new(lie), Box::new(|_, _| {}))
    }

    /// The same, where not the answers are changed on their way but the bodies of the requests, in place.
    pub(crate) fn twists(home: &Home, lines: &str, twist: impl Fn(&str, &mut [u8]) + Send + Sync + 'static) -> Self {
        Self::between(home, lines, Box::new(|_, _| {}), Box::new(twist))
    }

    fn between(home: &Home, lines: &str, lie: Box<Lie>, twist: Box<Twist>) -> Self {
        let listener = TcpListener::bind((home.address().ip(), 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let desk = Arc::new(Desk {
            behind: home.address(),
            lie,
            twist,
            mood: AtomicU8::new(LIES),
            seen: Mutex::default(),
            slices: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        });
        let shared = Arc::clone(&desk);
        let thread = thread::spawn(move || {
            for connection in listener.incoming() {
                if shared.mood.load(Ordering::SeqCst) == GONE {
                    return;
                }
                let desk = Arc::clone(&shared);
                thread::spawn(move || connection.and_then(|client| desk.answer(client)));
            }
        });
        home.lead_to(address, lines);
        Self { address, desk, thread: Some(thread) }
    }

    /// A server that tells the truth, and sees every request.
    pub(crate) fn watches(home: &Home, lines: &str) -> Self {
        Self::before(home, lines, |_, _| {})
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on, requests and answers arrive as they were sent.
    pub(crate) fn repent(&self) {
        self.desk.mood.store(HONEST, Ordering::SeqCst);
    }

    /// The requests so far.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.desk.seen.lock().unwrap().clone()
    }

    /// How many slices were on their way at once, at most.
    pub(crate) fn most_at_once(&self) -> usize {
        self.desk.most.load(Ordering::SeqCst)
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        self.desk.mood.store(GONE, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Desk {
    /// One request, one answer, one connection each way.
    fn answer(&self, client: TcpStream) -> std::io::Result<()> {
        let mut client = BufReader::new(client);
        let mut message = read_message(&mut client)?;
        let request = message.request();
        if self.mood.load(Ordering::SeqCst) == LIES {
            (self.twist)(&request.op, &mut message.body);
        }
        self.seen.lock().unwrap().push(request.clone());
        let slice = usize::from(["upload_slice_data", "mpupload/upload"].contains(&&*request.op));
        self.most.fetch_max(self.slices.fetch_add(slice, Ordering::SeqCst) + slice, Ordering::SeqCst);
        let reply = self.ask(&message);
        self.slices.fetch_sub(slice, Ordering::SeqCst);
        let mut reply = reply?;
        if self.mood.load(Ordering::SeqCst) == LIES
            && let Ok(mut said) = serde_json::from_slice(&reply.body)
        {
            (self.lie)(&request.op, &mut said);
            reply.body = said.to_string().into_bytes();
        }
        let mut client = client.into_inner();
        let status = reply.head.lines().next().unwrap_or_default();
        write!(client, "{status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", reply.body.len())?;
        client.write_all(&reply.body)?;
        client.shutdown(Shutdown::Write)
    }

    fn ask(&self, message: &Message) -> std::io::Result<Message> {
        let mut server = TcpStream::connect(self.behind)?;
        server.write_all(message.head.replacen("\r\n", "\r\nConnection: close\r\n", 1).as_bytes())?;
        server.write_all(&message.body)?;
        read_message(&mut BufReader::new(server))
    }
}

/// A request or an answer.
struct Message {
    /// With the empty line at its end.
    head: String,
    body: Vec<u8>,
}

impl Message {
    fn request(&self) -> Request {
        let body = String::from_utf8_lossy(&self.body[..self.body.len().min(1 << 14)]);
        // Of a form, all but the file's content.
        let file = ["name=\"filecontent\"", "name=\"data\""].iter().find_map(|name| body.find(name));
        let end = file.and_then(|file| Some(file + body[file..].find("\r\n\r\n")?)).unwrap_or(body.len());
        let behind = String::from_utf8_lossy(&self.body[self.body.len().saturating_sub(1 << 11)..]);
        let boundary = body.split("\r\n").next().filter(|_| file.is_some());
        let fields = boundary.and_then(|boundary| behind.find(boundary)).map_or("", |at| &behind[at..]);
        let text = format!("{}{}\r\n{fields}", self.head, &body[..end]);
        let after = |mark: &str| text.split_once(mark).map(|(_, rest)| rest);
        let named = after("name=\"op\"\r\n\r\n").or_else(|| after("?op=")).or_else(|| after("\"op\":\""));
        let ends = |c: char| !c.is_ascii_alphanumeric() && c != '_';
        let op = match (named.and_then(|rest| rest.split(ends).next()), file) {
            // Two operations under one name.
            (Some("upload_slice"), Some(_)) => "upload_slice_data",
            (Some("upload_slice"), None) => "upload_slice_init",
            (Some(op), _) => op,
            // The operation is the path.
            (None, _) => after(" /file/").and_then(|rest| rest.split(' ').next()).unwrap_or_default(),
        };
        Request { op: op.to_owned(), text }
    }
}

fn read_message(from: &mut BufReader<TcpStream>) -> std::io::Result<Message> {
    let (mut head, mut len) = (String::new(), 0);
    loop {
        let begin = head.len();
        if from.read_line(&mut head)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let line = head[begin..].to_ascii_lowercase();
        if let Some(length) = line.strip_prefix("content-length:") {
            len = length.trim().parse().unwrap_or(0);
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; len];
    from.read_exact(&mut body)?;
    Ok(Message { head, body })
}
