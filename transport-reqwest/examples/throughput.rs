//! What sending costs: 1 GiB from memory, in parts of 8 MiB, to a server that throws it away; the cpu time of the whole
//! client process, with this transport and with the blocking one. The server is a process of its own.
//!
//! `cargo run --release -p resumable-transport-reqwest --example throughput`

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{env, thread};

use http::Request;
use resumable_core::{Body, Limits, Segment, SourceInfo};
use resumable_transport::{CancelFlag, Source, SourceError, asynchronous, blocking};
use resumable_transport_reqwest::{Config, Proxy, ReqwestTransport};
use resumable_transport_ureq::UreqTransport;
use tokio::runtime::Runtime;

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

fn main() -> Result<(), Box<dyn Error>> {
    if env::args().nth(1).as_deref() == Some("server") {
        return discard();
    }
    let (mut server, url) = server()?;
    for _ in 0..3 {
        let ureq = measure("ureq", || with_ureq(&url))?;
        let reqwest = measure("reqwest", || with_reqwest(&url))?;
        if let Some((ureq, reqwest)) = ureq.zip(reqwest) {
            println!("cpu-s: ureq {ureq:.3}, reqwest {reqwest:.3}, ratio {:.2}", reqwest / ureq);
        }
    }
    server.kill()?;
    Ok(())
}

/// The cpu seconds that it took, if the system tells.
fn measure(name: &str, send: impl FnOnce() -> Result<(), Box<dyn Error>>) -> Result<Option<f64>, Box<dyn Error>> {
    let (started, before) = (Instant::now(), cpu_time());
    send()?;
    println!("{name}: 1 GiB in {:.3} s", started.elapsed().as_secs_f64());
    Ok(before.zip(cpu_time()).map(|(before, after)| after.saturating_sub(before).as_secs_f64()))
}

fn with_ureq(url: &str) -> Result<(), Box<dyn Error>> {
    let transport = UreqTransport::new(direct())?;
    for _ in 0..PARTS {
        let (head, body) = part(url);
        let mut body = blocking::Outgoing::new(&body, &Zeros, CancelFlag::new());
        blocking::Transport::send(&transport, head, &mut body, &Limits::default())?;
    }
    Ok(())
}

fn with_reqwest(url: &str) -> Result<(), Box<dyn Error>> {
    let transport = ReqwestTransport::new(direct())?;
    Runtime::new()?.block_on(async {
        for _ in 0..PARTS {
            let (head, body) = part(url);
            let (body, _) = asynchronous::Outgoing::new(body, Arc::new(Zeros), CancelFlag::new());
            asynchronous::Transport::send(&transport, head, body, &Limits::default()).await?;
        }
        Ok(())
    })
}

fn direct() -> Config {
    let mut config = Config::default();
    config.proxy = Proxy::None;
    config
}

fn part(url: &str) -> (http::request::Parts, Body) {
    let request = Request::put(url).body(()).expect("it is an address");
    let mut body = Body::empty();
    body.push(Segment::Source(0..PART));
    (request.into_parts().0, body)
}

#[cfg(unix)]
fn cpu_time() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Some(Duration::new(time.tv_sec.try_into().ok()?, time.tv_nsec.try_into().ok()?))
}

#[cfg(not(unix))]
fn cpu_time() -> Option<Duration> {
    None
}

fn server() -> Result<(Child, String), Box<dyn Error>> {
    let mut server = Command::new(env::current_exe()?).arg("server").stdout(Stdio::piped()).spawn()?;
    let mut place = String::new();
    BufReader::new(server.stdout.take().ok_or("no output")?).read_line(&mut place)?;
    Ok((server, format!("http://{}/discard", place.trim())))
}

fn discard() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    for stream in listener.incoming() {
        let stream = stream?;
        thread::spawn(move || while one_request(&stream).is_some() {});
    }
    Ok(())
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
