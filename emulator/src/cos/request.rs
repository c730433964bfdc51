//! A request that is arriving: its head is judged at once, its file goes to the store while nobody knows yet what it is
//! for, and at its end it becomes a call.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http::{Method, Response};

use super::answer::{ResponseContext, page, refused, success};
use super::call::{Call, Operations, Refusal};
use super::code::{self, Code};
use super::path::{self, Target};
use super::rules::Rules;
use super::server::{Server, fresh};
use super::signature::{self, Authorization};
use crate::body_sink::{BodySink, NoFile};
use crate::faults::{Fault, FaultKey};
use crate::form::{Fields, FileField, Form, Kind, Rules as FormRules};
use crate::service::{Outcome, RequestHandler};

pub(super) struct Request<A: Operations> {
    server: Arc<Server<A>>,
    form: Form,
    sink: BodySink,
    length: u64,
    target: Option<Target>,
    verdict: Result<Authorization, Early>,
}

/// Why a request is refused before it is a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Early {
    Code(Code),
    NoSuchPath,
    TooLarge,
}

impl<A: Operations> Request<A> {
    pub(super) fn begin(server: Arc<Server<A>>, clock: Duration, head: &Parts) -> Request<A> {
        let limits = &server.rules.limits;
        let target = path::target(head.uri.path(), A::ROOT, limits.key, server.rules.path_plus);
        let verdict = judge(&server.rules, clock, head, target.as_ref());
        let rules = FormRules {
            kinds: &[Kind::Json, Kind::Multipart],
            // SDKs also spell it `fileContent`.
            file: Some(FileField { name: "filecontent", needs_file_name: false }),
            any_case: true,
            texts: &[],
            longest: limits.text_fields,
            repeated: server.rules.repeated_field,
        };
        let form = match head.method {
            Method::GET => Form::of(in_query(head), rules),
            _ => Form::new(&head.headers, rules),
        };
        let cap = verdict.is_ok().then(|| limits.one_request.max(limits.largest_slice));
        let sink = BodySink::new(Arc::clone(&server.storage), Arc::clone(&server.counters), cap);
        Request { server, form, sink, length: 0, target, verdict }
    }
}

impl<A: Operations> RequestHandler for Request<A> {
    fn feed(&mut self, chunk: &[u8]) {
        self.length += chunk.len() as u64;
        if self.length > self.server.rules.limits.body {
            self.verdict = Err(Early::TooLarge);
            self.sink.give_up();
        } else {
            self.form.feed(chunk, Some(&mut self.sink));
        }
    }

    fn is_decided(&self) -> bool {
        self.verdict == Err(Early::TooLarge)
    }

    fn close(&mut self) {
        self.form.close(Some(&mut self.sink));
    }

    fn fault_key(&self) -> Option<FaultKey> {
        let op = self.server.config.op(self.form.fields(), self.form.is_closed())?;
        let name = self.target.as_ref().and_then(|target| target.name.as_ref());
        let path = name.map(|name| format!("/{}", name.key())).unwrap_or_default();
        Some(FaultKey { facts: A::FACTS, op: op.to_owned(), path })
    }

    fn offset(&self) -> Option<u64> {
        self.form.fields().text("offset")?.parse().ok()
    }

    fn received(&self) -> u64 {
        self.sink.received()
    }

    fn work(mut self: Box<Self>, clock: Duration, fault: Option<&Fault>) -> Outcome {
        self.close();
        let (context, serial) = self.server.context(clock);
        let mut stored = 0;
        match self.run((clock, serial), fault, &context, &mut stored) {
            Ok(response) => Outcome { response, code: Some(0.into()), stored },
            Err(Early::Code(code)) => refused(code, &context),
            Err(Early::TooLarge) => page(413, &context),
            Err(Early::NoSuchPath) => page(404, &context),
        }
    }
}

