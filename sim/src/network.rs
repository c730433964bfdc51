//! Requests on their way: two moments each, and everything that may come between.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use resumable_core::{
    Answer, Body, Cause, Digest, HashKind, Hasher, Input, Limits, Observed, OpId, Segment, SendError, Sending, Slot,
    SourceFailure, Ticket, Upload,
};
use resumable_emulator::{Delivery, Exchange, Fault as ServerFault, Reply, Rule};

use crate::calls::Calls;
use crate::fault::{Fault, Row, Then};
use crate::fault_kind::Kind;
use crate::ledger::Allowed;
use crate::other_client::name_host;
use crate::vendor::{CallOf, Expectations as _, Noticed, Vendor, Wire as _};
use crate::world::{Moment, World};

/// One request.
pub(crate) struct Flight<C> {
    /// Until it is answered.
    ticket: Option<(Ticket<Sending>, Slot)>,
    call: C,
    /// Until it has reached the server, or never will.
    request: Option<Request<Body>>,
    /// From the moment on when its head has arrived.
    exchange: Option<Exchange>,
    limits: Limits,
    fault: Fault,
    source_len: u64,
    /// It is of an upload that the client has dropped since: what it is answered does not count.
    stale: bool,
    result: Option<Result<Answer, SendError>>,
    /// It gave the session another name.
    renamed: bool,
    /// The version of the source when it left.
    version: usize,
    /// Where its source bytes begin.
    offset: Option<u64>,
}

impl<C> Flight<C> {
    pub(crate) fn is_open(&self) -> bool {
        self.ticket.is_some()
    }

    /// It gave the session another name, and the client has not heard of it.
    pub(crate) fn renames_unheard(&self) -> bool {
        self.renamed && self.is_open()
    }
}

