//! A request that is arriving: its head is judged at once, its bytes go to the store, and at its end it becomes a call.

use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderMap, Method};

use super::answer::{self, ResponseContext, Success};
use super::call::{Body, Call, wrong_argument};
use super::complete::Ending;
use super::config::{JudgeTime, Refused};
use super::error::{
    ENTITY_TOO_LARGE, EXPIRED_TOKEN, Error, INCOMPLETE_BODY, INVALID_OBJECT_NAME, INVALID_REQUEST, INVALID_URI,
    KEY_TOO_LONG, MISSING_CONTENT_LENGTH, NO_SUCH_BUCKET, NOT_IMPLEMENTED,
};
use super::op::{FACTS, Op};
use super::server::CosXml;
use super::signature::{self, Signer};
use super::target::Target;
use super::vendor::{OfCosXml, has_a_file};
use super::{abort, complete, delete, get, head, initiate, list_objects, list_parts, list_uploads, put, upload_part};
use crate::body_sink::BodySink;
use crate::faults::{Fault, FaultKey};
use crate::part_store::{Hashes, Vendor};
use crate::service::{Outcome, RequestHandler};

/// Longest text that is read: 10,000 parts, each with much white space.
const LONGEST_TEXT: usize = 4 * 1024 * 1024;

pub(super) struct Request {
    server: Arc<CosXml>,
    target: Target,
    op: Option<Op>,
    headers: HeaderMap,
    is_head: bool,
    /// The path and the query as they were sent.
    sent: String,
    /// The key it names, whether or not it holds it.
    secret_id: Option<String>,
    verdict: Result<(Op, Signer), Error>,
    /// Bytes of the body that came.
    came: u64,
    body: Incoming,
}

enum Incoming {
    Bytes { sink: BodySink, hashes: Box<Hashes> },
    Text(Option<Vec<u8>>),
}

impl Request {
    pub(super) fn begin(server: Arc<CosXml>, clock: Duration, head: &Parts) -> Request {
        let target = Target::of(head, &server.config);
        let op = Op::of(&head.method, &target);
        let verdict = judge(&server, clock, head, &target, op);
        let body = match op {
            Some(op) if op.takes_bytes() => {
                let cap = verdict.is_ok().then(|| longest(&server, op));
                let mut sink = BodySink::new(Arc::clone(&server.storage), Arc::clone(&server.counters), cap);
                sink.open();
                Incoming::Bytes { sink, hashes: Box::new(Hashes::new(&[])) }
            }
            _ => Incoming::Text(Some(Vec::new())),
        };
        Request {
            op,
            headers: head.headers.clone(),
            is_head: head.method == Method::HEAD,
            sent: head.uri.path_and_query().map_or_else(String::new, ToString::to_string),
            secret_id: signature::secret_id(head),
            verdict,
            came: 0,
            body,
            target,
            server,
        }
    }

    fn run(self, clock: Duration, fault: Option<&Fault>, stored: &mut u64) -> Result<Ending, Error> {
        let (op, signer) = self.verdict?;
        if self.server.config.switches.judge_time == JudgeTime::AtEnd {
            signer.check_time(&self.server.config, clock)?;
        }
        if content_length(&self.headers).is_some_and(|promised| promised != self.came) {
            return Err(INCOMPLETE_BODY.error());
        }
        let body = match self.body {
            Incoming::Bytes { sink, hashes } => Body::Bytes { file: sink.finish(), digests: hashes.finish() },
            Incoming::Text(text) => Body::Text(text),
        };
        let mut call = Call {
            server: &self.server,
            bucket: self.target.bucket.as_deref().unwrap_or_default(),
            key: &self.target.key,
            query: &self.target.query,
            headers: &self.headers,
            body,
            clock,
            fault,
            stored: 0,
        };
        let done = work(&mut call, op);
        *stored = call.stored;
        done
    }

    /// A temporary key's time is over from now on; with any other it is that of the signature, once.
    fn expire(&self, clock: Duration) -> Error {
        if self.secret_id.as_deref().is_some_and(|id| self.server.grants.end(id, clock)) {
            return EXPIRED_TOKEN.error();
        }
        signature::expired(&self.server.config, clock)
    }

    fn refuses_early(&self) -> bool {
        self.server.config.switches.refused == Refused::AtStart
    }

    fn context(&self, clock: Duration) -> ResponseContext {
        let bucket = self.target.bucket.as_deref();
        let host = bucket.map_or_else(|| self.target.host.clone(), |bucket| self.server.config.host(bucket));
        self.server.context(clock, format!("{host}/{}", self.target.key), self.is_head, &self.sent)
    }
}

impl RequestHandler for Request {
    fn feed(&mut self, chunk: &[u8]) {
        self.came += chunk.len() as u64;
        match &mut self.body {
            Incoming::Bytes { sink, hashes } => {
                sink.take(chunk);
                if self.verdict.is_ok() {
                    hashes.update(chunk);
                }
            }
            Incoming::Text(text) => {
                if let Some(kept) = text.as_mut().filter(|kept| kept.len() + chunk.len() <= LONGEST_TEXT) {
                    kept.extend_from_slice(chunk);
                } else {
                    *text = None;
                }
            }
        }
    }

    fn is_decided(&self) -> bool {
        self.verdict.is_err() && self.refuses_early()
    }

