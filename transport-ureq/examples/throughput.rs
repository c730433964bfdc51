//! What sending costs: 1 GiB from memory to a server that throws it away, and the sending thread's cpu time (Linux).
//!
//! `cargo run --release -p resumable-transport-ureq --example throughput`

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Instant;

use http::Request;
use resumable_core::drive::blocking::{CancelFlag, Outgoing, Transport};
use resumable_core::{Body, Limits, Segment, Source, SourceError, SourceInfo};
use resumable_transport_ureq::{Config, Proxy, UreqTransport};

const PART: u64 = 8 << 20;
const PARTS: u64 = 128;

struct Zeros;

impl Source for Zeros {
    fn info(&self) -> Result<SourceInfo, SourceError> {
        Err(SourceError::Missing("info".to_owned()))
    }

    fn read_at(&self, _: u64, buffer: &mut [u8]) -> Result<usize, SourceError> {
        buffer.fill(0);
        Ok(buffer.len())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/discard", listener.local_addr()?);
    thread::spawn(move || discard(&listener));
    let mut config = Config::default();
    config.proxy = Proxy::None;
    let transport = UreqTransport::new(config)?;
    let mut body = Body::empty();
    body.push(Segment::Source(0..PART));
    let (started, cpu) = (Instant::now(), cpu_seconds());
    for _ in 0..PARTS {
        let (head, ()) = Request::put(&url).body(())?.into_parts();
        let mut outgoing = Outgoing::new(&body, &Zeros, CancelFlag::new(), Box::new(|_| ()));
        transport.send(head, &mut outgoing, &Limits::default())?;
    }
    println!("1 GiB in {:.3} s", started.elapsed().as_secs_f64());
    match cpu.zip(cpu_seconds()) {
        Some((before, after)) => println!("{:.3} cpu-s in the sending thread", after - before),
        None => println!("this system does not tell a thread's cpu time"),
    }
    Ok(())
}

fn discard(listener: &TcpListener) {
    for stream in listener.incoming().flatten() {
        while one_request(&stream).is_some() {}
    }
}

// Every request has a head that arrives in one piece and a body of one part.
fn one_request(mut stream: &TcpStream) -> Option<()> {
    let mut buffer = vec![0; 1 << 20];
    let first = stream.read(&mut buffer).ok()?;
    let head = buffer[..first].windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
    let mut left = PART - (first - head) as u64;
    while left > 0 {
        left = left.checked_sub(stream.read(&mut buffer).ok().filter(|count| *count > 0)? as u64)?;
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").ok()
}

fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: u32 = 1_000_000_000;
    Some(stat.split(' ').next()?.parse::<f64>().ok()? / f64::from(nanoseconds))
}
