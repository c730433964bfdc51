//! A request that is arriving: its head is judged at once, its bytes go to the store, and at its end it becomes a call.

use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http::{HeaderMap, Method};
use sha2::{Digest, Sha256};

use super::answer::{self, ResponseContext, Success};
use super::call::{Body, Call, OTHER};
use super::checksums;
use super::chunked::Chunked;
use super::error::{
    ENTITY_TOO_LARGE, Error, INCOMPLETE_BODY, INTERNAL_ERROR, KEY_TOO_LONG, MALFORMED_XML, MISSING_CONTENT_LENGTH,
    NO_SUCH_BUCKET, NOT_IMPLEMENTED, Place, SHA256_MISMATCH,
};
use super::op::{FACTS, Op};
use super::server::S3;
use super::signature::{self, Payload};
use super::switches::{Checksums, Refused, UnknownUpload};
use super::target::Target;
use super::{
    abort, bucket_location, complete, delete, get, head, initiate, list_objects, list_parts, list_uploads,
    other_writer, put, upload_part,
};
use crate::body_sink::BodySink;
use crate::faults::{Fault, FaultKey};
use crate::part_store::{Algorithm, Hashes};
use crate::service::{Outcome, RequestHandler};

/// Longest text that is read: 10,000 parts, each with much white space.
const LONGEST_TEXT: usize = 4 * 1024 * 1024;
const DECODED_LENGTH: &str = "x-amz-decoded-content-length";

pub(super) struct Request {
    server: Arc<S3>,
    target: Target,
    op: Option<Op>,
    headers: HeaderMap,
    /// As it was sent.
    uri: String,
    path: String,
    is_head: bool,
    /// The key it names, whether or not it holds it.
    access_key_id: Option<String>,
    verdict: Result<(Op, Payload), Error>,
    /// Bytes of the body that came.
    came: u64,
    body: Incoming,
}

enum Incoming {
    Bytes {
        sink: BodySink,
        hashes: Box<Hashes>,
        /// Where the bytes come in pieces.
        chunked: Option<Chunked>,
    },
    /// `None` if it was too long to be kept.
    Text(Option<Vec<u8>>),
}

impl Request {
    pub(super) fn begin(server: Arc<S3>, clock: Duration, head: &Parts) -> Request {
        server.late.settle(&server, clock);
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
                let hashes = Box::new(Hashes::new(&algorithms(&server, head, &target, &verdict)));
                let chunked = matches!(verdict, Ok((_, Payload::Chunked))).then(Chunked::default);
                Incoming::Bytes { sink, hashes, chunked }
            }
            _ => Incoming::Text(Some(Vec::new())),
        };
        Request {
            op,
            headers: head.headers.clone(),
            uri: head.uri.to_string(),
            path: head.uri.path().to_owned(),
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
        let (op, payload) = self.verdict?;
        if number(&self.headers, CONTENT_LENGTH.as_str()).is_some_and(|promised| promised != self.came) {
            return Err(INCOMPLETE_BODY.error());
        }
        let body = self.body.finish(&self.headers, &payload)?;
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
        done.map_err(|error| of_unknown_upload(&self.server, error))
    }

    /// A temporary key is taken away; with any other it is the date that is too old.
    fn expire(&self, clock: Duration) -> Error {
        if let Some(token) = self.access_key_id.as_deref().and_then(|id| self.server.grants.revoke(id)) {
            return signature::taken_away(&token);
        }
        let skew = self.server.config.limits.skew;
        let moment = clock.saturating_sub(Duration::from_secs(skew.saturating_add(1)));
        signature::too_skewed(&signature::basic(moment), skew, clock)
    }

    fn refuses_early(&self) -> bool {
        self.server.config.switches.refused == Refused::AtStart
    }

    fn context(&self, clock: Duration) -> ResponseContext {
        self.server.context(clock, &self.path, self.is_head)
    }
}

impl Incoming {
    fn finish(self, headers: &HeaderMap, payload: &Payload) -> Result<Body, Error> {
        let (file, hashes, chunked) = match self {
            Incoming::Bytes { sink, hashes, chunked } => (sink.finish(), hashes, chunked),
            Incoming::Text(text) => {
                let text = text.ok_or_else(|| MALFORMED_XML.error())?;
                check_hash(payload, &Sha256::digest(&text))?;
                return Ok(Body::Text(text));
            }
        };
        let digests = hashes.finish();
        if let Some(own) = digests.further.get(&Algorithm::Sha256) {
            check_hash(payload, own)?;
        }
        let Some(chunked) = chunked else {
            return Ok(Body::Bytes { file, digests, trailer: None });
        };
        let (length, trailers) = chunked.finish().ok_or_else(|| INCOMPLETE_BODY.error())?;
        if number(headers, DECODED_LENGTH) != Some(length) {
            return Err(INCOMPLETE_BODY.error());
        }
        let promised = headers.get("x-amz-trailer").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let trailer = trailers.iter().find(|(name, _)| name == &promised.to_ascii_lowercase()).cloned();
        if trailer.is_none() && !promised.is_empty() {
            return Err(INCOMPLETE_BODY.because("The trailer that the request promised did not come."));
        }
        Ok(Body::Bytes { file, digests, trailer })
    }
}

