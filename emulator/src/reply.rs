//! Answers, and what the wire should do with them.

use std::time::Duration;

use bytes::Bytes;
use http::Response;

use crate::faults::Fault;

/// An answer, and what to do with it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reply {
    /// The whole answer.
    pub response: Response<Bytes>,
    /// How much of it to send.
    pub delivery: Delivery,
    /// How long to wait before.
    pub delay: Duration,
    /// The fault that the request met.
    pub fault: Option<Fault>,
}

/// How much of an answer reaches the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delivery {
    /// All of it.
    Send,
    /// Nothing: close the connection.
    Drop,
    /// Nothing: reset the connection.
    Reset,
    /// Nothing: keep the connection open until the client gives up.
    Stall,
    /// The head and so many bytes of the body, then close the connection.
    Cut(usize),
    /// All of it; from this byte of the body on, so many bytes alone, with so long a pause before each.
    Blanks {
        /// Where they begin.
        from: usize,
        /// How many there are.
        count: usize,
        /// The pause.
        pause: Duration,
    },
    /// All of it byte by byte, with so long a pause before each.
    Trickle(Duration),
}
