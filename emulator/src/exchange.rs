//! One request, from its head to its answer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderValue, RETRY_AFTER};
use http::request::Parts;
use http::{Method, Response};
use sha1::{Digest, Sha1};

use crate::code::{self, Code};
use crate::cos_v2::{Call, Received, Refusal, to_hex};
use crate::emulator::{Shared, State};
use crate::faults::Fault;
use crate::form::{Fields, Form, Sink};
use crate::log::Entry;
use crate::path::{self, ObjectName, Target};
use crate::reply::{self, Data, Delivery, Reply, Stamp};
use crate::signature::{self, Grant};

/// A request that is arriving. Dropped before [`end`](Exchange::end), it leaves nothing behind but a count.
pub struct Exchange {
    presence: Presence,
    form: Form,
    intake: Intake,
    path: String,
    target: Option<Target>,
    verdict: Result<Grant, Early>,
}

/// Why a request is refused for its head alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Early {
    Code(Code),
    NoSuchService,
    TooLarge,
}

impl Exchange {
    pub(crate) fn begin(shared: Arc<Shared>, now: Duration, head: &Parts) -> Exchange {
        let config = &shared.config;
        let target = path::target(head.uri.path(), config.limits.key);
        let verdict = judge(&shared, now, head, target.as_ref());
        let form = match (&head.method, head.uri.query()) {
            (&Method::GET, query) => Form::in_query(query.unwrap_or_default()),
            _ => Form::of(&head.headers, config.limits.text_fields),
        };
        Exchange {
            form,
            intake: Intake::new(Arc::clone(&shared), verdict.is_ok()),
            path: head.uri.path().to_owned(),
            presence: Presence { shared, ended: false },
            target,
            verdict,
        }
    }

    /// Whether the answer is settled and the rest of the body need not be read.
    pub fn is_settled(&self) -> bool {
        self.verdict == Err(Early::TooLarge)
    }

    /// More of the body.
    pub fn feed(&mut self, chunk: &[u8]) {
        if self.is_settled() {
            return;
        }
        self.intake.body += chunk.len() as u64;
        if self.intake.body > self.presence.shared.config.limits.body {
            self.verdict = Err(Early::TooLarge);
            self.intake.give_up();
            return;
        }
        self.form.feed(chunk, &mut self.intake);
    }

    /// The body is over: does what was asked and answers.
    pub fn end(mut self, now: Duration) -> Reply {
        self.presence.ended = true;
        let (fields, form) = self.form.end(&mut self.intake);
        let shared = Arc::clone(&self.presence.shared);
        let clock = shared.clock(now);
        let mut state = shared.lock();
        let stamp = state.stamp(&shared.config, clock);
        let fault = state.faults.draw(fields.text("op").unwrap_or_default());
        let ending = Ending {
            shared: &shared,
            state: &mut state,
            target: self.target.as_ref(),
            verdict: self.verdict,
            form,
            fields: &fields,
            fault: fault.as_ref(),
            stamp: &stamp,
            clock,
        };
        let outcome = ending.run(&mut self.intake);
        shared.counters.ended(outcome.stored);
        if state.log.keeps() {
            state.log.push(Entry {
                at: now,
                service: "cos-v2",
                op: fields.text("op").unwrap_or_default().to_owned(),
                path: self.path,
                status: outcome.response.status().as_u16(),
                code: outcome.code,
                offset: fields.text("offset").and_then(|text| text.parse().ok()),
                body_bytes: outcome.stored,
                received_bytes: self.intake.received,
                fault: fault.clone(),
            });
        }
        deliver(outcome.response, fault.as_ref())
    }
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange").field("path", &self.path).finish_non_exhaustive()
    }
}