impl RequestHandler for Request {
    fn feed(&mut self, chunk: &[u8]) {
        self.came += chunk.len() as u64;
        let is_good = self.verdict.is_ok();
        match &mut self.body {
            Incoming::Bytes { sink, hashes, chunked } => {
                let mut take = |piece: &[u8]| {
                    sink.take(piece);
                    if is_good {
                        hashes.update(piece);
                    }
                };
                match chunked {
                    None => take(chunk),
                    Some(chunked) => chunked.feed(chunk, &mut take),
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
        let place = Place { region: &self.server.config.region, bucket: self.target.bucket.as_deref(), uri: &self.uri };
        Some(match fault {
            Fault::ExpireToken => answer::refused(self.expire(clock), 0, &context),
            other => {
                answer::fault_response(other, &context, |status, code| Error::injected(status, code, clock, place))
            }
        })
    }

    fn work(self: Box<Self>, clock: Duration, fault: Option<&Fault>) -> Outcome {
        let context = self.context(clock);
        self.server.late.settle(&self.server, clock);
        let mut stored = 0;
        let outcome = match self.run(clock, fault, &mut stored) {
            Ok(success) => answer::success(success, stored, &context),
            Err(error) => answer::refused(error, stored, &context),
        };
        match fault {
            Some(Fault::Blanks { count, .. }) => outcome.with_blanks(*count),
            _ => outcome,
        }
    }
}

/// Does what is asked for.
fn work(call: &mut Call<'_>, op: Op) -> Result<Success, Error> {
    match call.fault {
        Some(Fault::ForgetSession) => call.server.uploads.forget(call.upload_id(), call.storage()),
        Some(Fault::OtherWriter) => other_writer::write(call)?,
        Some(Fault::Late { millis, hidden }) => {
            call.server.late.put_off(call, *millis, *hidden);
            return Err(INTERNAL_ERROR.error());
        }
        _ => {}
    }
    match op {
        Op::PutObject => put::run(call),
        Op::GetObject => get::run(call),
        Op::HeadObject => head::run(call),
        Op::DeleteObject => delete::run(call),
        Op::Initiate => initiate::run(call),
        Op::UploadPart => upload_part::run(call),
        Op::ListParts => list_parts::run(call),
        Op::Complete => complete::run(call),
        Op::Abort => abort::run(call),
        Op::ListUploads => list_uploads::run(call),
        Op::ListObjects => list_objects::run(call),
        Op::HeadBucket => Ok(bucket_location::head(call)),
        Op::BucketLocation => Ok(bucket_location::run(call)),
    }
}

fn judge(server: &S3, clock: Duration, head: &Parts, target: &Target, op: Option<Op>) -> Result<(Op, Payload), Error> {
    let config = &server.config;
    let payload = signature::check(head, target, config, &server.grants, clock)?;
    if let Some(bucket) = target.bucket.as_deref().filter(|bucket| !config.has_bucket(bucket)) {
        return Err(NO_SUCH_BUCKET.error().with("BucketName", bucket));
    }
    let op = op.ok_or_else(|| NOT_IMPLEMENTED.because("The emulator does not do this: it is for uploading."))?;
    for name in head.headers.keys().map(http::HeaderName::as_str) {
        if let Some(refused) = config.refused_headers.iter().find(|refused| refused.covers(name)) {
            let place = Place { region: &config.region, bucket: None, uri: "/" };
            return Err(Error::injected(refused.status, &refused.code, clock, place).with("Header", name));
        }
    }
    if target.key.len() > 1024 {
        let error = KEY_TOO_LONG.error().with("Size", target.key.len().to_string());
        return Err(error.with("MaxSizeAllowed", "1024"));
    }
    if op.takes_bytes() {
        check_length(server, op, &head.headers)?;
    }
    Ok((op, payload))
}

fn check_length(server: &S3, op: Op, headers: &HeaderMap) -> Result<(), Error> {
    let limits = &server.config.limits;
    let max = if op == Op::PutObject { limits.put_max } else { limits.part_max };
    let length = number(headers, DECODED_LENGTH).or_else(|| number(headers, CONTENT_LENGTH.as_str()));
    match length {
        Some(length) if length > max => {
            let error = ENTITY_TOO_LARGE.error().with("ProposedSize", length.to_string());
            Err(error.with("MaxSizeAllowed", max.to_string()))
        }
        None => Err(MISSING_CONTENT_LENGTH.error()),
        _ => Ok(()),
    }
}

/// What has to be known of the bytes: what the request claims, what its upload declares, and what the server tells.
fn algorithms(server: &S3, head: &Parts, target: &Target, verdict: &Result<(Op, Payload), Error>) -> Vec<Algorithm> {
    let mut all = checksums::named(&head.headers);
    all.push(Algorithm::Crc64Nvme);
    if server.config.switches.checksums == Checksums::Other {
        all.push(OTHER);
    }
    if matches!(verdict, Ok((_, Payload::Sha256(_)))) {
        all.push(Algorithm::Sha256);
    }
    let id = target.query.get("uploadId").and_then(|told| server.own_id(told));
    let purpose = id.and_then(|id| server.uploads.purpose(id));
    all.extend(purpose.and_then(|purpose| purpose.own.checksum).map(|declared| declared.algorithm));
    all.sort_unstable();
    all.dedup();
    all
}

fn check_hash(payload: &Payload, own: &[u8]) -> Result<(), Error> {
    let own = hex::encode(own);
    match payload {
        Payload::Sha256(claimed) if *claimed != own => {
            let error = SHA256_MISMATCH.error().with("ClientComputedContentSHA256", claimed.clone());
            Err(error.with("S3ComputedContentSHA256", own))
        }
        _ => Ok(()),
    }
}

fn of_unknown_upload(server: &S3, error: Error) -> Error {
    if error.code != "NoSuchUpload" {
        return error;
    }
    match server.config.switches.unknown_upload {
        UnknownUpload::NoSuchUpload => error,
        UnknownUpload::InternalError => INTERNAL_ERROR.error(),
        UnknownUpload::AccessDenied => super::error::ACCESS_DENIED.error(),
    }
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}
