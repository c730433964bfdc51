//! Replies of HTTP/1, as they come over a connection.

use std::io::{BufRead, BufReader, Read};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{Method, Response, StatusCode, Version, response};
use httparse::{EMPTY_HEADER, Status, parse_chunk_size};
use resumable_core::Limits;

use crate::error::WireError;
use crate::reply::{Reply, is_chunked};

/// Reads the reply to a request of this method from the connection that it was sent over; interim replies are skipped.
///
/// For a transport without an HTTP client, that uses a connection for one request. The stream's own time limit is how
/// long nothing may come in.
///
/// # Errors
/// When the reply is cut, longer than [`Limits::reply_bytes`], or not HTTP/1.
pub fn read_reply(stream: impl Read, method: &Method, limits: &Limits) -> Result<Response<Bytes>, WireError> {
    // Framing is no endless thing either.
    let mut input = BufReader::new(stream.take(limits.reply_bytes.saturating_add(64 << 10)));
    let head = loop {
        let head = parse_head(&lines(&mut input)?)?;
        if head.status == StatusCode::SWITCHING_PROTOCOLS {
            return Err(WireError::Garbage("it switches to a protocol that nobody asked for (HTTP 101)".to_owned()));
        }
        if !head.status.is_informational() {
            break head;
        }
    };
    let mut reply = Reply::new(limits);
    let chunked = head.headers.get(TRANSFER_ENCODING).is_some_and(is_chunked);
    if method == Method::HEAD || matches!(head.status.as_u16(), 204 | 304) {
        return reply.finish(head);
    }
    if chunked {
        chunks(&mut input, &mut reply)?;
    } else {
        bytes(&mut input, length(&head)?, &mut reply)?;
    }
    reply.finish(head)
}

fn chunks(input: &mut impl BufRead, reply: &mut Reply) -> Result<(), WireError> {
    loop {
        let size = line(input)?;
        match parse_chunk_size(&size) {
            // httparse takes no digit at all for 0.
            _ if !size[0].is_ascii_hexdigit() => return Err(WireError::Garbage("a chunk has no size".to_owned())),
            Ok(Status::Complete((_, 0))) => return lines(input).map(drop),
            Ok(Status::Complete((_, len))) => bytes(input, Some(len), reply)?,
            _ => return Err(WireError::Garbage("a chunk has no size".to_owned())),
        }
        if line(input)? != b"\r\n" {
            return Err(WireError::Garbage("a chunk is longer than its size".to_owned()));
        }
    }
}

/// All lines up to an empty one. As with httparse, a line may end without a carriage return.
fn lines(input: &mut impl BufRead) -> Result<Vec<u8>, WireError> {
    let mut all = Vec::new();
    loop {
        let next = line(input)?;
        all.extend_from_slice(&next);
        if next == b"\r\n" || next == b"\n" {
            return Ok(all);
        }
    }
}

fn line(input: &mut impl BufRead) -> Result<Vec<u8>, WireError> {
    let mut line = Vec::new();
    input.read_until(b'\n', &mut line).map_err(WireError::Read)?;
    if line.ends_with(b"\n") { Ok(line) } else { Err(WireError::ReplyCut) }
}

fn parse_head(lines: &[u8]) -> Result<response::Parts, WireError> {
    let garbage = |why: &dyn ToString| WireError::Garbage(why.to_string());
    let mut fields = [EMPTY_HEADER; 128];
    let mut head = httparse::Response::new(&mut fields);
    head.parse(lines).map_err(|why| garbage(&why))?;
    let version = if head.version == Some(0) { Version::HTTP_10 } else { Version::HTTP_11 };
    let mut reply = Response::builder().status(head.code.unwrap_or_default()).version(version);
    for field in head.headers {
        reply = reply.header(field.name, field.value);
    }
    Ok(reply.body(()).map_err(|why| garbage(&why))?.into_parts().0)
}

fn length(head: &response::Parts) -> Result<Option<u64>, WireError> {
    let mut lengths = head.headers.get_all(CONTENT_LENGTH).iter();
    let Some(first) = lengths.next() else { return Ok(None) };
    let digits = first.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let length = digits.and_then(|digits| digits.parse().ok()).filter(|_| lengths.all(|other| other == first));
    length.map(Some).ok_or_else(|| WireError::Garbage("a length that is none".to_owned()))
}

/// So many bytes, or all there are.
fn bytes(input: &mut impl BufRead, len: Option<u64>, reply: &mut Reply) -> Result<(), WireError> {
    let mut left = len.unwrap_or(u64::MAX);
    while left > 0 {
        let filled = input.fill_buf().map_err(WireError::Read)?;
        if filled.is_empty() {
            return if len.is_none() { Ok(()) } else { Err(WireError::ReplyCut) };
        }
        let count = filled.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        reply.push(&filled[..count])?;
        input.consume(count);
        left -= count as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;

    #[test]
    fn what_comes_after_a_switch_of_protocols_is_no_reply() {
        let limits = Limits { reply_bytes: 100, reply_within: Duration::from_secs(1) };
        let read = |status: &str| {
            let said = format!("HTTP/1.1 {status}\r\n\r\nHTTP/1.1 200 OK\r\n\r\nbody");
            read_reply(said.as_bytes(), &Method::GET, &limits).map(|reply| reply.status().as_u16())
        };
        assert_eq!(read("100 Continue").unwrap(), 200);
        assert!(matches!(read("101 Switching Protocols"), Err(WireError::Garbage(_))));
    }

    #[test]
    fn a_head_ends_at_its_first_empty_line_with_or_without_a_carriage_return() {
        let limits = Limits { reply_bytes: 100, reply_within: Duration::from_secs(1) };
        for head in ["HTTP/1.1 307 Elsewhere\r\n\n", "HTTP/1.1 200 OK\na: b\n\n", "HTTP/1.1 200 OK\r\n\r\n"] {
            let said = format!("{head}\r\nbody");
            let reply = read_reply(said.as_bytes(), &Method::GET, &limits).unwrap();
            assert_eq!(reply.body(), "\r\nbody", "{head:?}");
        }
    }
}
