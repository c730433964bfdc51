//! A server that throws away what it is sent.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::workspace::Result;

/// What S3 says when an upload begins: nobody who asks for another thing reads it.
const ANSWER: &str = "<InitiateMultipartUploadResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Bucket>b</Bucket>\
                      <Key>k</Key><UploadId>1</UploadId></InitiateMultipartUploadResult>";

/// Answers every request with 200; ends with this process.
pub(crate) struct Discard {
    address: SocketAddr,
    received: Arc<AtomicU64>,
}

impl Discard {
    /// Starts it on a free loopback port.
    pub(crate) fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| format!("no loopback port: {error}"))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let received = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&received);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let count = Arc::clone(&count);
                thread::spawn(move || while one_request(&stream, &count).is_some() {});
            }
        });
        Ok(Self { address, received })
    }

    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// How many bytes came in bodies.
    pub(crate) fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }
}

fn one_request(mut stream: &TcpStream, received: &AtomicU64) -> Option<()> {
    let mut buffer = vec![0; 256 << 10];
    let mut filled = 0;
    let head = loop {
        match stream.read(&mut buffer[filled..]) {
            Ok(0) | Err(_) => return None,
            Ok(count) => filled += count,
        }
        if let Some(end) = buffer[..filled].windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let announced = content_length(&buffer[..head])?;
    let mut left = announced - (filled - head) as u64;
    while left > 0 {
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        left = left.checked_sub(count as u64)?;
    }
    received.fetch_add(announced, Ordering::Relaxed);
    let length = ANSWER.len();
    let answer = format!("HTTP/1.1 200 OK\r\netag: \"0\"\r\ncontent-length: {length}\r\n\r\n{ANSWER}");
    stream.write_all(answer.as_bytes()).ok()
}

fn content_length(head: &[u8]) -> Option<u64> {
    let head = std::str::from_utf8(head).ok()?.to_ascii_lowercase();
    head.lines().find_map(|line| line.strip_prefix("content-length:"))?.trim().parse().ok()
}