impl<V: Vendor> World<'_, V> {
    /// The machine sends a request.
    pub(crate) fn send(&mut self, ticket: Ticket<Sending>, slot: Slot, request: Request<Body>, limits: Limits) {
        let call = CallOf::<V>::of(&request, self.process.file_len);
        let in_flight = self.requests() + 1;
        let window = self.process.window;
        if in_flight > window {
            self.violated(|| format!("{in_flight} requests in flight, with a window of {window}"));
        }
        if call.facts().removes() && self.process.listed_finished {
            self.violated(|| "a delete is sent to a path whose list says finished".to_owned());
        }
        self.check_commit(call);
        self.check_held(call);
        self.check_named(&request);
        self.check_lease();
        if self.process.drained_by.is_some() && request.body().source_len() > 0 {
            self.violated(|| "bytes of the file are sent in a drain".to_owned());
        }
        self.ledger.request(call.facts());
        self.count_request();
        let mut fault = self.draw_fault(Row::Call(call.facts()));
        if self.is_offline() {
            self.census.mark("refused in an outage");
            fault = Fault::Refused;
            self.ledger.refused += 1;
        }
        let (op, source_len) = (ticket.id(), request.body().source_len());
        let name = call.facts().name;
        self.note(|| format!("send {op:?} {name} {:?} meets {fault:?}", request.body()));
        self.allow_for(call, &fault);
        let flight = self.flights.len();
        self.schedule(flight, call, &fault);
        let result = early_loss(&fault);
        let offset = request.body().segments().iter().find_map(|segment| match segment {
            Segment::Source(range) => Some(range.start),
            Segment::Bytes(_) => None,
        });
        let request = Some(request);
        let (ticket, exchange) = (Some((ticket, slot)), None);
        let (stale, renamed, version) = (false, false, self.source.latest());
        let flight = Flight {
            ticket,
            call,
            request,
            exchange,
            limits,
            fault,
            source_len,
            stale,
            result,
            renamed,
            version,
            offset,
        };
        self.flights.push(flight);
    }

    /// When nothing goes wrong any more, a run needs few requests.
    fn count_request(&mut self) {
        self.process.requests += 1;
        let (requests, enough) = (self.process.requests, self.enough_requests());
        if self.calm && requests > enough {
            self.violated(|| format!("nothing goes wrong any more, and a run makes more than {enough} requests"));
        }
    }

    /// Before a call that a crash must not forget, the source is checked, and the call is durable as one that is in doubt.
    fn check_commit(&mut self, call: CallOf<V>) {
        if !call.facts().is_remembered() {
            return;
        }
        let checked = std::mem::take(&mut self.process.checked) || self.ledger.aborted;
        let durable = self.store.get().is_some() && !self.store.holds("\"in_doubt\":null");
        let name = call.facts().name;
        if !checked {
            self.violated(|| format!("{name} is sent, and the source was not checked before"));
        }
        if !durable {
            self.violated(|| format!("{name} is sent, and after a crash nobody would know of it"));
        }
    }

    /// Nothing is sent on a lane that the vendor holds back.
    fn check_held(&mut self, call: CallOf<V>) {
        let (until, now) = (self.process.held[lane(call)], self.clock.elapsed());
        if now < until {
            self.violated(|| {
                format!("{call:?} is sent at {now:?}, and the vendor wants to be left alone until {until:?}")
            });
        }
    }

    /// The vendor has said how long it wants to be left alone.
    fn heed_throttling(&mut self, flight: usize, result: &Result<Answer, SendError>) {
        let Flight { call, fault, stale, .. } = &self.flights[flight];
        // What is answered to a call that was cancelled is not read.
        if *stale || self.ledger.aborted {
            return;
        }
        if let (Fault::Server(ServerFault::Throttle { retry_after_seconds: Some(seconds) }), Ok(_)) = (fault, result) {
            let until = self.clock.elapsed() + Duration::from_secs(*seconds);
            let held = &mut self.process.held[lane(*call)];
            *held = until.max(*held);
        }
    }

    /// Before bytes of the file are sent, a crash cannot make the client forget where they go.
    fn check_named(&mut self, request: &Request<Body>) {
        let Some(name) = CallOf::<V>::upload_of(request).filter(|_| request.body().source_len() > 0) else { return };
        let text = serde_json::Value::from(name.as_str()).to_string();
        if !self.store.holds(&text) {
            self.violated(|| format!("bytes are sent to {name}, and no durable checkpoint knows of it"));
        }
    }

    /// How many requests are on their way.
    pub(crate) fn requests(&self) -> usize {
        self.flights.iter().filter(|flight| flight.is_open()).count()
    }

    fn is_offline(&self) -> bool {
        self.profile.outage.as_ref().is_some_and(|outage| outage.contains(&self.clock.elapsed()))
    }

    fn allow_for(&mut self, call: CallOf<V>, fault: &Fault) {
        match fault {
            Fault::Clean | Fault::CrashBefore { .. } | Fault::CrashAfter => {}
            Fault::Refused
            | Fault::LostBefore
            | Fault::LostAfter
            | Fault::LostLate
            | Fault::HostLost
            | Fault::Done(_)
            | Fault::Fails => {
                self.ledger.allow(Allowed::Outage);
            }
            Fault::Garbled => self.ledger.garble(),
            Fault::Flipped(then) => {
                if matches!(then, Then::Lost | Then::Late) {
                    self.ledger.allow(Allowed::Outage);
                }
                self.has_other_bytes(call, *then);
            }
            Fault::Server(ServerFault::OtherBytes) => self.has_other_bytes(call, Then::Answered),
            Fault::Server(server_fault) => {
                if let ServerFault::Throttle { retry_after_seconds: Some(seconds) } = server_fault {
                    self.ledger.asked_to_wait = self.ledger.asked_to_wait.max(Duration::from_secs(*seconds));
                }
                let wait = call.asks_to_wait(server_fault);
                self.ledger.asked_to_wait = self.ledger.asked_to_wait.max(wait);
                call.allows(server_fault).into_iter().for_each(|outcome| self.ledger.allow(outcome));
            }
        }
    }

    /// The server has other bytes than were sent, or will have them.
    fn has_other_bytes(&mut self, call: CallOf<V>, then: Then) {
        self.ledger.other_bytes = true;
        match self.setting.notices(&self.ledger, call, then) {
            Noticed::InTime(outcomes) => outcomes.into_iter().for_each(|outcome| self.ledger.allow(outcome)),
            Noticed::Never => {
                self.ledger.unproven = true;
                // It may all the same be found out by something that only some answers tell, or by a later run.
                let may_be = [Allowed::Digest, Allowed::Session, Allowed::Refusal];
                may_be.into_iter().for_each(|outcome| self.ledger.allow(outcome));
                self.census.mark("other bytes, and nothing can tell");
            }
        }
    }

    fn schedule(&mut self, flight: usize, call: CallOf<V>, fault: &Fault) {
        let (up, down) = (self.latency(), self.latency());
        if call.facts().minds_beginnings && !matches!(fault, Fault::Refused | Fault::Fails | Fault::LostBefore) {
            self.plan(up / 2, Moment::Head(flight));
        }
        match fault {
            Fault::Clean | Fault::Server(_) | Fault::Done(_) | Fault::Garbled | Fault::Flipped(Then::Answered) => {
                self.plan(up, Moment::Effect(flight));
            }
            Fault::Refused | Fault::Fails => self.plan(up, Moment::Answer(flight)),
            Fault::LostBefore | Fault::LostAfter | Fault::HostLost | Fault::Flipped(Then::Lost) => {
                self.plan(up, Moment::Effect(flight));
                self.plan(up + down, Moment::Answer(flight));
            }
            Fault::LostLate | Fault::Flipped(Then::Late) => {
                self.plan(up, Moment::Answer(flight));
                self.plan(up + down * 8, Moment::Effect(flight));
            }
            Fault::CrashBefore { .. } => {
                self.plan(up / 2, Moment::Crash);
                self.plan(up + down, Moment::Effect(flight));
            }
            Fault::CrashAfter | Fault::Flipped(Then::Dies) => {
                self.plan(up, Moment::Effect(flight));
                self.plan(up + Duration::from_micros(1), Moment::Crash);
            }
        }
    }

    /// A request begins to reach the server.
    pub(crate) fn arrive(&mut self, flight: usize) {
        let Some(request) = &self.flights[flight].request else { return };
        let head = head(request);
        self.flights[flight].exchange = Some(self.open(flight, head));
        // The fault was drawn: this vendor's requests say in their heads what they are.
        if self.injected(flight).is_some() {
            self.server.clear_faults();
        }
    }

    fn injected(&self, flight: usize) -> Option<Rule> {
        match &self.flights[flight].fault {
            Fault::Server(server_fault) => Some(self.flights[flight].call.rule(server_fault.clone())),
            Fault::Done(server_fault) => Some(Rule::any(server_fault.clone()).committed()),
            _ => None,
        }
    }

    fn open(&self, flight: usize, head: http::request::Parts) -> Exchange {
        self.injected(flight).into_iter().for_each(|rule| self.server.inject(rule));
        self.server.begin(self.clock.server(), head)
    }

    /// A request reaches the server.
    pub(crate) fn take_effect(&mut self, flight: usize) {
        let Some(request) = self.flights[flight].request.take() else { return };
        if !self.flights[flight].is_open() {
            self.ledger.late_effects += 1;
            self.ledger.overtaken |= self.is_overtaken(flight);
            self.note(|| format!("request {flight} takes effect, and nobody waits for it"));
        }
        let body = match self.assemble(flight, request.body()) {
            Ok(body) => body,
            Err(error) => return self.settle(flight, Err(SendError::Source(error)), Duration::ZERO),
        };
        self.ledger.received += request.body().source_len();
        let observed = observe(request.body(), &body);
        let body = self.flip(flight, request.body(), body);
        if self.flights[flight].fault == Fault::LostBefore {
            return self.break_off(flight, &request, &body);
        }
        let (mut reply, whole) = self.exchange(flight, &request, &body);
        self.ledger.undigested |= !whole && request.body().source_len() > 0;
        let observed = if whole { observed } else { Observed::none() };
        self.write_down(flight, &reply);
        self.watch_sessions(flight, &reply);
        let limits = self.flights[flight].limits;
        let call = self.flights[flight].call.facts().name;
        self.note(|| format!("request {flight} {call} takes effect: {}", excerpt(&reply.response)));
        // Where the file changed, the vendor drops what it had taken, and the client cannot know; nor can it know a slice
        // size that was a lie, or what is there of other bytes than it sent.
        let kept = self.setting.keeps_other_bytes(&self.ledger);
        let misled = self.ledger.changed || self.ledger.resized || self.ledger.is_misled() || kept;
        if CallOf::<V>::blames_client(&reply.response) && !misled {
            self.violated(|| format!("the vendor's instructions were not kept to: {}", excerpt(&reply.response)));
        }
        if self.is_heard(flight) {
            let (call, elapsed) = (self.flights[flight].call, self.clock.elapsed());
            let told = self.setting.answer_allows(&self.ledger, call, &reply.response, elapsed);
            told.into_iter().for_each(|outcome| self.ledger.allow(outcome));
        }
        self.garble(flight, &mut reply.response);
        let late = lateness(&reply);
        let result = match reply.delivery {
            Delivery::Send | Delivery::Stall | Delivery::Trickle(_)
                if reply.response.body().len() as u64 <= limits.reply_bytes =>
            {
                Ok(Answer { response: reply.response, observed })
            }
            _ => Err(SendError::Unsure(Cause::text("the connection broke"))),
        };
        if late > limits.reply_within {
            self.ledger.allow(Allowed::Outage);
            let result = Err(SendError::Unsure(Cause::text("no answer in time")));
            return self.settle(flight, result, limits.reply_within);
        }
        self.settle(flight, result, late);
    }

    /// The bytes as they arrive.
    fn flip(&mut self, flight: usize, body: &Body, mut bytes: Vec<u8>) -> Vec<u8> {
        let Fault::Flipped(then) = self.flights[flight].fault else { return bytes };
        // What the client has given up meanwhile, and whatever comes last of all, is as it was sent.
        if then != Then::Late && !self.flights[flight].is_open() {
            return bytes;
        }
        let mut at = 0;
        let mut places = Vec::new();
        for segment in body.segments() {
            let end = at + usize::try_from(segment.len()).unwrap_or_default();
            if matches!(segment, Segment::Source(_)) {
                places.extend(at..end);
            }
            at = end;
        }
        if let Some(place) = self.chance.choice(&places) {
            bytes[*place] ^= 1 << self.chance.u8(0..8);
            self.note(|| format!("a bit of request {flight} flips"));
        }
        bytes
    }

    /// A bit of the answer flips, in its body or in a header.
    fn garble(&mut self, flight: usize, response: &mut Response<Bytes>) {
        if self.flights[flight].fault != Fault::Garbled {
            return;
        }
        let bit = 1 << self.chance.u8(0..8);
        let names: Vec<_> = response.headers().keys().cloned().collect();
        if response.body().is_empty() || self.chance.u8(0..4) == 0 {
            let Some(name) = self.chance.choice(&names) else { return };
            let mut value = response.headers()[name].as_bytes().to_vec();
            let at = self.chance.usize(0..value.len().max(1));
            value.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= bit);
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                self.note(|| format!("a bit of {name} flips in the answer to request {flight}"));
                response.headers_mut().insert(name, value);
            }
            return;
        }
        let mut body = response.body().to_vec();
        let at = self.chance.usize(0..body.len());
        body[at] ^= bit;
        self.note(|| format!("a bit of byte {at} flips in the answer to request {flight}"));
        *response.body_mut() = body.into();
    }

    /// Whether a later request with newer bytes for the same place has arrived before this one, which nobody waits for.
    fn is_overtaken(&self, flight: usize) -> bool {
        let old = &self.flights[flight];
        let newer = |other: &Flight<_>| other.offset == old.offset && other.version > old.version;
        old.offset.is_some() && self.flights.iter().any(|other| newer(other) && other.request.is_none())
    }

    /// Whether what has just taken effect takes a session from the client.
    fn watch_sessions(&mut self, flight: usize, reply: &Reply) {
        let (call, is_open) = (self.flights[flight].call, self.flights[flight].is_open());
        if !is_open && let Some(outcome) = self.setting.late_effect(call, &reply.response) {
            return self.ledger.allow(outcome);
        }
        if !self.process.was_led
            && let Some(outcome) = self.setting.leads_to(call, &reply.response)
        {
            self.process.was_led = true;
            self.ledger.allow(outcome);
        }
        if self.setting.renames(call) && matches!(self.flights[flight].fault, Fault::Done(_)) {
            self.ledger.allow(Allowed::Session);
        }
        if self.setting.renames(call) && CallOf::<V>::says_success(&reply.response) {
            self.process.renamed = true;
            self.flights[flight].renamed = true;
        }
    }

    /// Whether the client is told what the server answers of its own accord.
    fn is_heard(&self, flight: usize) -> bool {
        let undisturbed = match &self.flights[flight].fault {
            Fault::Clean | Fault::Garbled | Fault::Flipped(Then::Answered) => true,
            // It may well answer that it has no use for a request that the fault would have spoilt.
            Fault::Server(server_fault) => matches!(
                server_fault,
                ServerFault::Delay { .. }
                    | ServerFault::Trickle { .. }
                    | ServerFault::ForgetSession
                    | ServerFault::WrongLength
                    | ServerFault::WrongSession
                    | ServerFault::WrongEtag
                    | ServerFault::WrongCrc
                    | ServerFault::StuckMarker
                    | ServerFault::MissingMarker
                    | ServerFault::DuplicatePart
                    | ServerFault::MissingPart
                    | ServerFault::ExtraPart
                    | ServerFault::OtherBytes
                    | ServerFault::CallbackFailed { .. }
            ),
            _ => false,
        };
        undisturbed && self.flights[flight].is_open()
    }

    /// What the server's side met, for a plan; and what the plan had for a request that nothing else was meant for.
    fn write_down(&mut self, flight: usize, reply: &Reply) {
        let (call, fault) = (self.flights[flight].call, self.flights[flight].fault.clone());
        let op = call.facts().op;
        match (&reply.fault, &fault) {
            (Some(server_fault), Fault::Done(_)) => self.fault_log.add_done(op, server_fault.clone()),
            (Some(server_fault), fault) => {
                self.fault_log.add(op, server_fault.clone());
                self.ledger.resized |= matches!(server_fault, ServerFault::SliceSize { .. });
                if *fault == Fault::Clean {
                    let fault = Fault::Server(server_fault.clone());
                    self.allow_for(call, &fault);
                    self.flights[flight].fault = fault;
                }
            }
            (None, Fault::LostAfter | Fault::LostLate | Fault::Flipped(Then::Lost | Then::Late)) => {
                self.fault_log.add(op, ServerFault::DropReply);
            }
            (None, _) => self.fault_log.spare(op),
        }
    }

    /// The answer leaves the server. Where the client hears something else, that is planned already.
    fn settle(&mut self, flight: usize, result: Result<Answer, SendError>, delay: Duration) {
        let fault = &self.flights[flight].fault;
        if matches!(
            fault,
            Fault::Clean | Fault::Server(_) | Fault::Done(_) | Fault::Garbled | Fault::Flipped(Then::Answered)
        ) {
            self.flights[flight].result = Some(result);
            let down = self.latency();
            self.plan(delay + down, Moment::Answer(flight));
        }
    }

    /// The server's answer, and whether it has read the whole body for it.
    fn exchange(&mut self, flight: usize, request: &Request<Body>, body: &[u8]) -> (Reply, bool) {
        let begun = self.flights[flight].exchange.take();
        let mut exchange = begun.unwrap_or_else(|| self.open(flight, head(request)));
        let (first, second) = body.split_at(body.len() / 2);
        exchange.feed(first);
        exchange.feed(second);
        let whole = !exchange.is_decided();
        let reply = exchange.end(self.clock.server());
        if self.injected(flight).is_some() {
            self.server.clear_faults();
        }
        (reply, whole)
    }

    /// The connection breaks somewhere in the body.
    fn break_off(&mut self, flight: usize, request: &Request<Body>, body: &[u8]) {
        let mut exchange = self.server.begin(self.clock.server(), head(request));
        let arrived = self.chance.usize(0..=body.len());
        exchange.feed(&body[..arrived]);
        self.fault_log.cut(self.flights[flight].call.facts().op, arrived as u64);
    }

    /// The whole body, with the source as it is at this moment; or, if it has changed since the request left, with the
    /// beginning as it was then. What nobody waits for any more was read before.
    fn assemble(&mut self, flight: usize, body: &Body) -> Result<Vec<u8>, SourceFailure> {
        let (is_open, left) = (self.flights[flight].is_open(), self.flights[flight].version);
        let torn = is_open && left < self.source.latest() && !self.flights[flight].call.facts().commits();
        let mut bytes = Vec::with_capacity(usize::try_from(body.len()).unwrap_or_default());
        for segment in body.segments() {
            match segment {
                Segment::Bytes(part) => bytes.extend_from_slice(part),
                Segment::Source(range) if torn => {
                    let middle = range.start + self.chance.u64(0..=range.end - range.start);
                    bytes.extend_from_slice(self.source.read_version(left, &(range.start..middle))?);
                    bytes.extend_from_slice(self.source.read(&(middle..range.end))?);
                }
                Segment::Source(range) if is_open => bytes.extend_from_slice(self.source.read(range)?),
                Segment::Source(range) => bytes.extend_from_slice(self.source.read_version(left, range)?),
            }
        }
        Ok(bytes)
    }

    /// The answer, or the loss, reaches the client.
    pub(crate) fn answer(&mut self, flight: usize, upload: &mut Upload<V::Protocol>) {
        let Some((ticket, slot)) = self.flights[flight].ticket.take() else { return };
        drop(slot);
        let (op, it) = (ticket.id(), &mut self.flights[flight]);
        let (call, source_len) = (it.call, it.source_len);
        let result = it.result.take().unwrap_or_else(|| Err(SendError::Unsure(Cause::text("no answer"))));
        let clean = match &result {
            Ok(answer) => it.fault == Fault::Clean && CallOf::<V>::says_success(&answer.response),
            Err(_) => false,
        };
        let lost = it.fault == Fault::HostLost;
        if !lost && result.as_ref().is_ok_and(|answer| CallOf::<V>::says_success(&answer.response)) {
            self.ledger.last_success = self.clock.elapsed();
        }
        (self.process.heard_since_save, self.process.heard_since_restart) = (true, true);
        if !lost {
            self.heed_throttling(flight, &result);
        }
        let it = &mut self.flights[flight];
        if it.renamed && (lost || !result.as_ref().is_ok_and(|answer| CallOf::<V>::says_success(&answer.response))) {
            self.ledger.allow(Allowed::Session);
        }
        self.account(call, clean, source_len);
        if clean && source_len > 0 && !self.flights[flight].stale {
            self.acknowledge();
        }
        if let Ok(answer) = &result
            && let Some(finished) = call.says_finished(&answer.response)
        {
            self.process.listed_finished = finished;
        }
        self.note(|| match &result {
            _ if lost => format!("the host loses the ticket of {op:?}"),
            Ok(answer) => format!("answer to {op:?}: {}", excerpt(&answer.response)),
            Err(error) => format!("{op:?} fails: {error}"),
        });
        if source_len > 0 && self.chance.bool() {
            upload.handle(Input::Progress(op, source_len));
        }
        if lost { upload.handle(Input::Lost(op)) } else { upload.handle(Input::Response(ticket, result)) }
    }

    fn account(&mut self, call: CallOf<V>, clean: bool, source_len: u64) {
        if !clean && call.facts().commits() {
            self.ledger.doubts += 1;
            self.setting.doubts_into(Some(call)).into_iter().for_each(|outcome| self.ledger.allow(outcome));
        }
        if source_len == 0 {
            return;
        }
        if clean {
            self.ledger.acknowledged += source_len;
        } else {
            self.ledger.disturbed += 1;
        }
    }

    /// A part is acknowledged; it keeps its place in the window until a checkpoint that holds it is durable.
    fn acknowledge(&mut self) {
        self.process.acknowledged += 1;
        let (unsaved, window) = (self.process.acknowledged - self.process.durable, self.process.widest);
        if V::Setting::TRUSTS_CHECKPOINTS && unsaved > window as u64 {
            self.violated(|| format!("{unsaved} parts are acknowledged and not durable, with a window of {window}"));
        }
    }

    /// The client has dropped its upload at the vendor, and everything that is on its way for it.
    pub(crate) fn drop_upload(&mut self) {
        self.flights.iter_mut().for_each(|flight| flight.stale = true);
        // Of several answers at once it reads none behind the one that made it drop the upload.
        self.process.held = [Duration::ZERO; 2];
    }

    /// True if the operation was a request.
    pub(crate) fn cancel_flight(&mut self, op: OpId) -> bool {
        let is_it = |flight: &Flight<_>| flight.ticket.as_ref().is_some_and(|(ticket, _)| ticket.id() == op);
        let Some(flight) = self.flights.iter().position(is_it) else { return false };
        match self.chance.u8(0..4) {
            // It is too late to end it, or it takes its time.
            0 => {}
            // The connection is closed before the request has left.
            1 if self.flights[flight].request.is_some() => {
                self.flights[flight].request = None;
                self.end_early(flight, SendError::NotSent(Cause::text("cancelled")));
            }
            _ => {
                if self.flights[flight].call.facts().removes() || self.chance.bool() {
                    self.flights[flight].request = None;
                }
                self.end_early(flight, SendError::Unsure(Cause::text("cancelled")));
            }
        }
        true
    }

    fn end_early(&mut self, flight: usize, error: SendError) {
        let (call, source_len) = (self.flights[flight].call, self.flights[flight].source_len);
        self.account(call, false, source_len);
        self.flights[flight].source_len = 0;
        self.flights[flight].fault = Fault::LostAfter;
        self.flights[flight].result = Some(Err(error));
        let soon = self.latency();
        self.plan(soon, Moment::Answer(flight));
    }

    /// The process is dead. What it had sent may still arrive; what removes something arrives now or never.
    pub(crate) fn drop_flights(&mut self) {
        for flight in 0..self.flights.len() {
            if self.flights[flight].ticket.take().is_none() {
                continue;
            }
            let (call, source_len) = (self.flights[flight].call, self.flights[flight].source_len);
            self.account(call, false, source_len);
            let late_effect = match self.flights[flight].fault {
                Fault::CrashBefore { late_effect } => late_effect,
                Fault::LostBefore => true,
                _ => self.chance.bool(),
            };
            if !late_effect {
                self.flights[flight].request = None;
            } else if self.flights[flight].call.facts().removes() {
                self.take_effect(flight);
            }
        }
    }
}