fn judge(shared: &Shared, now: Duration, head: &Parts, target: Option<&Target>) -> Result<Grant, Early> {
    let config = &shared.config;
    let target = target.ok_or(Early::NoSuchService)?;
    let length = head.headers.get(CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > config.limits.body) {
        return Err(Early::TooLarge);
    }
    let grant = signature::check(head, target, config, shared.clock(now)).map_err(Early::Code)?;
    let exists = config.accounts.iter().any(|it| it.appid == target.appid && it.bucket == target.bucket);
    if !exists {
        return Err(Early::Code(code::NO_BUCKET));
    }
    if target.name.is_none() {
        return Err(Early::Code(path::refusal(config.switches.bad_path)));
    }
    let is_stat = head.method == Method::GET && Form::in_query(head.uri.query().unwrap_or_default()).asks("stat");
    if head.method != Method::POST && !is_stat {
        let method = code::PARAMETER.because("ERROR_CGI_PARAM: method");
        return Err(Early::Code(method));
    }
    Ok(grant)
}

/// Everything that decides an answer.
struct Ending<'a> {
    shared: &'a Shared,
    state: &'a mut State,
    target: Option<&'a Target>,
    verdict: Result<Grant, Early>,
    form: Result<(), Code>,
    fields: &'a Fields,
    fault: Option<&'a Fault>,
    stamp: &'a Stamp,
    clock: Duration,
}

struct Outcome {
    response: Response<Bytes>,
    code: Option<i32>,
    stored: u64,
}

impl Ending<'_> {
    fn run(mut self, intake: &mut Intake) -> Outcome {
        if let Some(outcome) = self.fault.and_then(|fault| instead(fault, self.stamp)) {
            return outcome;
        }
        let mut stored = 0;
        match self.answer(intake, &mut stored) {
            Ok(data) => {
                Outcome { response: reply::success(&distort(data, self.fault), self.stamp), code: Some(0), stored }
            }
            Err(Early::Code(code)) => refused(code, self.stamp),
            Err(Early::TooLarge) => page(413, self.stamp),
            Err(Early::NoSuchService) => page(404, self.stamp),
        }
    }

    fn answer(&mut self, intake: &mut Intake, stored: &mut u64) -> Result<Data, Early> {
        let grant = self.verdict.clone()?;
        if intake.overflowed {
            return Err(Early::TooLarge);
        }
        self.form.map_err(Early::Code)?;
        self.check_grant(&grant).map_err(Early::Code)?;
        let file = intake.take(self.fields.has_file());
        let file = file.map_err(|()| Early::Code(code::STORAGE))?;
        let name = self.target.and_then(|target| target.name.as_ref());
        let name = name.ok_or(Early::NoSuchService)?;
        let (serial, clock) = (self.state.serial, self.clock);
        let bucket = self.state.bucket(name.appid(), name.bucket());
        let bucket = bucket.ok_or(Early::Code(code::NO_BUCKET))?;
        let storage = self.shared.storage.as_ref();
        if self.fault == Some(&Fault::ForgetSession)
            && let Some(session) = bucket.take_session(name.key())
        {
            storage.drop_draft(&session.id);
        }
        let mut call = Call {
            config: &self.shared.config,
            storage,
            bucket,
            name,
            fields: self.fields,
            file,
            now: self.clock.as_secs(),
            fresh_session: &|| fresh_session(name, clock, serial),
            stored: 0,
        };
        let data = call.run();
        *stored = call.stored;
        data.map_err(|refusal| match refusal {
            Refusal::Code(code) => Early::Code(code),
            Refusal::TooLarge => Early::TooLarge,
        })
    }

    fn check_grant(&mut self, grant: &Grant) -> Result<(), Code> {
        let deletes = self.fields.text("op") == Some("delete");
        if deletes && grant.once.is_none() {
            let text = "ERROR_PROXY_AUTH_FAILED: needs a once-effect signature";
            return Err(code::AUTH_FAILED.because(text));
        }
        if !deletes && grant.once.is_some() && !self.shared.config.switches.once_for_uploads {
            let text = "ERROR_PROXY_AUTH_FAILED: needs a multi-effect signature";
            return Err(code::AUTH_FAILED.because(text));
        }
        self.state.used.spend(grant)
    }
}

/// 96 hexadecimal digits, as the vendor's are, and new even after a restart.
fn fresh_session(name: &ObjectName, clock: Duration, serial: u64) -> String {
    let digits = (0..3u8).flat_map(|round| {
        let mut hasher = Sha1::new();
        hasher.update([round]);
        hasher.update(clock.as_nanos().to_be_bytes());
        hasher.update(serial.to_be_bytes());
        hasher.update(name.resource_path());
        hasher.finalize()
    });
    to_hex(&digits.take(48).collect::<Vec<u8>>())
}

