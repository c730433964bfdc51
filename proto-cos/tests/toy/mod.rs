//! A version of the API with three calls: one that reads, one that changes something, and one within a session.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::fmt;

use bytes::Bytes;
use http::Response;
use resumable_proto_cos::{BadAnswer, InvalidPlace, ObjectPath, Op, Place, Version};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Toy {
    Ask,
    Change,
    Slice,
}

impl fmt::Display for Toy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("toy")
    }
}

impl Op for Toy {
    type Fault = BadAnswer<Self>;

    fn changes(self) -> bool {
        self != Self::Ask
    }

    fn within_session(self) -> bool {
        self == Self::Slice
    }

    fn reply_bytes(self) -> u64 {
        1000
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct V9;

impl Version for V9 {
    const NAME: &'static str = "v9";
}

pub(crate) fn answer(status: u16, body: &str) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

pub(crate) fn place(endpoint: &str, path: &str) -> Result<Place<V9>, InvalidPlace> {
    Place::new(endpoint, "10055004", "access-log_1.b", ObjectPath::new(path).unwrap())
}
