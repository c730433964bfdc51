//! One request, from its head to its answer: which vendor it is for, and which fault it meets.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Response, StatusCode};

use crate::faults::{Fault, Hit, Subject};
use crate::log::Entry;
use crate::reply::{Delivery, Reply};
use crate::service::{Arrival, Outcome, Service};
use crate::shared::Shared;

/// While it is not known whether the body is to be cut, it is looked at in pieces of so many bytes.
const GLANCE: usize = 512;

/// A request that is arriving. Dropped before [`end`](Exchange::end), it leaves nothing behind but a count.
pub struct Exchange {
    presence: Presence,
    path: String,
    body: u64,
    /// Absent if no vendor's server has such a path.
    service: Option<Arc<dyn Service>>,
    arrival: Option<Box<dyn Arrival>>,
    fate: Fate,
}

/// What the plan has for a request.
enum Fate {
    /// It is not known yet what the request asks for.
    Open,
    Drawn(Option<Hit>),
    /// In the middle of the body.
    Struck(Hit),
}

impl Exchange {
    pub(crate) fn begin(shared: Arc<Shared>, now: Duration, head: &Parts) -> Exchange {
        let service = shared.services.iter().find(|service| service.claims(head)).cloned();
        let arrival = service.as_ref().map(|it| Arc::clone(it).begin(shared.clock(now), head));
        let path = head.uri.path().to_owned();
        let mut exchange =
            Exchange { presence: Presence { shared, ended: false }, path, body: 0, service, arrival, fate: Fate::Open };
        exchange.look();
        exchange
    }

    /// Whether the answer is settled and the rest of the body need not be read.
    pub fn is_settled(&self) -> bool {
        matches!(self.fate, Fate::Struck(_)) || self.arrival.as_ref().is_some_and(|it| it.is_settled())
    }

    /// More of the body.
    pub fn feed(&mut self, mut chunk: &[u8]) {
        while !chunk.is_empty() && !self.is_settled() {
            let (piece, rest) = chunk.split_at(self.stop().min(chunk.len()));
            self.body += piece.len() as u64;
            if let Some(arrival) = &mut self.arrival {
                arrival.feed(piece);
            }
            self.look();
            chunk = rest;
        }
    }

    /// How many bytes may be fed before the fate has to be looked at again.
    fn stop(&self) -> usize {
        let far = match &self.fate {
            Fate::Drawn(Some(Hit { at_byte: Some(at), .. })) => usize::try_from(at - self.body).unwrap_or(usize::MAX),
            Fate::Open if self.presence.shared.plan().counts_bytes() => GLANCE,
            _ => usize::MAX,
        };
        far.max(1)
    }

    fn look(&mut self) {
        if matches!(self.fate, Fate::Open)
            && let Some(subject) = self.subject()
        {
            self.fate = Fate::Drawn(self.presence.shared.plan().draw(&subject));
        }
        if let Fate::Drawn(Some(hit)) = &self.fate
            && self.strikes(hit)
        {
            self.fate = Fate::Struck(hit.clone());
        }
    }

    /// Whether a fault strikes here, before the body is over.
    fn strikes(&self, hit: &Hit) -> bool {
        match hit.at_byte {
            Some(at) => at <= self.body,
            None => !hit.lets_work() && self.arrival.as_ref().is_some_and(|arrival| arrival.settles(&hit.fault)),
        }
    }

    fn subject(&self) -> Option<Subject> {
        self.arrival.as_ref().and_then(|arrival| arrival.subject())
    }

    /// The body is over: does what was asked and answers.
    pub fn end(mut self, now: Duration) -> Reply {
        self.presence.ended = true;
        if let Some(arrival) = self.arrival.as_mut().filter(|_| !matches!(self.fate, Fate::Struck(_))) {
            arrival.close();
        }
        self.look();
        let subject = self.subject();
        let offset = self.arrival.as_ref().and_then(|arrival| arrival.offset());
        let received_bytes = self.arrival.as_ref().map_or(0, |arrival| arrival.received());
        let hit = match self.fate {
            Fate::Open => None,
            Fate::Drawn(hit) => hit,
            Fate::Struck(hit) => Some(hit),
        };
        let clock = self.presence.shared.clock(now);
        let outcome = answer(self.service.as_deref().zip(self.arrival), hit.as_ref(), clock);
        let shared = &self.presence.shared;
        shared.counters.ended(outcome.stored);
        let fault = hit.map(|hit| hit.fault);
        shared.log().push(|| Entry {
            at: now,
            service: subject.as_ref().map_or("", |subject| subject.facts.name),
            op: subject.map(|subject| subject.op).unwrap_or_default(),
            path: self.path,
            status: outcome.response.status().as_u16(),
            code: outcome.code,
            offset,
            body_bytes: outcome.stored,
            received_bytes,
            fault: fault.clone(),
        });
        deliver(outcome.response, fault)
    }
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange").field("path", &self.path).finish_non_exhaustive()
    }
}

fn answer(request: Option<(&dyn Service, Box<dyn Arrival>)>, hit: Option<&Hit>, clock: Duration) -> Outcome {
    let Some((service, arrival)) = request else {
        return nowhere();
    };
    let Some(hit) = hit else {
        return arrival.work(clock, None);
    };
    let trouble = hit.fault.is_before_the_work().then(|| arrival.trouble(clock, &hit.fault)).flatten();
    let trouble = || trouble.unwrap_or_else(|| service.trouble(clock, &hit.fault));
    if !hit.lets_work() {
        return trouble();
    }
    let outcome = arrival.work(clock, Some(&hit.fault));
    if hit.fault.is_before_the_work() {
        return Outcome { stored: outcome.stored, ..trouble() };
    }
    outcome
}

/// The answer to a path that no vendor's server has.
fn nowhere() -> Outcome {
    let mut response = Response::new(Bytes::from_static(b"no service of the emulator has this path\n"));
    *response.status_mut() = StatusCode::NOT_FOUND;
    Outcome { response, code: None, stored: 0 }
}

fn deliver(response: Response<Bytes>, fault: Option<Fault>) -> Reply {
    let (delivery, delay) = match &fault {
        Some(Fault::DropReply | Fault::CutBefore) => (Delivery::Drop, 0),
        Some(Fault::CutReply) => (Delivery::Cut(response.body().len() / 2), 0),
        Some(Fault::Reset) => (Delivery::Reset, 0),
        Some(Fault::Stall) => (Delivery::Stall, 0),
        Some(Fault::Trickle { millis }) => (Delivery::Trickle(Duration::from_millis(*millis)), 0),
        Some(Fault::Delay { millis }) => (Delivery::Send, *millis),
        _ => (Delivery::Send, 0),
    };
    Reply { response, delivery, delay: Duration::from_millis(delay), fault }
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
