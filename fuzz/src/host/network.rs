//! What becomes of the host's requests.

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Request, Response, header};
use resumable_core::{
    Answer, Body, Cause, HashJob, HashKind, Hasher, Input, Limits, Observed, Segment, SendError, SourceFailure,
    SourceFailureKind, Upload,
};
use resumable_emulator::{Delivery, Emulator};
use resumable_sim::fault_kind::Kind;
use resumable_sim::vendor::{Scenario, Wire};

use super::answers::made_up;
use super::{Content, Host, Open, ProtocolOf, holds_secret};
use crate::message;

type Sent = Result<Answer, SendError>;

impl<S: Scenario> Host<'_, '_, S> {
    pub(super) fn answer_request(&mut self, open: Open<ProtocolOf<S>>, upload: &mut Upload<ProtocolOf<S>>) {
        let Open::Send(ticket, slot, request, limits) = open else { return };
        let sent = match (self.draw.is_over(), self.draw.byte()) {
            (_, 240..=243) => Err(SendError::NotSent(Cause::text("no connection"))),
            (_, 244..=247) => Err(lost()),
            (_, 248) => Err(SendError::Untrusted(Cause::text("a certificate of nobody's"))),
            (_, 249) => Err(SendError::Impossible(Cause::text("no such address"))),
            (_, 250) => Err(SendError::Source(read_failed())),
            (_, 251..) => return upload.handle(Input::Lost(ticket.id())),
            (over, decision) => match self.server().cloned() {
                Some(server) => self.ask(&server, decision, &request, &limits),
                None if over => Err(SendError::NotSent(Cause::text("no connection"))),
                None => self.forge(&request, &limits),
            },
        };
        drop(slot);
        upload.handle(Input::Response(ticket, sent));
    }

    /// The emulator is asked, and its answer may be replaced, spoilt or lost.
    fn ask(&mut self, server: &Emulator, decision: u8, request: &Request<Body>, limits: &Limits) -> Sent {
        if let 200..=223 = decision {
            return self.forge(request, limits);
        }
        if let 160..=199 = decision {
            self.inject(server, request);
        }
        let Some(whole) = self.assembled(request) else { return Err(SendError::Source(read_failed())) };
        let observed = self.observed(request.body());
        let reply = server.handle(self.now.unix, whole.clone());
        server.clear_faults();
        if let Some(record) = &mut self.record {
            record.exchanges.push((whole, reply.response.clone()));
        }
        if !matches!(reply.delivery, Delivery::Send) || matches!(decision, 224..=239) {
            return Err(lost());
        }
        let response = if let 128..=159 = decision { self.spoilt(&reply.response) } else { reply.response };
        within(limits, Answer { response, observed })
    }

    fn inject(&mut self, server: &Emulator, request: &Request<Body>) {
        let len = self.look().len;
        let call = S::Call::of(request, len);
        let kind = self.draw.pick(Kind::ALL);
        let mut chance = fastrand::Rng::with_seed(self.draw.byte().into());
        self.forged = true;
        server.inject(call.rule(call.fault(kind, &mut chance)));
    }

    /// An answer that the input says.
    fn forge(&mut self, request: &Request<Body>, limits: &Limits) -> Sent {
        self.forged = true;
        self.draw.skip(0);
        let response = message::response(self.draw.until(0));
        within(limits, Answer { response, observed: self.observed(request.body()) })
    }

    /// The vendor's answer with some bytes of it replaced.
    fn spoilt(&mut self, response: &Response<Bytes>) -> Response<Bytes> {
        self.forged = true;
        let text = message::of_response(response);
        self.told_secrets |= holds_secret::<S>(&String::from_utf8_lossy(&text));
        let from = usize::from(self.draw.small()) % text.len();
        let to = (from + usize::from(self.draw.byte())).min(text.len());
        message::response(&[&text[..from], self.draw.until(0), &text[to..]].concat())
    }

    /// The request as a transport sends it; `None` if the source has not all that it wants.
    fn assembled(&self, request: &Request<Body>) -> Option<Request<Bytes>> {
        let Content::Bytes(source) = &self.content else { return None };
        let mut bytes = BytesMut::new();
        for segment in request.body().segments() {
            match segment {
                Segment::Bytes(piece) => bytes.extend_from_slice(piece),
                Segment::Source(range) => bytes.extend_from_slice(source.read(range).ok()?),
            }
        }
        let mut whole = request.clone().map(|_| bytes.freeze());
        let (len, host) = (request.body().len(), request.uri().authority().map(ToString::to_string));
        whole.headers_mut().insert(CONTENT_LENGTH, len.into());
        let host = host.and_then(|host| HeaderValue::from_str(&host).ok());
        if let Some(host) = host.filter(|_| !whole.headers().contains_key(header::HOST)) {
            whole.headers_mut().insert(header::HOST, host);
        }
        Some(whole)
    }

    fn observed(&self, body: &Body) -> Observed {
        let digests = body.observe().iter().filter_map(|kind| Some((*kind, self.observed_as(*kind, body)?)));
        Observed::all(digests.collect())
    }

    fn observed_as(&self, kind: HashKind, body: &Body) -> Option<resumable_core::Digest> {
        let Content::Bytes(source) = &self.content else {
            return made_up(&HashJob { kind, range: 0..body.source_len(), keep: false });
        };
        let mut hasher = Hasher::new(kind).ok()?;
        for segment in body.segments() {
            if let Segment::Source(range) = segment {
                hasher.update(source.read(range).ok()?);
            }
        }
        Some(hasher.finish())
    }
}

fn lost() -> SendError {
    SendError::Unsure(Cause::text("the connection broke"))
}

fn read_failed() -> SourceFailure {
    SourceFailure { kind: SourceFailureKind::Read, cause: Cause::text("a bad sector") }
}

/// A transport reads no longer answer.
fn within(limits: &Limits, answer: Answer) -> Sent {
    if answer.response.body().len() as u64 > limits.reply_bytes { Err(lost()) } else { Ok(answer) }
}
