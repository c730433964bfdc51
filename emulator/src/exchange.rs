//! One request, from its head to its answer: which vendor it is for, and which fault it meets.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Response, StatusCode};

use crate::claim;
use crate::faults::{Fault, FaultKey, Hit};
use crate::log::Entry;
use crate::reply::{Delivery, Reply};
use crate::response::Blanks;
use crate::service::{Outcome, RequestHandler, Service};
use crate::shared::Shared;

/// While it is not known whether the body is to be cut, it is looked at in pieces of so many bytes.
const PEEK: usize = 512;

/// A request that is arriving. Dropped before [`end`](Exchange::end), it leaves nothing behind but a count.
pub struct Exchange {
    guard: CutGuard,
    path: String,
    body: u64,
    /// Absent if no vendor's server has such a path.
    service: Option<Arc<dyn Service>>,
    handler: Option<Box<dyn RequestHandler>>,
    fault: FaultState,
}

/// What the plan has for a request.
enum FaultState {
    /// It is not known yet what the request asks for.
    Unknown,
    Drawn(Option<Hit>),
    /// In the middle of the body.
    Struck(Hit),
}

impl Exchange {
    pub(crate) fn begin(shared: Arc<Shared>, now: Duration, head: &Parts) -> Exchange {
        let service = claim::service(&shared.services, head);
        let handler = service.as_ref().map(|it| Arc::clone(it).begin(shared.clock(now), head));
        let path = head.uri.path().to_owned();
        let mut exchange = Exchange {
            guard: CutGuard { shared, ended: false },
            path,
            body: 0,
            service,
            handler,
            fault: FaultState::Unknown,
        };
        exchange.look();
        exchange
    }

    /// Whether the answer is decided and the rest of the body need not be read.
    pub fn is_decided(&self) -> bool {
        matches!(self.fault, FaultState::Struck(_)) || self.handler.as_ref().is_some_and(|it| it.is_decided())
    }

    /// More of the body.
    pub fn feed(&mut self, mut chunk: &[u8]) {
        while !chunk.is_empty() && !self.is_decided() {
            let (piece, rest) = chunk.split_at(self.stop().min(chunk.len()));
            self.body += piece.len() as u64;
            if let Some(handler) = &mut self.handler {
                handler.feed(piece);
            }
            self.look();
            chunk = rest;
        }
    }

    /// How many bytes may be fed before the fault has to be looked at again.
    fn stop(&self) -> usize {
        let far = match &self.fault {
            FaultState::Drawn(Some(Hit { at_byte: Some(at), .. })) => {
                usize::try_from(at - self.body).unwrap_or(usize::MAX)
            }
            FaultState::Unknown if self.guard.shared.plan().counts_bytes() => PEEK,
            _ => usize::MAX,
        };
        far.max(1)
    }

    fn look(&mut self) {
        if matches!(self.fault, FaultState::Unknown)
            && let Some(key) = self.fault_key()
        {
            self.fault = FaultState::Drawn(self.guard.shared.plan().draw(&key));
        }
        if let FaultState::Drawn(Some(hit)) = &self.fault
            && self.strikes(hit)
        {
            self.fault = FaultState::Struck(hit.clone());
        }
    }

    /// Whether a fault strikes here, before the body is over.
    fn strikes(&self, hit: &Hit) -> bool {
        match hit.at_byte {
            Some(at) => at <= self.body,
            None => !hit.lets_work() && self.handler.as_ref().is_some_and(|handler| handler.decides(&hit.fault)),
        }
    }

    fn fault_key(&self) -> Option<FaultKey> {
        self.handler.as_ref().and_then(|handler| handler.fault_key())
    }

    /// The body is over: does what was asked and answers.
    pub fn end(mut self, now: Duration) -> Reply {
        self.guard.ended = true;
        if let Some(handler) = self.handler.as_mut().filter(|_| !matches!(self.fault, FaultState::Struck(_))) {
            handler.close();
        }
        self.look();
        let key = self.fault_key();
        let offset = self.handler.as_ref().and_then(|handler| handler.offset());
        let received_bytes = self.handler.as_ref().map_or(0, |handler| handler.received());
        let hit = match self.fault {
            FaultState::Unknown => None,
            FaultState::Drawn(hit) => hit,
            FaultState::Struck(hit) => Some(hit),
        };
        let clock = self.guard.shared.clock(now);
        let outcome = answer(self.service.as_deref().zip(self.handler), hit.as_ref(), clock);
        let shared = &self.guard.shared;
        shared.counters.ended(outcome.stored);
        let fault = hit.map(|hit| hit.fault);
        shared.log().push(|| Entry {
            at: now,
            service: key.as_ref().map_or("", |key| key.facts.name),
            op: key.map(|key| key.op).unwrap_or_default(),
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

fn answer(request: Option<(&dyn Service, Box<dyn RequestHandler>)>, hit: Option<&Hit>, clock: Duration) -> Outcome {
    let Some((service, handler)) = request else {
        return nowhere();
    };
    let Some(hit) = hit else {
        return handler.work(clock, None);
    };
    let response = hit.fault.is_before_the_work().then(|| handler.fault_response(clock, &hit.fault)).flatten();
    let response = || response.unwrap_or_else(|| service.fault_response(clock, &hit.fault));
    if !hit.lets_work() {
        return response();
    }
    let outcome = handler.work(clock, Some(&hit.fault));
    if hit.fault.is_before_the_work() {
        return Outcome { stored: outcome.stored, ..response() };
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
        Some(Fault::DropReply | Fault::CutBefore | Fault::Late { .. }) => (Delivery::Drop, 0),
        Some(Fault::CutReply) => (Delivery::Cut(response.body().len() / 2), 0),
        Some(Fault::Reset) => (Delivery::Reset, 0),
        Some(Fault::Stall) => (Delivery::Stall, 0),
        Some(Fault::Trickle { millis }) => (Delivery::Trickle(Duration::from_millis(*millis)), 0),
        Some(Fault::Blanks { millis, cut, .. }) => (among_blanks(&response, *millis, *cut), 0),
        Some(Fault::Delay { millis }) => (Delivery::Send, *millis),
        _ => (Delivery::Send, 0),
    };
    Reply { response, delivery, delay: Duration::from_millis(delay), fault }
}

fn among_blanks(response: &Response<Bytes>, millis: u64, cut: bool) -> Delivery {
    let Some(Blanks(Range { start, end })) = response.extensions().get() else { return Delivery::Send };
    match (cut, Duration::from_millis(millis)) {
        (true, _) => Delivery::Cut(start.midpoint(*end)),
        (false, Duration::ZERO) => Delivery::Send,
        (false, pause) => Delivery::Blanks { from: *start, count: end - start, pause },
    }
}

/// Counts a request that goes away before its end.
struct CutGuard {
    shared: Arc<Shared>,
    ended: bool,
}

impl Drop for CutGuard {
    fn drop(&mut self) {
        if !self.ended {
            self.shared.counters.cut();
        }
    }
}
