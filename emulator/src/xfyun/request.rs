//! A request that is arriving: the gateway judges its head at once, its file goes to the store, and at its end it becomes a
//! call.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use http::request::Parts;
use sha2::{Digest, Sha256};

use super::answer::{self, Data};
use super::call::Call;
use super::code::{self, Code};
use super::config::{DigestCheck, Refusals};
use super::gateway::{self, Denial, Pass};
use super::op::{FACTS, Op};
use super::operations::{cancel, complete, init, slice, upload};
use super::server::Xfyun;
use crate::body_sink::{BodySink, NoFile};
use crate::faults::{Fault, FaultKey};
use crate::form::{FileField, Form, Rules};
use crate::service::{Outcome, RequestHandler};

pub(super) struct Request {
    server: Arc<Xfyun>,
    path: String,
    verdict: Result<(Op, Pass), Refusal>,
    form: Form,
    sink: BodySink,
    /// The body's, where the gateway asks for it.
    digest: Option<Sha256>,
    /// The tick at which it began.
    began: u64,
}

/// Why a request has no data to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    NoSuchPath,
    Gateway(Denial),
    Code(Code),
}

impl Request {
    pub(super) fn begin(server: Arc<Xfyun>, clock: Duration, head: &Parts) -> Request {
        let path = head.uri.path().to_owned();
        let verdict = judge(&server, clock, head);
        let rules = Rules {
            kinds: Op::of_path(&path).map_or(&[], Op::kinds),
            file: Some(FileField { name: "data", needs_file_name: true }),
            any_case: false,
            texts: &["request_id", "app_id", "cloud_id", "upload_id"],
            longest: 64 * 1024,
            repeated: server.config.switches.repeated_field,
        };
        let limits = &server.config.limits;
        let cap = verdict.as_ref().ok().map(|(op, _)| match op {
            Op::Upload => limits.one_request.unwrap_or(limits.slice_max),
            _ => limits.slice_max,
        });
        let (storage, counters) = (Arc::clone(&server.storage), Arc::clone(&server.counters));
        let strict = server.config.switches.digest == DigestCheck::Body;
        Request {
            path,
            form: Form::new(&head.headers, rules),
            sink: BodySink::new(storage, counters, cap),
            digest: strict.then(Sha256::new),
            began: server.tick(),
            verdict,
            server,
        }
    }

    fn run(self, clock: Duration, fault: Option<&Fault>, stored: &mut u64) -> Result<Option<Data>, Refusal> {
        let (op, pass) = self.verdict?;
        check_digest(self.digest, &pass).map_err(Refusal::Gateway)?;
        let fields = self.form.outcome().map_err(|error| Refusal::Code(error.into()))?;
        let file = self.sink.finish().map_err(|why| {
            Refusal::Code(match why {
                NoFile::TooLong => code::PARAMETER.because("data is too long"),
                NoFile::Failed => code::IO,
            })
        })?;
        let mut call = Call {
            server: &self.server,
            api_key: &pass.api_key,
            fields,
            file,
            clock,
            began: self.began,
            fault,
            stored: 0,
        };
        let data = work(&mut call, op);
        *stored = call.stored;
        data.map_err(Refusal::Code)
    }
}

impl RequestHandler for Request {
    fn feed(&mut self, chunk: &[u8]) {
        if let Some(digest) = &mut self.digest {
            digest.update(chunk);
        }
        self.form.feed(chunk, Some(&mut self.sink));
    }

    fn is_decided(&self) -> bool {
        false
    }

    fn close(&mut self) {
        self.form.close(Some(&mut self.sink));
    }

    /// Known from the head on, whatever the body turns out to be. No request names an object: the path is its own.
    fn fault_key(&self) -> Option<FaultKey> {
        let op = Op::of_path(&self.path).map_or("", Op::name);
        Some(FaultKey { facts: &FACTS, op: op.to_owned(), path: self.path.clone() })
    }

    fn offset(&self) -> Option<u64> {
        None
    }

    fn received(&self) -> u64 {
        self.sink.received()
    }

    fn work(mut self: Box<Self>, clock: Duration, fault: Option<&Fault>) -> Outcome {
        self.close();
        let context = self.server.context(clock);
        let status = match self.server.config.switches.refusals {
            Refusals::Http500 => 500,
            Refusals::Http200 => 200,
        };
        let mut stored = 0;
        match self.run(clock, fault, &mut stored) {
            Ok(data) => answer::success(data.as_ref(), stored, &context),
            Err(Refusal::NoSuchPath) => answer::page(404, &context),
            Err(Refusal::Gateway(denial)) => answer::denied(denial, &context),
            Err(Refusal::Code(code)) => answer::refused(status, code, &context),
        }
    }
}

/// Does what is asked for.
fn work(call: &mut Call<'_>, op: Op) -> Result<Option<Data>, Code> {
    if call.fault == Some(&Fault::ForgetSession)
        && let Some(id) = call.fields.text("upload_id")
    {
        call.server.uploads.forget(id, call.storage());
    }
    call.need("request_id", "requestId must not be empty")?;
    call.check_app()?;
    match op {
        Op::Upload => upload(call).map(Some),
        Op::Init => init(call).map(Some),
        Op::Slice => slice(call).map(|()| None),
        Op::Complete => complete(call).map(Some),
        Op::Cancel => cancel(call).map(|()| None),
    }
}

fn judge(server: &Xfyun, clock: Duration, head: &Parts) -> Result<(Op, Pass), Refusal> {
    let op = Op::of_path(head.uri.path()).filter(|_| head.method == Method::POST).ok_or(Refusal::NoSuchPath)?;
    let config = &server.config;
    let pass = gateway::check(head, &config.accounts, config.limits.skew, clock).map_err(Refusal::Gateway)?;
    Ok((op, pass))
}

/// Whether the signed digest is the body's, where that is asked.
fn check_digest(body: Option<Sha256>, pass: &Pass) -> Result<(), Denial> {
    let Some(body) = body else { return Ok(()) };
    let true_digest = format!("SHA-256={}", STANDARD.encode(body.finalize()));
    if pass.digest == true_digest { Ok(()) } else { Err(Denial::Mismatch) }
}
