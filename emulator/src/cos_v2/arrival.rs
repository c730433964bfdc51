//! A request that is arriving: its head is judged at once, its file goes to the store while nobody knows yet what it is
//! for, and at its end it becomes a call.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use http::header::CONTENT_LENGTH;
use http::request::Parts;

use super::answer;
use super::call::{Call, Received, Refusal};
use super::data;
use super::{CosV2, NAME, ROOT, fresh_session};
use crate::cos::answer::{page, refused};
use crate::cos::code::{self, Code};
use crate::cos::form::{Fields, Form, Sink};
use crate::cos::path::{self, Target};
use crate::cos::signature::{self, Grant};
use crate::faults::{Fault, Subject};
use crate::service::{Arrival, Outcome};

pub(super) struct Request {
    server: Arc<CosV2>,
    body: Body,
    intake: Intake,
    length: u64,
    target: Option<Target>,
    verdict: Result<Grant, Early>,
}

enum Body {
    Arriving(Form),
    Over(Fields, Result<(), Code>),
}

/// Why a request is refused before it is a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Early {
    Code(Code),
    NoSuchPath,
    TooLarge,
}

impl Request {
    pub(super) fn begin(server: Arc<CosV2>, clock: Duration, head: &Parts) -> Request {
        let limits = &server.config.limits;
        let target = path::target(head.uri.path(), ROOT, limits.key);
        let verdict = judge(&server, clock, head, target.as_ref());
        let form = match (&head.method, head.uri.query()) {
            (&Method::GET, query) => Form::in_query(query.unwrap_or_default()),
            _ => Form::of(&head.headers, limits.text_fields),
        };
        let intake = Intake::new(Arc::clone(&server), verdict.is_ok());
        Request { server, body: Body::Arriving(form), intake, length: 0, target, verdict }
    }

    fn text(&self, name: &str) -> Option<&str> {
        match &self.body {
            Body::Arriving(form) => form.text(name),
            Body::Over(fields, _) => fields.text(name),
        }
    }
}

impl Arrival for Request {
    fn feed(&mut self, chunk: &[u8]) {
        self.length += chunk.len() as u64;
        if self.length > self.server.config.limits.body {
            self.verdict = Err(Early::TooLarge);
            self.intake.give_up();
        } else if let Body::Arriving(form) = &mut self.body {
            form.feed(chunk, &mut self.intake);
        }
    }

    fn is_settled(&self) -> bool {
        self.verdict == Err(Early::TooLarge)
    }

    fn close(&mut self) {
        if let Body::Arriving(form) = &mut self.body {
            let (fields, outcome) = std::mem::replace(form, Form::empty()).end(&mut self.intake);
            self.body = Body::Over(fields, outcome);
        }
    }

    fn subject(&self) -> Option<Subject> {
        let op = match &self.body {
            Body::Arriving(form) => form.text("op")?,
            Body::Over(fields, _) => fields.text("op").unwrap_or_default(),
        };
        let name = self.target.as_ref().and_then(|target| target.name.as_ref());
        let path = name.map(|name| format!("/{}", name.key())).unwrap_or_default();
        Some(Subject { service: NAME, op: op.to_owned(), path })
    }

    fn offset(&self) -> Option<u64> {
        self.text("offset")?.parse().ok()
    }

    fn received(&self) -> u64 {
        self.intake.received
    }

    fn work(mut self: Box<Self>, clock: Duration, fault: Option<&Fault>) -> Outcome {
        self.close();
        let (stamp, serial) = self.server.stamp(clock);
        let mut stored = 0;
        match self.run(clock, serial, fault, &mut stored) {
            Ok(mut data) => {
                if let Some(fault) = fault {
                    answer::distort(&mut data, fault);
                }
                Outcome { response: answer::success(&data, &stamp), code: Some(0.into()), stored }
            }
            Err(Early::Code(code)) => refused(code, &stamp),
            Err(Early::TooLarge) => page(413, &stamp),
            Err(Early::NoSuchPath) => page(404, &stamp),
        }
    }
}

