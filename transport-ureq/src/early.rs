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
        while let Begin::Interim { len } = Begin::of(input) {
            input = &input[len..];
        }
        // "HTTP/1.1 200": the class of the status is the tenth byte.
        match (Begin::of(input), input.get(9)) {
            (Begin::Final, Some(b'2')) => Self::Accepting,
            (Begin::Final, _) => Self::Refusing,
            _ => Self::Nothing,
        }
    }
}

/// What some received bytes begin with, if a reply is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// A whole interim (1xx) reply, this long.
    Interim { len: usize },
    /// Nothing, or what may become an interim reply.
    Open,
    /// Another reply, or something that is none.
    Final,
}

impl Begin {
    pub(crate) fn of(input: &[u8]) -> Self {
        const HEAD: &[u8] = b"HTTP/1.";
        let known = input.len().min(HEAD.len());
        match input.get(9) {
            _ if input[..known] != HEAD[..known] => Self::Final,
            None => Self::Open,
            Some(b'1') => match input.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                None => Self::Open,
                Some(end) => Self::Interim { len: end + 4 },
            },
            Some(_) => Self::Final,
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
        assert_eq!(Begin::of(b"HTTP/1.1 100 Continue\r\na: b\r\n\r\nHTTP"), Begin::Interim { len: 31 });
    }
}
