//! What a vendor's part is to the emulator: it claims requests, takes their bodies, answers, and renders faults in its
//! own shapes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use serde_json::Value;

use crate::faults::{Facts, Fault, FaultKey, Plan, VendorCode};
use crate::log::Counters;
use crate::storage::Storage;

/// What all servers share.
pub(crate) struct Setup {
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) faults: Arc<Mutex<Plan>>,
    /// The first segments of all services' paths, where they are fixed.
    pub(crate) roots: Vec<&'static str>,
}

/// One vendor's server.
pub(crate) trait Service: Send + Sync {
    fn facts(&self) -> &'static Facts;

    /// Whether a request that no signature and no header assigns is for it, by its path or its bucket.
    fn claims(&self, head: &Parts) -> bool;

    /// `clock` is the server's own idea of the time.
    fn begin(self: Arc<Self>, clock: Duration, head: &Parts) -> Box<dyn RequestHandler>;

    /// The answer of a fault that stands in place of the true one; a 5xx for those that show no answer.
    fn fault_response(&self, clock: Duration, fault: &Fault) -> Outcome;

    /// What a client needs to know: where it is, and who may sign.
    fn ready(&self, base_url: &str) -> Value;
}

/// A request that is arriving. Dropped, it leaves nothing behind.
pub(crate) trait RequestHandler: Send {
    fn feed(&mut self, chunk: &[u8]);

    /// Whether the answer is certain and the rest of the body need not be read.
    fn is_decided(&self) -> bool;

    /// Whether a fault that stands in place of the answer is certain with the head, unless the plan says when it strikes.
    fn decides(&self, _fault: &Fault) -> bool {
        false
    }

    /// The body is over.
    fn close(&mut self);

    /// What is asked for, once that is known.
    fn fault_key(&self) -> Option<FaultKey>;

    /// Where in the object, if it says.
    fn offset(&self) -> Option<u64>;

    /// File bytes received.
    fn received(&self) -> u64;

    /// The answer of a fault that stands in place of the true one, where it depends on the request; else the service's own
    /// will do.
    fn fault_response(&self, _clock: Duration, _fault: &Fault) -> Option<Outcome> {
        None
    }

    /// Does what was asked; the fault is one that lets the work be done, and may spoil it or its answer.
    fn work(self: Box<Self>, clock: Duration, fault: Option<&Fault>) -> Outcome;
}

/// What came of a request.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) response: Response<Bytes>,
    /// The vendor's code; absent where the answer has none.
    pub(crate) code: Option<VendorCode>,
    /// File bytes that were added to the store.
    pub(crate) stored: u64,
}