impl<A: Operations> Request<A> {
    fn run(
        self,
        (clock, serial): (Duration, u64),
        fault: Option<&Fault>,
        context: &ResponseContext,
        stored: &mut u64,
    ) -> Result<Response<Bytes>, Early> {
        let (authorization, mut sink, server) = (self.verdict?, self.sink, self.server);
        if self.form.fields().has_file() {
            // A file without a byte is still a file.
            sink.open();
        }
        let file = match sink.finish() {
            Err(NoFile::TooLong) => return Err(Early::TooLarge),
            Err(NoFile::Failed) => Err(Early::Code(code::STORAGE)),
            Ok(file) => Ok(file),
        };
        let fields = self.form.outcome().map_err(|error| Early::Code(error.into()))?;
        check_authorization(&server, &authorization, fields).map_err(Early::Code)?;
        let mut file = file?;
        let name = self.target.as_ref().and_then(|target| target.name.as_ref()).ok_or(Early::NoSuchPath)?;
        let bucket = server.bucket(name).ok_or(Early::Code(code::NO_BUCKET))?;
        let proofs = match &mut file {
            Some(file) => A::prove(bucket, name, fields, file).map_err(|_| Early::Code(code::STORAGE))?,
            None => Vec::new(),
        };
        let answer = bucket.with_path(name.key(), |sessions| {
            let mut call = Call {
                config: &server.config,
                rules: &server.rules,
                storage: server.storage.as_ref(),
                bucket,
                sessions,
                name,
                fields,
                file,
                now: clock.as_secs(),
                fresh: fresh(name, clock, serial),
                fault,
                proofs,
                stored: 0,
            };
            if fault == Some(&Fault::ForgetSession) {
                call.forget_sessions();
            }
            let data = A::run(&mut call);
            *stored = call.stored;
            data.map(|mut data| {
                data.iter_mut().zip(fault).for_each(|(data, fault)| A::distort(data, fault));
                success(data.as_ref(), context)
            })
        });
        answer.map_err(|refusal| match refusal {
            Refusal::Code(code) => Early::Code(code),
            Refusal::TooLarge => Early::TooLarge,
        })
    }
}

fn judge(rules: &Rules, clock: Duration, head: &Parts, target: Option<&Target>) -> Result<Authorization, Early> {
    let target = target.ok_or(Early::NoSuchPath)?;
    let length = head.headers.get(CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > rules.limits.body) {
        return Err(Early::TooLarge);
    }
    let signed = signature::Rules {
        accounts: &rules.accounts,
        query_plus: rules.query_plus,
        expired: rules.expired,
        life: rules.limits.signature_life,
    };
    let authorization = signature::check(head, target, &signed, clock).map_err(Early::Code)?;
    let exists = rules.accounts.iter().any(|it| it.appid == target.appid && it.bucket == target.bucket);
    if !exists {
        return Err(Early::Code(code::NO_BUCKET));
    }
    if target.name.is_none() {
        return Err(Early::Code(path::refusal(rules.bad_path)));
    }
    let is_stat = head.method == Method::GET && in_query(head).text("op") == Some("stat");
    if head.method != Method::POST && !is_stat {
        let method = code::PARAMETER.because("ERROR_CGI_PARAM: method");
        return Err(Early::Code(method));
    }
    Ok(authorization)
}

/// The fields of a request that has them all in its URL.
fn in_query(head: &Parts) -> Fields {
    let pairs = head.uri.query().unwrap_or_default().split('&');
    Fields::of(pairs.filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        Some((name.to_ascii_lowercase(), path::decode(value)?))
    }))
}

fn check_authorization<A: Operations>(
    server: &Server<A>,
    authorization: &Authorization,
    fields: &Fields,
) -> Result<(), Code> {
    let deletes = fields.text("op") == Some("delete");
    if deletes && authorization.once.is_none() {
        let text = "ERROR_PROXY_AUTH_FAILED: needs a once-effect signature";
        return Err(code::AUTH_FAILED.because(text));
    }
    if !deletes && authorization.once.is_some() && !server.rules.once_for_uploads {
        let text = "ERROR_PROXY_AUTH_FAILED: needs a multi-effect signature";
        return Err(code::AUTH_FAILED.because(text));
    }
    server.used().spend(authorization)
}
