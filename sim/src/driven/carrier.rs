//! The network between the client and the emulator.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use http::request::Parts;
use http::{Response, header};
use resumable::machine::{Cause, Limits, SendError};
use resumable::transport::asynchronous::{Outgoing, Timer, Transport};
use resumable::transport::blocking;
use resumable_emulator::{Delivery, Reply, Rule};

use super::plight::Fate;
use super::time;
use super::world::{Event, Here, World};
use crate::other_client::name_host;

/// Carries requests of the client, so many at a time at most, and of its tokens.
pub(super) struct Carrier(pub(super) Arc<World>, pub(super) usize);

/// A request of which every byte has left. When it is dropped before it arrives, it may arrive all the same.
struct OnItsWay {
    world: Arc<World>,
    head: Option<Parts>,
    bytes: Bytes,
    fate: Fate,
}

/// A request that is under way.
struct UnderWay(Arc<World>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.state().in_flight -= 1;
    }
}

type Answered = Result<Response<Bytes>, SendError>;

fn unsure(why: &'static str) -> Answered {
    Err(SendError::Unsure(Cause::text(why)))
}

fn refused() -> Answered {
    Err(SendError::NotSent(Cause::text("connection refused")))
}

impl Carrier {
    /// What the request meets that begins now.
    fn begin(&self, head: &Parts) -> Fate {
        let mut state = self.0.state();
        let state = &mut *state;
        state.counts.requests += 1;
        let late = state.plight.change.is_none();
        let fate = if state.counts.calm { Fate::Clean } else { state.plight.fate(late, &mut state.chance) };
        state.counts.disturbed += u64::from(fate != Fate::Clean);
        let (number, method, path) = (state.counts.requests, &head.method, head.uri.path());
        state.transcript.note(time::elapsed(), || format!("request {number}: {method} {path} meets {fate:?}"));
        *state.marks.entry(name(&fate)).or_default() += 1;
        fate
    }

    /// Reads the body, piece by piece, or some of it.
    async fn collect(&self, mut body: Outgoing, fate: &Fate) -> Result<Bytes, Vec<u8>> {
        let mut bytes = Vec::new();
        while let Some(piece) = body.next().await {
            let Ok(piece) = piece else { return Err(bytes) };
            bytes.extend_from_slice(&piece);
            self.0.nap(self.0.latency()).await;
            if *fate == Fate::Cut && self.0.state().chance.bool() {
                return Err(bytes);
            }
        }
        if *fate == Fate::Cut { Err(bytes) } else { Ok(bytes.into()) }
    }

    fn enter(&self) -> UnderWay {
        let mut state = self.0.state();
        state.in_flight += 1;
        let (in_flight, window) = (state.in_flight, self.1);
        drop(state);
        if in_flight > window {
            self.0.violated(|| format!("{in_flight} requests are under way, with a window of {window}"));
        }
        UnderWay(Arc::clone(&self.0))
    }

    /// What came of the request reaches the client.
    async fn deliver(&self, reply: Reply, limits: &Limits) -> Answered {
        self.0.nap(self.0.latency()).await;
        let late = lateness(&reply);
        if late > limits.reply_within {
            self.0.state().counts.disturbed += 1;
            self.0.nap(limits.reply_within).await;
            return unsure("no answer in time");
        }
        self.0.nap(late).await;
        received(reply, limits)
    }
}

fn name(fate: &Fate) -> &'static str {
    match fate {
        Fate::Clean => "request",
        Fate::Refused => "request refused",
        Fate::Cut => "request cut",
        Fate::Unheard => "answer lost",
        Fate::Late => "late effect",
        Fate::Server(_) => "server fault",
        Fate::Killed => "killed after an effect",
    }
}

fn lateness(reply: &Reply) -> Duration {
    let bytes = u32::try_from(reply.response.body().len()).unwrap_or(u32::MAX);
    match reply.delivery {
        Delivery::Stall => Duration::MAX,
        Delivery::Trickle(pause) => reply.delay.saturating_add(pause.saturating_mul(bytes)),
        _ => reply.delay,
    }
}

fn received(reply: Reply, limits: &Limits) -> Answered {
    let fits = reply.response.body().len() as u64 <= limits.reply_bytes;
    match reply.delivery {
        Delivery::Send | Delivery::Trickle(_) | Delivery::Blanks { .. } if fits => Ok(reply.response),
        _ => unsure("the connection broke"),
    }
}

