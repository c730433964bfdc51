//! A request that is arriving: its head is judged at once, its bytes go to the store, and at its end it becomes a call.

use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderMap, Method};

use super::answer::{self, Success};
use super::call::{Body, Call};
use super::config::{Refused, StsJudged};
use super::error::{
    ACCESS_DENIED, ENTITY_TOO_LARGE, Error, MISSING_CONTENT_LENGTH, NO_SUCH_BUCKET, NOT_IMPLEMENTED, REQUEST_TIMEOUT,
    SECURITY_TOKEN_EXPIRED,
};
use super::op::{FACTS, Op};
use super::server::Oss;
use super::signature::{self, Signer};
use super::target::Target;
use super::{
    abort, bucket_info, complete, get, head, initiate, list_objects, list_parts, list_uploads, put, upload_part,
};
use crate::body_sink::BodySink;
use crate::faults::{Fault, FaultKey};
use crate::part_store::{Algorithm, Hashes};
use crate::service::{Outcome, RequestHandler};

/// Longest text that is read: 10,000 parts, each with much white space.
const LONGEST_TEXT: usize = 4 * 1024 * 1024;

pub(super) struct Request {
    server: Arc<Oss>,
    target: Target,
    op: Option<Op>,
    headers: HeaderMap,
    is_head: bool,
    /// The key it names, whether or not it holds it.
    access_key_id: Option<String>,
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
    pub(super) fn begin(server: Arc<Oss>, clock: Duration, head: &Parts) -> Request {
        let target = Target::of(head, &server.config);
        let op = Op::of(&head.method, &target);
        let verdict = judge(&server, clock, head, &target, op);
        let body = match op {
            Some(op) if op.takes_bytes() => {
                let limits = &server.config.limits;
                let cap = if op == Op::PutObject { limits.put_max } else { limits.part_max };
                let cap = verdict.is_ok().then_some(cap);
                let mut sink = BodySink::new(Arc::clone(&server.storage), Arc::clone(&server.counters), cap);
                sink.open();
                let told = op == Op::PutObject && asks_for_callback(head, &target);
                let further: &[Algorithm] = if told { &[Algorithm::Sha1] } else { &[] };
                Incoming::Bytes { sink, hashes: Box::new(Hashes::new(further)) }
            }
            _ => Incoming::Text(Some(Vec::new())),
        };
        Request {
            op,
            headers: head.headers.clone(),
            is_head: head.method == Method::HEAD,
            access_key_id: signature::access_key_id(head),
            verdict,
            came: 0,
            body,
            target,
            server,
        }
    }

    fn run(self, clock: Duration, fault: Option<&Fault>, stored: &mut u64) -> Result<Success, Error> {
        let (op, signer) = self.verdict?;
        if let Signer::Temporary(sts) = &signer
            && self.server.config.switches.sts_judged == StsJudged::AtEnd
        {
            signature::check_life(sts, clock)?;
        }
        if content_length(&self.headers).is_some_and(|promised| promised != self.came) {
            return Err(REQUEST_TIMEOUT.error());
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

    /// A temporary key is taken away; with any other it is the date that is too old.
    fn expire(&self, clock: Duration) -> Error {
        let token = self.access_key_id.as_deref().and_then(|id| self.server.grants.revoke(id));
        if let Some(token) = token {
            return SECURITY_TOKEN_EXPIRED.error().with("SecurityToken", token);
        }
        let skew = self.server.config.limits.skew;
        let moment = clock.saturating_sub(Duration::from_secs(skew.saturating_add(1)));
        signature::too_skewed(moment, skew, clock)
    }

    fn refuses_early(&self) -> bool {
        self.server.config.switches.refused == Refused::AtStart
    }

    fn context(&self, clock: Duration) -> answer::ResponseContext {
        self.server.context(clock, self.target.bucket.as_deref(), self.is_head)
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

    /// A key that is taken away is refused like one that was never there.
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
            Ok(success) => answer::success(success, stored, &context),
            Err(error) => answer::refused(error, stored, &context),
        }
    }
}

/// Does what is asked for.
fn work(call: &mut Call<'_>, op: Op) -> Result<Success, Error> {
    if call.fault == Some(&Fault::ForgetSession)
        && let Some(id) = call.query.get("uploadId")
    {
        call.server.uploads.forget(id, call.storage());
    }
    match op {
        Op::PutObject => put::run(call),
        Op::GetObject => get::run(call),
        Op::HeadObject => head::run(call),
        Op::Initiate => initiate::run(call),
        Op::UploadPart => upload_part::run(call),
        Op::ListParts => list_parts::run(call),
        Op::Complete => complete::run(call),
        Op::Abort => abort::run(call),
        Op::ListUploads => list_uploads::run(call),
        Op::ListObjects => list_objects::run(call),
        Op::BucketInfo => Ok(bucket_info::run(call)),
    }
}

fn judge(server: &Oss, clock: Duration, head: &Parts, target: &Target, op: Option<Op>) -> Result<(Op, Signer), Error> {
    let config = &server.config;
    let signer = signature::check(head, target, config, &server.grants, clock)?;
    if let Some(bucket) = target.bucket.as_deref().filter(|bucket| !config.has_bucket(bucket)) {
        return Err(NO_SUCH_BUCKET.error().with("BucketName", bucket));
    }
    if matches!(signer, Signer::Temporary(_)) && target.bucket.as_ref() != Some(&config.sts_bucket) {
        return Err(ACCESS_DENIED.error());
    }
    let op = op.ok_or_else(|| NOT_IMPLEMENTED.error())?;
    if op.takes_bytes() {
        check_length(server, op, &head.headers)?;
    }
    Ok((op, signer))
}

fn check_length(server: &Oss, op: Op, headers: &HeaderMap) -> Result<(), Error> {
    let limits = &server.config.limits;
    let max = if op == Op::PutObject { limits.put_max } else { limits.part_max };
    match content_length(headers) {
        Some(length) if length > max => {
            let error = ENTITY_TOO_LARGE.error().with("MaxSizeAllowed", max.to_string());
            Err(error.with("ProposedSize", length.to_string()))
        }
        None if !headers.contains_key(TRANSFER_ENCODING) => Err(MISSING_CONTENT_LENGTH.error()),
        _ => Ok(()),
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn asks_for_callback(head: &Parts, target: &Target) -> bool {
    head.headers.contains_key("x-oss-callback") || target.query.has("callback")
}
