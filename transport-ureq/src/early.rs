//! What a server says before it has the whole request.

/// What the bytes that came in while a request was sent amount to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Early {
    /// Nothing yet, or only interim (1xx) replies.
    Nothing,
    /// The start of a reply that accepts the request.
    Accepting,
    /// The start of any other reply, or of something that is none.
    Refusing,
}

impl Early {
    pub(crate) fn of(mut input: &[u8]) -> Self {
        const HEAD: &[u8] = b"HTTP/1.";
        loop {
            let known = input.len().min(HEAD.len());
            if input[..known] != HEAD[..known] {
                return Self::Refusing;
            }
            // "HTTP/1.1 200": the class of the status is the tenth byte.
            match input.get(9) {
                None => return Self::Nothing,
                Some(b'1') => match input.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                    None => return Self::Nothing,
                    Some(end) => input = &input[end + 4..],
                },
                Some(b'2') => return Self::Accepting,
                Some(_) => return Self::Refusing,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interim_replies_are_skipped_and_the_final_one_counts() {
        assert_eq!(Early::of(b""), Early::Nothing);
        assert_eq!(Early::of(b"HTT"), Early::Nothing);
        assert_eq!(Early::of(b"HTTP/1.1 4"), Early::Refusing);
        assert_eq!(Early::of(b"HTTP/1.1 301 Moved"), Early::Refusing);
        assert_eq!(Early::of(b"HTTP/1.0 200 OK\r\n"), Early::Accepting);
        assert_eq!(Early::of(b"HTTP/1.1 100 Continue\r\n"), Early::Nothing);
        assert_eq!(Early::of(b"HTTP/1.1 100 Continue\r\n\r\n"), Early::Nothing);
        assert_eq!(Early::of(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 413 Too Large\r\n"), Early::Refusing);
        assert_eq!(Early::of(b"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n"), Early::Accepting);
        assert_eq!(Early::of(b"SSH-2.0-"), Early::Refusing);
    }
}