    fn close(&mut self) {}

    /// Known from the head on.
    fn fault_key(&self) -> Option<FaultKey> {
        let op = self.op.map(Op::name).unwrap_or_default().to_owned();
        Some(FaultKey { facts: &FACTS, op, path: format!("/{}", self.target.key) })
    }

    fn offset(&self) -> Option<u64> {
        None
    }

    fn received(&self) -> u64 {
        match &self.body {
            Incoming::Bytes { sink, .. } => sink.received(),
            Incoming::Text(_) => 0,
        }
    }

    /// A key whose time is over is refused like one that was never there.
    fn decides(&self, fault: &Fault) -> bool {
        *fault == Fault::ExpireToken && self.refuses_early()
    }

    fn fault_response(&self, clock: Duration, fault: &Fault) -> Option<Outcome> {
        let context = self.context(clock);
        Some(match fault {
            Fault::ExpireToken => answer::refused(self.expire(clock), 0, &context),
            other => answer::fault_response(other, &context),
        })
    }

    fn work(self: Box<Self>, clock: Duration, fault: Option<&Fault>) -> Outcome {
        let context = self.context(clock);
        let mut stored = 0;
        match self.run(clock, fault, &mut stored) {
            Ok(Ending::Done(success)) => answer::success(success, stored, &context),
            Ok(Ending::FailedLate(error)) => answer::refused_late(error, &context),
            Err(error) => answer::refused(error, stored, &context),
        }
    }
}

/// Does what is asked for.
fn work(call: &mut Call<'_>, op: Op) -> Result<Ending, Error> {
    if call.fault == Some(&Fault::ForgetSession) {
        call.server.uploads.forget(call.upload_id(), call.storage());
    }
    let done = match op {
        Op::Complete => return complete::run(call),
        Op::PutObject => put::run(call),
        Op::GetObject => get::run(call),
        Op::HeadObject => head::run(call),
        Op::DeleteObject => delete::run(call),
        Op::Initiate => initiate::run(call),
        Op::UploadPart => upload_part::run(call),
        Op::ListParts => list_parts::run(call),
        Op::Abort => abort::run(call),
        Op::ListUploads => list_uploads::run(call),
        Op::ListObjects => list_objects::run(call),
        Op::HeadBucket => Ok(Success::empty(200).with([("x-cos-bucket-region", call.server.config.region.clone())])),
    };
    done.map(Ending::Done)
}

fn judge(
    server: &CosXml,
    clock: Duration,
    head: &Parts,
    target: &Target,
    op: Option<Op>,
) -> Result<(Op, Signer), Error> {
    if !target.is_text {
        return Err(INVALID_URI.error());
    }
    // Only one of them could be the one that is signed.
    if head.headers.get_all(HOST).iter().count() > 1 {
        return Err(INVALID_REQUEST.because("There is more than one Host."));
    }
    let signer = signature::check(head, target, &server.config, &server.grants, clock)?;
    if target.bucket.as_deref().is_some_and(|bucket| !server.config.has_bucket(bucket)) {
        return Err(NO_SUCH_BUCKET.error());
    }
    let op = op.ok_or_else(|| NOT_IMPLEMENTED.error())?;
    check_key(&target.key)?;
    check_length(server, op, &head.headers)?;
    if op.takes_bytes() {
        check_traffic_limit(server, &head.headers)?;
    }
    Ok((op, signer))
}

/// The vendor's rules; and a file has to take it.
fn check_key(key: &str) -> Result<(), Error> {
    if key.len() > OfCosXml::KEY_MAX {
        return Err(KEY_TOO_LONG.error());
    }
    let is_good = !key.starts_with(['/', '\\']) && !key.bytes().any(|byte| (24..=27).contains(&byte));
    if key.is_empty() || (is_good && has_a_file(key)) { Ok(()) } else { Err(INVALID_OBJECT_NAME.error()) }
}

/// A body comes with its length, and never in chunks.
fn check_length(server: &CosXml, op: Op, headers: &HeaderMap) -> Result<(), Error> {
    match content_length(headers) {
        _ if headers.contains_key(TRANSFER_ENCODING) => Err(MISSING_CONTENT_LENGTH.error()),
        Some(length) if op.takes_bytes() && length > longest(server, op) => Err(ENTITY_TOO_LARGE.error()),
        None if op.needs_a_length() => Err(MISSING_CONTENT_LENGTH.error()),
        _ => Ok(()),
    }
}

/// In bits per second.
fn check_traffic_limit(server: &CosXml, headers: &HeaderMap) -> Result<(), Error> {
    const NAME: &str = "x-cos-traffic-limit";
    let Some(value) = headers.get(NAME) else {
        return Ok(());
    };
    let limits = &server.config.limits;
    let number = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let number = number.and_then(|text| text.parse::<u64>().ok());
    let is_good = number.is_some_and(|number| (limits.traffic_min..=limits.traffic_max).contains(&number));
    if is_good { Ok(()) } else { Err(wrong_argument(NAME)) }
}

/// In bytes, of a body that is bytes of an object.
fn longest(server: &CosXml, op: Op) -> u64 {
    let limits = &server.config.limits;
    if op == Op::PutObject { limits.put_max } else { limits.part_max }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