/// What the client hears when it is decided before the server has any part in it.
fn early_loss(fault: &Fault) -> Option<Result<Answer, SendError>> {
    match fault {
        Fault::Refused | Fault::Fails => Some(Err(SendError::NotSent(Cause::text("connection refused")))),
        _ => None,
    }
}

/// Which calls share a limit: those with bytes of the file, and the others.
fn lane(call: impl Calls) -> usize {
    usize::from(call.facts().meets.contains(&Kind::Flipped))
}

/// How long the client waits for all of the answer.
fn lateness(reply: &Reply) -> Duration {
    match reply.delivery {
        Delivery::Stall => Duration::MAX,
        Delivery::Trickle(pause) => {
            let bytes = u32::try_from(reply.response.body().len()).unwrap_or(u32::MAX);
            reply.delay.saturating_add(pause.saturating_mul(bytes))
        }
        _ => reply.delay,
    }
}

fn head(request: &Request<Body>) -> http::request::Parts {
    let (mut head, ()) = request.clone().map(drop).into_parts();
    head.headers.insert(header::CONTENT_LENGTH, request.body().len().into());
    name_host(&mut head);
    head
}

fn observe(body: &Body, bytes: &[u8]) -> Observed {
    if body.observe().is_empty() {
        return Observed::all(Vec::new());
    }
    let digest = |kind: &HashKind| -> Option<(HashKind, Digest)> {
        let mut hasher = Hasher::new(*kind).ok()?;
        let mut at = 0;
        for segment in body.segments() {
            let end = at + usize::try_from(segment.len()).ok()?;
            if matches!(segment, Segment::Source(_)) {
                hasher.update(&bytes[at..end]);
            }
            at = end;
        }
        Some((*kind, hasher.finish()))
    };
    Observed::all(body.observe().iter().filter_map(digest).collect())
}

fn excerpt(response: &Response<Bytes>) -> String {
    let text = String::from_utf8_lossy(response.body());
    let line: String = text.chars().filter(|c| !c.is_control()).take(160).collect();
    format!("HTTP {} {line}", response.status().as_u16())
}
