use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::{Body, Segment};
use serde_json::{Value, json};

use super::says;

/// The toy vendor's server, in memory.
#[derive(Default)]
pub(crate) struct Server {
    /// By session, then by offset.
    pub(crate) sessions: BTreeMap<u64, BTreeMap<u64, Vec<u8>>>,
    pub(crate) finished: BTreeSet<u64>,
    pub(crate) object: Option<Vec<u8>>,
    /// The only key that is accepted; any, if there is none.
    pub(crate) key: Option<String>,
    /// Source bytes received in all.
    pub(crate) received: u64,
    /// Every request, as `op` and headers.
    pub(crate) seen: Vec<(String, BTreeMap<String, String>)>,
}

impl Server {
    pub(crate) fn handle(&mut self, request: &Request<Body>, source: &[u8]) -> Response<Bytes> {
        let op = request.uri().path().rsplit('/').next().unwrap_or("").to_owned();
        let text = |value: &http::HeaderValue| value.to_str().unwrap_or("").to_owned();
        let headers: BTreeMap<_, _> =
            request.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let number = |name: &str| headers[name].parse::<u64>().unwrap();
        let (id, offset, doubt) = (number("x-id"), number("x-offset"), number("x-doubt") == 1);
        let refused = self.key.as_ref().is_some_and(|key| *key != headers["authorization"]);
        self.seen.push((op.clone(), headers));
        if refused {
            return says(403, &json!({"code": "key"}));
        }
        let bytes = source_bytes(request.body(), source);
        self.received += bytes.len() as u64;
        says(200, &self.act(&op, id, offset, doubt, bytes))
    }

    fn act(&mut self, op: &str, id: u64, offset: u64, doubt: bool, bytes: Vec<u8>) -> Value {
        if op == "init" {
            let id = self.sessions.keys().next_back().unwrap_or(&0).max(self.finished.last().unwrap_or(&0)) + 1;
            self.sessions.insert(id, BTreeMap::new());
            return json!({"code": "ok", "id": id, "token": "canary-token"});
        }
        if op == "put" {
            self.object = Some(bytes);
            return json!({"code": "ok"});
        }
        if self.finished.contains(&id) && (op == "list" || op == "finish" && doubt) {
            return json!({"code": "ok", "complete": true});
        }
        let Some(parts) = self.sessions.get_mut(&id) else { return json!({"code": "gone"}) };
        match op {
            "part" => {
                let echo = json!({"code": "ok", "offset": offset, "len": bytes.len()});
                parts.insert(offset, bytes);
                echo
            }
            "list" => {
                let parts: Vec<_> = parts.iter().map(|(at, bytes)| json!([at, at + bytes.len() as u64])).collect();
                json!({"code": "ok", "parts": parts})
            }
            "delete" => {
                self.sessions.remove(&id);
                json!({"code": "ok"})
            }
            _ => {
                let parts = self.sessions.remove(&id).unwrap_or_default();
                self.object = Some(parts.into_values().flatten().collect());
                self.finished.insert(id);
                json!({"code": "ok"})
            }
        }
    }

    pub(crate) fn count(&self, op: &str) -> usize {
        self.seen.iter().filter(|(seen, _)| seen == op).count()
    }

    /// One header of every request with this `op`.
    pub(crate) fn headers(&self, op: &str, name: &str) -> Vec<String> {
        self.seen.iter().filter(|(seen, _)| seen == op).map(|(_, headers)| headers[name].clone()).collect()
    }
}

fn source_bytes(body: &Body, source: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for segment in body.segments() {
        if let Segment::Source(range) = segment {
            let at = |offset| usize::try_from(offset).unwrap();
            bytes.extend_from_slice(&source[at(range.start)..at(range.end)]);
        }
    }
    bytes
}