#[async_trait]
impl Transport for Carrier {
    async fn send(&self, head: Parts, body: Outgoing, limits: &Limits) -> Answered {
        if self.0.is_killed() {
            return refused();
        }
        let _under_way = self.enter();
        let fate = self.begin(&head);
        self.0.nap(self.0.latency()).await;
        if fate == Fate::Refused {
            return refused();
        }
        let head = addressed(head, body.len());
        let bytes = match self.collect(body, &fate).await {
            Ok(bytes) => bytes,
            Err(some) => {
                let mut exchange = self.0.server.begin(time::wall(), head);
                exchange.feed(&some);
                return unsure("the connection broke while the request was sent");
            }
        };
        let late = fate == Fate::Late;
        let mut request = OnItsWay { world: Arc::clone(&self.0), head: Some(head), bytes, fate };
        self.0.nap(self.0.latency()).await;
        if late {
            return unsure("no answer");
        }
        let reply = request.arrive();
        match request.fate {
            Fate::Unheard => {
                self.0.nap(self.0.latency()).await;
                unsure("no answer")
            }
            Fate::Killed => {
                self.0.kill();
                unsure("killed")
            }
            _ => self.deliver(reply, limits).await,
        }
    }

    fn timer(&self) -> Arc<dyn Timer> {
        Arc::new(Here(Arc::clone(&self.0)))
    }
}

/// As every transport completes it.
fn addressed(mut head: Parts, len: u64) -> Parts {
    head.headers.insert(header::CONTENT_LENGTH, len.into());
    name_host(&mut head);
    head
}

impl OnItsWay {
    /// It takes effect.
    fn arrive(&mut self) -> Reply {
        let head = self.head.take().expect("a request that arrives once");
        if let Fate::Server(fault) = &self.fate {
            self.world.server.inject(Rule::any(fault.clone()));
        }
        let mut exchange = self.world.server.begin(time::wall(), head);
        exchange.feed(&self.bytes);
        let reply = exchange.end(time::wall());
        self.world.server.clear_faults();
        let status = reply.response.status().as_u16();
        self.world.note(|| format!("a request takes effect: HTTP {status}"));
        if let Some(observer) = &mut self.world.state().observer {
            observer(&self.world.server);
        }
        reply
    }
}

impl Drop for OnItsWay {
    fn drop(&mut self) {
        let Some(head) = self.head.take() else { return };
        let mut state = self.world.state();
        let may_be = state.plight.change.is_none() && !state.counts.calm;
        let arrives = self.fate == Fate::Late || (may_be && state.chance.bool());
        drop(state);
        if arrives {
            let (world, bytes, fate) = (Arc::clone(&self.world), self.bytes.clone(), Fate::Clean);
            let mut late = Self { world, head: Some(head), bytes, fate };
            let act = move || drop(late.arrive());
            self.world.plan(self.world.latency() * 8, Event::Outside(Box::new(act)));
        }
    }
}

/// For the tokens: the whole exchange passes while the thread waits for it.
impl blocking::Transport for Carrier {
    fn send(&self, head: Parts, body: &mut blocking::Outgoing<'_>, limits: &Limits) -> Answered {
        if self.0.is_killed() {
            return refused();
        }
        let fate = self.begin(&head);
        time::pass(self.0.latency());
        let (head, mut bytes) = (addressed(head, body.len()), Vec::new());
        if fate == Fate::Refused || body.read_to_end(&mut bytes).is_err() {
            return refused();
        }
        if fate == Fate::Cut {
            drop(self.0.server.begin(time::wall(), head));
            return unsure("the connection broke while the request was sent");
        }
        let mut request = OnItsWay { world: Arc::clone(&self.0), head: Some(head), bytes: bytes.into(), fate };
        let older = self.0.server.p115().tokens();
        let reply = request.arrive();
        time::pass(self.0.latency());
        let answer = match request.fate {
            Fate::Unheard | Fate::Late => unsure("no answer"),
            Fate::Killed => {
                self.0.kill();
                unsure("killed")
            }
            _ if lateness(&reply) > limits.reply_within => {
                time::pass(limits.reply_within);
                unsure("no answer in time")
            }
            _ => {
                time::pass(lateness(&reply));
                received(reply, limits)
            }
        };
        let is_lost = answer.is_err() && self.0.server.p115().tokens() != older;
        self.0.state().counts.tokens_lost += u64::from(is_lost);
        answer
    }
}
