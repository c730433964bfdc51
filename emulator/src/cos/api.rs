//! What is different between the two APIs.

use std::io;

use super::bucket::Bucket;
use super::path::Name;
use super::rules::Rules;
use super::session::Proof;
use super::urls::Urls;
use crate::body_sink::Received;
use crate::faults::Facts;
use crate::form::Fields;

/// One of the two APIs; its settings stand for it.
pub(crate) trait Api: Send + Sync + Sized + std::fmt::Debug + 'static {
    const FACTS: &'static Facts;
    /// How its paths begin.
    const ROOT: &'static str;

    /// What the shared part asks of the settings.
    fn rules(&self) -> Rules;

    /// The operation, as plans and logs name it; `None` while it is not known. `is_whole`: no more fields will come.
    fn op<'a>(&self, fields: &'a Fields, is_whole: bool) -> Option<&'a str> {
        fields.text("op").or(is_whole.then_some(""))
    }

    /// A session's id, made of bytes nobody had yet.
    fn session_id(fresh: &[u8; 48]) -> String;

    /// Checks what can be checked of a slice without holding its session: other requests go on meanwhile.
    fn prove(_: &Bucket, _: &Name, _: &Fields, _: &mut Received) -> io::Result<Vec<Proof>> {
        Ok(Vec::new())
    }

    /// Where a finished object is.
    fn urls(&self, name: &Name) -> Urls;
}
