//! What a rule asks of a request, and of the vendor that it is for.

use super::fault::Fault;

/// What is known of a vendor's part without starting it.
#[derive(Debug)]
pub(crate) struct Facts {
    /// Its name in plans, logs, the ready line and the data folder.
    pub(crate) name: &'static str,
    /// The first segments of its paths, where they are fixed.
    pub(crate) roots: &'static [&'static str],
    /// The operations that a plan may name.
    pub(crate) ops: &'static [&'static str],
    /// Whether a request for this operation can show a fault; the operation may be any text.
    pub(crate) fits: fn(&str, &Fault) -> bool,
}

/// What a request is, as far as a rule asks.
#[derive(Clone, Debug)]
pub(crate) struct FaultKey {
    pub(crate) facts: &'static Facts,
    pub(crate) op: String,
    /// With a leading slash; empty if the request names none.
    pub(crate) path: String,
}