impl Request {
    fn run(self, clock: Duration, serial: u64, fault: Option<&Fault>, stored: &mut u64) -> Result<answer::Data, Early> {
        let (grant, mut intake, server) = (self.verdict?, self.intake, self.server);
        if intake.overflowed {
            return Err(Early::TooLarge);
        }
        let Body::Over(fields, Ok(())) = &self.body else {
            let Body::Over(_, Err(code)) = self.body else { return Err(Early::NoSuchPath) };
            return Err(Early::Code(code));
        };
        check_grant(&server, &grant, fields).map_err(Early::Code)?;
        let mut file = intake.take(fields.has_file()).map_err(|()| Early::Code(code::STORAGE))?;
        let name = self.target.as_ref().and_then(|target| target.name.as_ref()).ok_or(Early::NoSuchPath)?;
        let bucket = server.bucket(name).ok_or(Early::Code(code::NO_BUCKET))?;
        let proofs = match &mut file {
            Some(file) => data::prove(bucket, name, fields, file).map_err(|_| Early::Code(code::STORAGE))?,
            None => Vec::new(),
        };
        let data = bucket.with_slot(name.key(), |slot| {
            let mut call = Call {
                config: &server.config,
                storage: server.storage.as_ref(),
                bucket,
                slot,
                name,
                fields,
                file,
                now: clock.as_secs(),
                fresh_session: &|| fresh_session(name, clock, serial),
                fault,
                proofs,
                stored: 0,
            };
            let data = call.run();
            *stored = call.stored;
            data
        });
        data.map_err(|refusal| match refusal {
            Refusal::Code(code) => Early::Code(code),
            Refusal::TooLarge => Early::TooLarge,
        })
    }
}

fn judge(server: &CosV2, clock: Duration, head: &Parts, target: Option<&Target>) -> Result<Grant, Early> {
    let config = &server.config;
    let target = target.ok_or(Early::NoSuchPath)?;
    let length = head.headers.get(CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > config.limits.body) {
        return Err(Early::TooLarge);
    }
    let rules = signature::Rules {
        accounts: &config.accounts,
        query_plus: config.switches.query_plus,
        expired: config.switches.expired,
        life: config.limits.signature_life,
    };
    let grant = signature::check(head, target, &rules, clock).map_err(Early::Code)?;
    let exists = config.accounts.iter().any(|it| it.appid == target.appid && it.bucket == target.bucket);
    if !exists {
        return Err(Early::Code(code::NO_BUCKET));
    }
    if target.name.is_none() {
        return Err(Early::Code(path::refusal(config.switches.bad_path)));
    }
    let is_stat =
        head.method == Method::GET && Form::in_query(head.uri.query().unwrap_or_default()).text("op") == Some("stat");
    if head.method != Method::POST && !is_stat {
        let method = code::PARAMETER.because("ERROR_CGI_PARAM: method");
        return Err(Early::Code(method));
    }
    Ok(grant)
}

fn check_grant(server: &CosV2, grant: &Grant, fields: &Fields) -> Result<(), Code> {
    let deletes = fields.text("op") == Some("delete");
    if deletes && grant.once.is_none() {
        let text = "ERROR_PROXY_AUTH_FAILED: needs a once-effect signature";
        return Err(code::AUTH_FAILED.because(text));
    }
    if !deletes && grant.once.is_some() && !server.config.switches.once_for_uploads {
        let text = "ERROR_PROXY_AUTH_FAILED: needs a multi-effect signature";
        return Err(code::AUTH_FAILED.because(text));
    }
    server.used().spend(grant)
}

/// Where a request's file goes while nobody knows yet what it is for.
struct Intake {
    server: Arc<CosV2>,
    wanted: bool,
    cap: u64,
    file: Option<Received>,
    received: u64,
    overflowed: bool,
    failed: bool,
}

impl Intake {
    fn new(server: Arc<CosV2>, wanted: bool) -> Intake {
        let limits = &server.config.limits;
        let slices = limits.slice_sizes.iter().copied().chain(server.config.switches.slice_size);
        let cap = slices.fold(limits.one_request, u64::max);
        Intake { server, wanted, cap, file: None, received: 0, overflowed: false, failed: false }
    }

    fn give_up(&mut self) {
        self.wanted = false;
        self.file = None;
    }

    /// The file as it was received; one without a byte is still a file.
    fn take(&mut self, has_file: bool) -> Result<Option<Received>, ()> {
        if has_file && self.file.is_none() {
            self.open();
        }
        if self.failed {
            return Err(());
        }
        Ok(self.file.take())
    }

    fn open(&mut self) {
        match self.server.storage.spool() {
            Ok(spool) => self.file = Some(Received { spool, length: 0 }),
            Err(_) => self.failed = true,
        }
    }

    fn store(&mut self, bytes: &[u8]) {
        if self.file.is_none() {
            self.open();
        }
        if let Some(file) = &mut self.file {
            file.length += bytes.len() as u64;
            self.failed = file.spool.write(bytes).is_err();
        }
        if self.failed {
            self.give_up();
        }
    }
}

impl Sink for Intake {
    fn take(&mut self, bytes: &[u8]) {
        self.received += bytes.len() as u64;
        self.server.counters.received(bytes.len());
        if self.received > self.cap {
            self.overflowed = true;
            self.give_up();
        }
        if self.wanted {
            self.store(bytes);
        }
    }
}
