//! `aws-chunked`: a body in pieces, each with its length before it, and with lines behind the last (reference §2).

/// Longest line: a length, or what stands behind the body.
const LINE_MAX: usize = 1024;

/// Takes a framed body as it comes, and hands on what is in it.
#[derive(Debug, Default)]
pub(super) struct Chunked {
    state: State,
    line: Vec<u8>,
    /// Bytes that were handed on.
    length: u64,
    trailers: Vec<(String, String)>,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Length,
    Bytes(u64),
    /// The end of the line behind a piece.
    End,
    Trailers,
    Done,
    Bad,
}

impl Chunked {
    pub(super) fn feed(&mut self, mut bytes: &[u8], take: &mut dyn FnMut(&[u8])) {
        while !bytes.is_empty() && self.state != State::Bad {
            if let State::Bytes(left) = &mut self.state {
                let (piece, rest) =
                    bytes.split_at(usize::try_from(*left).map_or(bytes.len(), |left| left.min(bytes.len())));
                take(piece);
                *left -= piece.len() as u64;
                self.length += piece.len() as u64;
                bytes = rest;
                if *left == 0 {
                    self.state = State::End;
                }
                continue;
            }
            let (byte, rest) = (bytes[0], &bytes[1..]);
            bytes = rest;
            self.line.push(byte);
            if self.line.ends_with(b"\r\n") {
                self.line.truncate(self.line.len() - 2);
                let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
                self.state = self.behind(&line).unwrap_or(State::Bad);
            } else if self.line.len() > LINE_MAX {
                self.state = State::Bad;
            }
        }
    }

    /// What follows a line; none if the line makes no sense.
    fn behind(&mut self, line: &str) -> Option<State> {
        match self.state {
            State::Length => {
                let digits = line.split(';').next().unwrap_or_default();
                let good = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                let length = u64::from_str_radix(digits, 16).ok().filter(|_| good)?;
                Some(if length == 0 { State::Trailers } else { State::Bytes(length) })
            }
            State::End => line.is_empty().then_some(State::Length),
            State::Trailers if line.is_empty() => Some(State::Done),
            State::Trailers => {
                let (name, value) = line.split_once(':')?;
                self.trailers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
                (self.trailers.len() <= 8).then_some(State::Trailers)
            }
            State::Bytes(_) | State::Done | State::Bad => None,
        }
    }

    /// How many bytes were in it, and what stood behind them; none if it is not over, or was no such body.
    pub(super) fn finish(&self) -> Option<(u64, &[(String, String)])> {
        (self.state == State::Done).then_some((self.length, self.trailers.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &[u8], step: usize) -> (Vec<u8>, Option<Vec<(String, String)>>) {
        let (mut chunked, mut taken) = (Chunked::default(), Vec::new());
        body.chunks(step).for_each(|chunk| chunked.feed(chunk, &mut |piece| taken.extend_from_slice(piece)));
        let behind = chunked.finish().map(|(length, trailers)| {
            assert_eq!(length, taken.len() as u64);
            trailers.to_vec()
        });
        (taken, behind)
    }

    #[test]
    fn a_framed_body_is_read_however_it_is_cut() {
        let body = b"5\r\nhello\r\n1;x=y\r\n!\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
        for step in 1..body.len() {
            let trailer = ("x-amz-checksum-crc32".to_owned(), "NhCmhg==".to_owned());
            assert_eq!(read(body, step), (b"hello!".to_vec(), Some(vec![trailer])), "{step}");
        }
        assert_eq!(read(b"0\r\n\r\n", 9), (Vec::new(), Some(Vec::new())));
    }

    #[test]
    fn what_is_no_framed_body_is_found_out() {
        for body in [
            "",
            "hello",
            "5\r\nhel",
            "5\r\nhello!\r\n0\r\n\r\n",
            "5\r\nhello\r\n0\r\n",
            "x\r\n",
            "0\r\nno colon\r\n\r\n",
            "0\r\n\r\nmore\r\n",
        ] {
            assert_eq!(read(body.as_bytes(), 3).1, None, "{body}");
        }
    }
}