/// The answer of a fault that does nothing.
fn instead(fault: &Fault, stamp: &Stamp) -> Option<Outcome> {
    Some(match fault {
        Fault::Refuse { status, code } => {
            let message = code::message(*code);
            let code = Code { number: *code, status: *status, message };
            refused(code, stamp)
        }
        Fault::Unavailable => refused(code::UNAVAILABLE, stamp),
        // Nobody will read it.
        Fault::CutBefore => page(503, stamp),
        Fault::ExpiredSignature => refused(code::AUTH_EXPIRED, stamp),
        Fault::Throttle { retry_after_seconds } => {
            let mut outcome = refused(code::THROTTLED, stamp);
            if let Some(seconds) = retry_after_seconds {
                let headers = outcome.response.headers_mut();
                headers.insert(RETRY_AFTER, HeaderValue::from(*seconds));
            }
            outcome
        }
        Fault::Html { status } => page(*status, stamp),
        Fault::Garbage => Outcome { response: reply::garbage(stamp), code: None, stored: 0 },
        _ => return None,
    })
}

fn refused(code: Code, stamp: &Stamp) -> Outcome {
    Outcome { response: reply::refusal(code, stamp), code: Some(code.number), stored: 0 }
}

fn page(status: u16, stamp: &Stamp) -> Outcome {
    Outcome { response: reply::html(status, stamp), code: None, stored: 0 }
}

/// The lies of a fault that answers wrongly.
fn distort(mut data: Data, fault: Option<&Fault>) -> Data {
    match (fault, &mut data) {
        (Some(Fault::WrongEcho), Data::Slice(slice)) => {
            slice.offset += 1;
            slice.datalen = slice.datalen.saturating_sub(1);
        }
        (Some(Fault::WrongSessionEcho), Data::Slice(slice)) => other(&mut slice.session),
        (Some(Fault::WrongSessionEcho), Data::Session(answer)) => other(&mut answer.session),
        (Some(Fault::WrongSessionEcho), Data::List(list)) => other(&mut list.session),
        _ => {}
    }
    data
}

fn other(session: &mut String) {
    *session = session.chars().rev().collect();
    session.replace_range(..1, "g");
}

fn deliver(response: Response<Bytes>, fault: Option<&Fault>) -> Reply {
    let delivery = match fault {
        Some(Fault::DropReply | Fault::CutBefore) => Delivery::Drop,
        Some(Fault::CutReply) => Delivery::Cut(response.body().len() / 2),
        _ => Delivery::Send,
    };
    let delay = match fault {
        Some(Fault::Delay { millis }) => Duration::from_millis(*millis),
        _ => Duration::ZERO,
    };
    Reply { response, delivery, delay }
}

/// Counts a request that goes away before its end.
struct Presence {
    shared: Arc<Shared>,
    ended: bool,
}

impl Drop for Presence {
    fn drop(&mut self) {
        if !self.ended {
            self.shared.counters.cut();
        }
    }
}

/// Where a request's file goes while nobody knows yet what it is for.
struct Intake {
    shared: Arc<Shared>,
    wanted: bool,
    cap: u64,
    file: Option<Received>,
    received: u64,
    body: u64,
    overflowed: bool,
    failed: bool,
}

impl Intake {
    fn new(shared: Arc<Shared>, wanted: bool) -> Intake {
        let limits = &shared.config.limits;
        let chosen = shared.config.switches.slice_size;
        let slices = limits.slice_sizes.iter().copied().chain(chosen);
        let cap = slices.fold(limits.one_request, u64::max);
        Intake { shared, wanted, cap, file: None, received: 0, body: 0, overflowed: false, failed: false }
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
        match self.shared.storage.spool() {
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
        self.shared.counters.received(bytes.len());
        if self.received > self.cap {
            self.overflowed = true;
            self.give_up();
        }
        if self.wanted {
            self.store(bytes);
        }
    }
}
