//! A transport that looks at answers on their way. It keeps what they tell of the vendor, and nothing of what is in them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response, Uri};
use resumable::machine::{Limits, SendError};
use resumable::transport::blocking::{Outgoing, Transport};
use serde_json::Value;

/// What was seen of the vendor: by the name of the emulator's switch, which of its choices.
#[derive(Clone, Default)]
pub(super) struct Facts(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    settled: BTreeMap<&'static str, String>,
    requests: u64,
}

impl Facts {
    /// The vendor does this. What was seen first stands.
    pub(super) fn settle(&self, switch: &'static str, choice: impl Into<String>) {
        self.state().settled.entry(switch).or_insert_with(|| choice.into());
    }

    /// Whether something of this was seen.
    pub(super) fn is_settled(&self, switch: &str) -> bool {
        self.state().settled.contains_key(switch)
    }

    /// All that was seen.
    pub(super) fn settled(&self) -> BTreeMap<&'static str, String> {
        self.state().settled.clone()
    }

    /// How many requests were sent.
    pub(super) fn requests(&self) -> u64 {
        self.state().requests
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An answer, and what it answers.
pub(super) struct Seen<'a> {
    pub(super) method: &'a Method,
    pub(super) uri: &'a Uri,
    pub(super) response: &'a Response<Bytes>,
    /// The body, where it is JSON.
    pub(super) json: Value,
}

impl Seen<'_> {
    /// The body as text.
    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(self.response.body()).unwrap_or_default()
    }

    /// A header of the answer.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// Whether the query has this parameter.
    pub(super) fn asks(&self, parameter: &str) -> bool {
        self.uri.query().is_some_and(|query| query.split('&').any(|it| it.split('=').next() == Some(parameter)))
    }
}

/// Looks at an answer.
pub(super) type Observe = fn(&Seen<'_>, &Facts);

/// The transport.
pub(super) struct Recorder {
    carrier: Arc<dyn Transport + Send>,
    observe: Observe,
    facts: Facts,
}

impl Recorder {
    /// Sends with `carrier`.
    pub(super) fn new(carrier: Arc<dyn Transport + Send>, observe: Observe, facts: Facts) -> Self {
        Self { carrier, observe, facts }
    }
}

impl Transport for Recorder {
    fn send(&self, head: Parts, body: &mut Outgoing<'_>, limits: &Limits) -> Result<Response<Bytes>, SendError> {
        let (method, uri) = (head.method.clone(), head.uri.clone());
        let answer = self.carrier.send(head, body, limits);
        self.facts.state().requests += 1;
        if let Ok(response) = &answer {
            let json = serde_json::from_slice(response.body()).unwrap_or_default();
            (self.observe)(&Seen { method: &method, uri: &uri, response, json }, &self.facts);
        }
        answer
    }
}
