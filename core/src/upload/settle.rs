//! What answers mean: the only place where they change the state and the budgets.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Range;
use core::time::Duration;

use http::header::DATE;

use super::access::{Need, Why};
use super::ending::Lifecycle;
use super::in_flight::{Sent, Settled};
use super::interference::interference;
use super::preconditions::Pending;
use super::slots::Granted;
use super::{MAX_WINDOW, Options, Upload, cx, nonce_of};
use crate::calendar::parse_gmt_date;
use crate::digest::{Digest, HashJob};
use crate::failure::{Budget, Failure, Last};
use crate::fingerprint::{Coverage, Fingerprint};
use crate::host_error::{AuthError, Cause, HashError, SendError, SourceFailure, StoreError};
use crate::input::{Command, Input};
use crate::lease::Lease;
use crate::output::{Action, Event, Output};
use crate::protocol::{
    Advice, Answer, AuthReason, Authority, Intent, Invalidated, Lane, Limits, Now, Occurrence, Protocol, Rejection,
    State, Transition,
};
use crate::question::Known;
use crate::retry_after::retry_after;
use crate::source::SourceInfo;
use crate::ticket::OpId;

/// A pass over so few bytes is sooner made again than saved.
const QUICKLY_READ: u64 = 4 << 20;

/// Clocks closer than this need no correction.
const CLOCK_TOLERANCE_MS: u64 = 5_000;

/// Clocks further apart than this are told, and not corrected. A time zone, a wrong day or a wrong month stay below it.
/// Over plain http anybody on the way can write the answer, and a signature that is dated ahead is good then: years
/// ahead is too far. Over https nothing is lost: certificates of 90 days refuse a clock that is much further off.
const CLOCK_MOST_MS: u64 = 31 * 24 * 3_600_000;

/// What is told of a call that is tried again.
struct Retry {
    /// The bytes of the source that it carried.
    range: Option<Range<u64>>,
    why: String,
    request_id: Option<String>,
    /// Failures without progress, this one included.
    tries: u32,
    /// When the upload is given up, if nothing gets better until then.
    deadline: Option<Duration>,
}

impl<P: Protocol> Upload<P> {
    pub(super) fn settle(&mut self, input: Input<P>, now: Now) {
        match input {
            Input::Response(ticket, answer) => self.settle_response(ticket.redeem(), answer, now),
            Input::Digests(ticket, digests) => self.settle_digests(ticket.redeem(), digests, now),
            Input::Saved(ticket, saved) => self.settle_saved(ticket.redeem(), saved, now),
            Input::Source(ticket, source) => self.settle_source(ticket.redeem(), source, now),
            Input::Credential(ticket, credential) => self.settle_credential(ticket.redeem(), credential, now),
            Input::Renewed(lease) => self.settle_renewed(lease, now),
            Input::Slot(ticket, slot) => self.settle_slot(ticket.redeem(), slot.map(Granted::Slot), now),
            Input::Known(ticket, known) => self.settle_slot(ticket.redeem(), Ok(Granted::Known(known)), now),
            Input::Progress(op, bytes) => self.settle_progress(op, bytes),
            Input::Lost(op) => self.settle_lost(op, now),
            Input::Command(command) => self.settle_command(command, now),
        }
    }

    fn settle_command(&mut self, command: Command, now: Now) {
        match command {
            Command::Pause => self.settle_pause(now),
            Command::Unpause => self.settle_unpause(now),
            Command::Stop => self.end(Err(Failure::Stopped), now),
            Command::Drain { within } => self.settle_drain(within, now),
            Command::Abort => self.settle_abort(now),
            Command::Window(window) => self.job.options.window = window.clamp(1, MAX_WINDOW),
        }
    }

    fn settle_response(&mut self, op: OpId, answer: Result<Answer, SendError>, now: Now) {
        let (call, sent) = match self.calls.in_flight.settled(op) {
            Settled::Current(call, sent) => (call, sent),
            Settled::Stale | Settled::Unknown => return,
        };
        let read = if answer.is_ok() { sent.source_len } else { sent.read };
        self.host.stats.bytes_sent = self.host.stats.bytes_sent.saturating_add(read);
        if sent.commits {
            self.calls.next.committed();
        }
        match answer {
            Ok(answer) => {
                self.calls.budgets.connected = true;
                self.settle_answer(call, &sent, &answer, now);
            }
            Err(SendError::NotSent(_) | SendError::Untrusted(_) | SendError::Source(_) | SendError::Impossible(_))
                if sent.cancelled => {}
            Err(SendError::Untrusted(cause)) if !self.reroute(None, now) && !self.had_contact() => {
                self.end(Err(Failure::Untrusted(cause)), now);
            }
            Err(SendError::Untrusted(cause)) => {
                self.outage(call, sent.range, Last::Transport(cause), None, now);
            }
            Err(SendError::NotSent(cause)) => {
                self.reroute(None, now);
                self.outage(call, sent.range, Last::Transport(cause), None, now);
            }
            Err(SendError::Unsure(cause)) => {
                self.occurred(Occurrence::Unsure(call.clone()), now);
                if !sent.cancelled {
                    self.reroute(None, now);
                    self.calls.budgets.unanswered(&call);
                    self.outage(call, sent.range, Last::Transport(cause), None, now);
                }
            }
            Err(SendError::Source(error)) => self.end(Err(Failure::Source(error)), now),
            Err(SendError::Impossible(cause)) => self.end(Err(Failure::Impossible(cause)), now),
        }
    }

    fn settle_answer(&mut self, call: P::Call, sent: &Sent, answer: &Answer, now: Now) {
        self.host.stats.answers += 1;
        match self.job.protocol.decode(&call, answer) {
            Ok(reply) => {
                let (known, before) = (self.remember(sent, answer), self.confirmed());
                self.host.stats.parts += u64::from(sent.source_len > 0);
                self.calls.budgets.clock_strikes = 0;
                self.calls.budgets.answers += 1;
                self.share(&call, &reply, now);
                self.occurred(Occurrence::Replied(call, reply), now);
                if !known && self.confirmed() > before {
                    self.known.fingerprint.leave_out();
                }
                self.check_answers(now);
            }
            Err(rejection) if self.is_old_news(sent, rejection.advice) => {
                if rejection.advice == Advice::Unsure {
                    self.occurred(Occurrence::Unsure(call), now);
                }
            }
            // What comes from in between stands in the way of one way only.
            Err(rejection) if self.reroute(Some(answer), now) => {
                self.rejected(call, sent.range.clone(), rejection, answer, now);
            }
            Err(rejection) => match interference(answer, rejection.advice) {
                Some(failure) => {
                    if rejection.advice == Advice::Unsure {
                        self.occurred(Occurrence::Unsure(call), now);
                    }
                    self.end(Err(failure), now);
                }
                None => self.rejected(call, sent.range.clone(), rejection, answer, now),
            },
        }
    }

    /// Whether calls go another way from now on.
    fn reroute(&mut self, answer: Option<&Answer>, now: Now) -> bool {
        let Some(credential) = &self.calls.access.credential else { return false };
        let cx = cx!(self, now, 0, credential);
        self.job.protocol.reroute(&mut self.known.state.ephemeral, answer, &cx)
    }

    /// What was answered may serve other uploads to the account.
    fn share(&mut self, call: &P::Call, reply: &P::Reply, now: Now) {
        let protocol = &self.job.protocol;
        if self.job.options.gated.contains(&protocol.props(call).lane)
            && let Some(question) = protocol.asks(call, &self.known.state)
            && let Some(serves) = protocol.serves(reply)
        {
            let known = Known { reply: reply.clone(), at: now };
            self.host.put_out(Output::Share { question: question.name, known, serves });
        }
    }

    /// The first contact is the upload's, not this process's.
    fn had_contact(&self) -> bool {
        self.calls.budgets.connected || self.confirmed() > 0
    }

    /// What the transport keeps to while it carries this call.
    pub(super) fn limits(&self, call: &P::Call, usual: Limits, body: u64) -> Limits {
        let first = self.job.options.reply_timeout.unwrap_or(usual.reply_within);
        let reply_within = self.calls.budgets.reply_within(call, body, first, self.job.options.patience);
        Limits { reply_within, ..usual }
    }

    /// A refusal that says nothing new: of a call that was cancelled, or of a key or a date that was replaced meanwhile.
    /// The call is only planned again.
    fn is_old_news(&self, sent: &Sent, advice: Advice) -> bool {
        match advice {
            _ if sent.cancelled => true,
            Advice::Reauthorize => sent.generation != self.calls.access.generation || self.calls.access.is_refused(),
            Advice::Clock | Advice::ClockAt(_) => sent.dated != self.calls.clock,
            _ => false,
        }
    }

    /// Counts an answer; progress will clear the count.
    pub(super) fn answered(&mut self, now: Now) {
        self.calls.budgets.answers += 1;
        self.check_answers(now);
    }

    fn check_answers(&mut self, now: Now) {
        // A whole window may be refused at once for one reason.
        let most = self.job.options.answers.max(u32::try_from(2 * self.job.options.window).unwrap_or(u32::MAX));
        if self.calls.budgets.answers > most {
            let budget = Budget::Answers(most);
            self.end(Err(Failure::Exhausted { budget, last: Last::Nothing }), now);
        }
    }

    fn rejected(
        &mut self,
        call: P::Call,
        range: Option<Range<u64>>,
        rejection: Rejection<P::Fault>,
        answer: &Answer,
        now: Now,
    ) {
        let Rejection { fault, advice } = rejection;
        let asked = retry_after(answer.response.headers(), self.calls.clock.correct(now).unix);
        let lane = self.job.protocol.props(&call).lane;
        match advice {
            Advice::Unsure => {
                self.occurred(Occurrence::Unsure(call.clone()), now);
                self.outage(call, range, Last::Vendor(fault), asked, now);
                self.heed(lane, asked, now);
                return;
            }
            Advice::Unavailable => {
                self.outage(call, range, Last::Vendor(fault), asked, now);
                self.heed(lane, asked, now);
                return;
            }
            Advice::Throttled { least, most } => {
                let doubled = least.saturating_mul(self.calls.budgets.throttled(lane)).min(most).max(least);
                let wait = doubled.max(asked.unwrap_or_default());
                if let Some(until) = self.outage(call, range, Last::Vendor(fault), Some(wait), now) {
                    self.hold(lane, until);
                }
                return;
            }
            Advice::Retry
            | Advice::Clock
            | Advice::ClockAt(_)
            | Advice::Reauthorize
            | Advice::Restart
            | Advice::Rehash
            | Advice::Fatal => self.answered(now),
        }
        match advice {
            Advice::Clock => self.correct_clock(fault, None, answer, now),
            Advice::ClockAt(told) => self.correct_clock(fault, Some(told), answer, now),
            Advice::Reauthorize => self.reauthorize(fault),
            Advice::Restart => self.restart(fault, true, now),
            Advice::Rehash => self.rehash(fault, true, now),
            Advice::Fatal => self.end(Err(Failure::Refused(fault)), now),
            _ => {
                self.refused(call, range, fault, asked, now);
                self.heed(lane, asked, now);
            }
        }
    }

    /// How long the vendor wants to be left alone holds for whatever is sent next, be it another call or an abort.
    fn heed(&mut self, lane: Lane, asked: Option<Duration>, now: Now) {
        if let Some(asked) = asked {
            self.hold(lane, now.mono.saturating_add(asked));
        }
    }

    /// Tells the vendor's `apply`, the only writer of the state, and counts what came of it.
    pub(super) fn occurred(&mut self, what: Occurrence<P::Call, P::Reply>, now: Now) {
        self.occurred_at(what, now, now);
    }

    /// The same of something that occurred `then`.
    pub(super) fn occurred_at(&mut self, what: Occurrence<P::Call, P::Reply>, then: Now, now: Now) {
        self.take_in(what, then, Duration::ZERO, now);
    }

    /// `save_by`: when what is neither progress nor sent bytes is to be saved.
    fn take_in(&mut self, what: Occurrence<P::Call, P::Reply>, then: Now, save_by: Duration, now: Now) {
        let call = match &what {
            Occurrence::Replied(call, _) | Occurrence::Unsure(call) => Some(call.clone()),
            Occurrence::Hashed => None,
        };
        let arrived = matches!(&what, Occurrence::Replied(call, _) if self.job.protocol.props(call).carries_source);
        let Some(credential) = &self.calls.access.credential else { return };
        let step = self.job.protocol.apply(&mut self.known.state, what, &cx!(self, then, 0, credential));
        if matches!(step, Transition::Listed) {
            self.calls.budgets.progressed();
        }
        let moved = self.calls.budgets.confirmed(self.job.protocol.confirmed(&self.known.state.session));
        match self.job.protocol.authority(&self.known.state.session) {
            // What arrived behind a gap moves nothing yet, and is lost in a crash all the same.
            Authority::Checkpoint if arrived || moved.is_gt() => self.calls.saves.acknowledged(Duration::ZERO),
            Authority::Vendor if moved.is_gt() => self.calls.saves.acknowledged(self.job.options.save_every),
            Authority::Vendor | Authority::Checkpoint => self.calls.saves.changed_by(save_by),
        }
        let fell = moved.is_lt() && self.job.intent == Intent::Finish;
        match (step, call) {
            (Transition::Forward | Transition::Listed, _) if fell => self.fell_back(now),
            (Transition::Forward | Transition::Listed, _) => {}
            (Transition::Regressed { why, drop: Invalidated::Session }, _) => self.restart(why, false, now),
            (Transition::Regressed { why, drop: Invalidated::Url }, _) => {
                self.begin_anew(why, |why| Event::UrlLost { why }, false, now);
            }
            (Transition::Regressed { why, drop: Invalidated::Digests }, _) => self.rehash(why, false, now),
            (Transition::Regressed { why, drop: Invalidated::Nothing }, Some(call)) => {
                self.refused(call, None, why, None, now);
            }
            (Transition::Regressed { why, drop: Invalidated::Nothing }, None) => {
                self.end(Err(Failure::Refused(why)), now);
            }
        }
    }

    /// A transient failure: tried again while patience lasts, not before the time that is given back.
    fn outage(
        &mut self,
        call: P::Call,
        range: Option<Range<u64>>,
        last: Last<P::Fault>,
        asked: Option<Duration>,
        now: Now,
    ) -> Option<Duration> {
        let paused = match self.job.lifecycle {
            Lifecycle::Paused { since } => now.mono.saturating_sub(since),
            _ => Duration::ZERO,
        };
        let (failures, since) = self.calls.budgets.failed(&call, now.mono.saturating_sub(paused));
        let pause = self.job.options.backoff.pause(failures, &mut self.calls.chance);
        let (patience, budget) = self.patience();
        let deadline = since.saturating_add(patience).saturating_add(paused);
        let asked = asked.unwrap_or_default();
        let allowed = now.mono.saturating_add(asked);
        if now.mono >= deadline || allowed > deadline {
            let budget = if now.mono >= deadline { budget } else { Budget::Wait { asked, patience } };
            self.end(Err(Failure::Exhausted { budget, last }), now);
            return None;
        }
        let until = allowed.max(now.mono.saturating_add(pause).min(deadline));
        let request_id = if let Last::Vendor(fault) = &last { P::request_id(fault) } else { None };
        let retry = Retry {
            range,
            why: last.to_string(),
            request_id: request_id.map(str::to_owned),
            tries: self.calls.budgets.outage_failures(),
            deadline: Some(deadline),
        };
        self.try_again(call, retry, until, now);
        Some(until)
    }

    /// How long transient failures are sat out, and what has run out then.
    fn patience(&self) -> (Duration, Budget) {
        let Options { patience, first_contact, .. } = self.job.options;
        if self.had_contact() || patience <= first_contact {
            (patience, Budget::Patience(patience))
        } else {
            (first_contact, Budget::FirstContact(first_contact))
        }
    }

    /// A refusal of this very call: tried again a few times.
    fn refused(
        &mut self,
        call: P::Call,
        range: Option<Range<u64>>,
        fault: P::Fault,
        asked: Option<Duration>,
        now: Now,
    ) {
        let refusals = self.calls.budgets.refused(&call);
        if refusals >= self.job.options.attempts {
            let budget = Budget::Attempts(refusals);
            return self.end(Err(Failure::Exhausted { budget, last: Last::Vendor(fault) }), now);
        }
        let asked = asked.unwrap_or_default();
        let patience = self.job.options.patience;
        if asked > patience {
            let budget = Budget::Wait { asked, patience };
            return self.end(Err(Failure::Exhausted { budget, last: Last::Vendor(fault) }), now);
        }
        let pause = self.job.options.backoff.pause(refusals, &mut self.calls.chance).max(asked);
        let request_id = P::request_id(&fault).map(str::to_owned);
        let retry = Retry { range, why: fault.to_string(), request_id, tries: refusals, deadline: None };
        self.try_again(call, retry, now.mono.saturating_add(pause), now);
    }

    fn try_again(&mut self, call: P::Call, retry: Retry, until: Duration, now: Now) {
        if matches!(self.job.lifecycle, Lifecycle::Ending(_) | Lifecycle::Over) {
            return;
        }
        self.host.stats.retries += 1;
        let Retry { range, why, request_id, tries, deadline } = retry;
        self.host.tell(Event::Retrying {
            call: P::name(&call),
            bytes: range,
            why,
            request_id,
            after: until.saturating_sub(now.mono),
            tries,
            gives_up: deadline.map(|deadline| deadline.saturating_sub(now.mono)),
        });
        if !self.calls.in_flight.calls().contains(&call) {
            self.calls.in_flight.back_off(call, until);
        }
    }

    pub(super) fn hold(&mut self, lane: Lane, until: Duration) {
        self.calls.held.push((lane, until));
    }

    /// `reset`: the state is not the vendor's `apply`'s to mend, for it never heard of the refusal.
    fn restart(&mut self, why: P::Fault, reset: bool, now: Now) {
        self.begin_anew(why, |why| Event::Restarting { why }, reset, now);
    }

    fn begin_anew(&mut self, why: P::Fault, event: impl FnOnce(String) -> Event, reset: bool, now: Now) {
        self.calls.budgets.restarts = self.calls.budgets.restarts.saturating_add(1);
        if self.calls.budgets.restarts > self.job.options.restarts {
            let budget = Budget::Restarts(self.calls.budgets.restarts);
            self.drop_session(reset);
            return self.end(Err(Failure::Exhausted { budget, last: Last::Vendor(why) }), now);
        }
        self.host.stats.restarts += 1;
        self.host.tell(event(why.to_string()));
        self.drop_session(reset);
    }

    /// The vendor has less than it acknowledged; the session goes on.
    fn fell_back(&mut self, now: Now) {
        self.calls.budgets.restarts = self.calls.budgets.restarts.saturating_add(1);
        if self.calls.budgets.restarts > self.job.options.restarts {
            let budget = Budget::Restarts(self.calls.budgets.restarts);
            return self.end(Err(Failure::Exhausted { budget, last: Last::Nothing }), now);
        }
        self.host.stats.restarts += 1;
        self.host.tell(Event::Restarting { why: "the vendor has less than it acknowledged".to_owned() });
    }

    fn rehash(&mut self, why: P::Fault, reset: bool, now: Now) {
        self.calls.budgets.rehashes = self.calls.budgets.rehashes.saturating_add(1);
        let again = self.calls.budgets.rehashes <= self.job.options.rehashes;
        self.known.digests.clear();
        self.drop_session(reset);
        if !again {
            return self.end(Err(Failure::Integrity(why)), now);
        }
        self.host.stats.rehashes += 1;
        self.host.tell(Event::Rehashing { why: why.to_string() });
        // Most often it is the file that changed.
        if self.job.intent == Intent::Finish
            && !matches!(self.calls.next.pending, Pending::Hash(_) | Pending::Compare { .. })
        {
            self.calls.next.check(None);
        }
    }

    fn drop_session(&mut self, reset: bool) {
        if reset {
            let budgets = &self.calls.budgets;
            let nonce = nonce_of(self.job.options.seed, budgets.restarts.saturating_add(budgets.rehashes));
            let session = self.job.protocol.open(&self.job.source, nonce);
            self.known.state = State { session, ephemeral: P::Ephemeral::default() };
        }
        self.calls.saves.changed();
        self.calls.budgets.confirmed(0);
        self.calls.next.session_dropped();
        self.known.fingerprint = Fingerprint::new(Coverage::Complete);
        for op in self.calls.in_flight.drop_epoch() {
            self.host.put_out(Output::Do(Action::Cancel(op)));
        }
    }

    fn reauthorize(&mut self, fault: P::Fault) {
        self.host.tell(Event::Reauthorizing { why: fault.to_string() });
        let refusal = self.calls.access.credential.clone().map(|credential| (credential, fault));
        self.calls.access.demand(AuthReason::Refused, refusal);
    }

    /// `told`: what the answer's body says of the vendor's clock.
    fn correct_clock(&mut self, fault: P::Fault, told: Option<Duration>, answer: &Answer, now: Now) {
        let date = answer.response.headers().get(DATE).and_then(|date| parse_gmt_date(date.to_str().ok()?));
        let times: Vec<Duration> = [told, date].into_iter().flatten().collect();
        let apart = |time: &Duration| millis(*time).saturating_sub(millis(now.unix));
        let usable = times.iter().map(apart).find(|behind| behind.unsigned_abs() <= CLOCK_MOST_MS);
        if let Some(behind) = usable
            && behind.abs_diff(self.calls.clock.behind_ms) >= CLOCK_TOLERANCE_MS
        {
            self.calls.clock.behind_ms = behind;
            return self.host.tell(Event::ClockCorrected { behind: behind / 1000 });
        }
        self.calls.clock.refusals += 1;
        self.calls.budgets.clock_strikes += 1;
        if self.calls.budgets.clock_strikes > 1 {
            let failure = match (usable, times.first()) {
                (None, Some(theirs)) => Failure::Clock { ours: now.unix, theirs: *theirs, fault },
                _ => Failure::Credential(fault),
            };
            self.end(Err(failure), now);
        }
    }

    fn settle_digests(&mut self, op: OpId, digests: Result<Vec<Digest>, HashError>, now: Now) {
        let (jobs, doubt) = match self.calls.next.end(op) {
            Some(Pending::Hash(pass)) => (pass.jobs, None),
            Some(Pending::Compare { pass: Some(pass), doubt }) => (pass.jobs, Some(doubt)),
            _ => return,
        };
        match digests {
            Ok(digests) if digests.len() == jobs.len() => match doubt {
                Some(doubt) => self.compared(&jobs, &digests, doubt, now),
                None => self.hashed(jobs, digests, now),
            },
            Ok(digests) => {
                let what = format!("{} digests were answered to {} jobs", digests.len(), jobs.len());
                self.end(Err(Failure::Defect(what)), now);
            }
            Err(HashError::Cancelled) => {
                if let (Some(doubt), Lifecycle::Running, Intent::Finish) = (doubt, &self.job.lifecycle, self.job.intent)
                {
                    self.calls.next.compare(doubt);
                }
            }
            Err(HashError::Misfed(error)) => self.end(Err(Failure::Defect(error.to_string())), now),
            Err(HashError::Source(error)) => self.end(Err(Failure::Source(error)), now),
        }
    }

    fn hashed(&mut self, jobs: Vec<HashJob>, digests: Vec<Digest>, now: Now) {
        self.remember_hashed(&jobs, &digests);
        let bytes = jobs.iter().fold(0_u64, |sum, job| sum.saturating_add(job.range.end - job.range.start));
        let save_by =
            if bytes > QUICKLY_READ { Duration::ZERO } else { now.mono.saturating_add(self.job.options.save_every) };
        self.known.digests.retain(|(job, _)| !jobs.contains(job));
        self.known.digests.extend(jobs.into_iter().zip(digests));
        self.answered(now);
        self.take_in(Occurrence::Hashed, now, save_by, now);
    }

    fn settle_saved(&mut self, op: OpId, saved: Result<(), StoreError>, now: Now) {
        if let Err(error) = saved {
            if self.calls.saves.lost(op) {
                self.saved_last(None, Some(Failure::Store(StoreError(Cause::text(error.0.to_string())))));
                self.end(Err(Failure::Store(error)), now);
            }
            return;
        }
        if !self.calls.saves.done(op) {
            return;
        }
        self.host.stats.saves += 1;
        self.calls.next.saved(op);
        self.saved_last(Some(op), None);
    }

    fn settle_source(&mut self, op: OpId, source: Result<SourceInfo, SourceFailure>, now: Now) {
        let Some(Pending::Check { call, .. }) = self.calls.next.end(op) else { return };
        match source {
            Ok(source) => self.looked(source, call, now),
            Err(error) => self.end(Err(Failure::Source(error)), now),
        }
    }

    fn settle_credential(&mut self, op: OpId, lease: Result<Lease<P::Credential>, AuthError>, now: Now) {
        let Some(Why { reason, refusal }) = self.calls.access.answered(op) else { return };
        let ahead = reason == AuthReason::Expiring;
        let can_wait = ahead && refusal.is_none() && self.calls.access.is_good(now);
        let failure = match (lease, refusal) {
            // It was asked for before the vendor refused it.
            (Ok(lease), Some((refused, fault))) if lease.credential == refused && ahead => {
                return self.calls.access.demand(AuthReason::Refused, Some((refused, fault)));
            }
            (Ok(lease), Some((refused, fault))) if lease.credential == refused => Failure::Credential(fault),
            (Ok(lease), refusal) => {
                if self.calls.access.renew(lease, now) {
                    return self.answered(now);
                }
                // The machine may have slept since it was given.
                if !can_wait && self.calls.access.died() < 2 {
                    self.calls.access.demand(reason, refusal);
                    return self.answered(now);
                }
                Failure::Authorize(AuthError(Cause::text("the new one had already expired, twice in a row")))
            }
            (Err(error), _) => Failure::Authorize(error),
        };
        if can_wait {
            return self.calls.access.put_off(now);
        }
        self.end(Err(failure), now);
    }

    /// The host has another credential of its own accord.
    fn settle_renewed(&mut self, lease: Lease<P::Credential>, now: Now) {
        let was_refused = self.calls.access.is_refused();
        if self.calls.access.renew(lease, now) && was_refused {
            self.host.tell(Event::Reauthorized);
        }
    }

    /// A slot that came too late is dropped, and goes back.
    fn settle_slot(&mut self, op: OpId, granted: Result<Granted<P::Reply>, Duration>, now: Now) {
        let Some(wanted) = self.calls.next.slots.answered(op) else { return };
        match granted {
            Ok(granted) if self.job.lifecycle.plans() => self.calls.next.slots.grant(wanted, granted),
            Ok(_) => {}
            Err(wait) => self.hold(wanted.lane, now.mono.saturating_add(wait.max(Duration::from_millis(1)))),
        }
    }

    fn settle_progress(&mut self, op: OpId, bytes: u64) {
        match self.calls.next.pass_mut() {
            Some(pass) if pass.op == op => pass.done = bytes.min(pass.total),
            _ => {
                self.calls.in_flight.note_read(op, bytes);
            }
        }
    }

    /// Whatever was lost is done again; a request may have arrived.
    fn settle_lost(&mut self, op: OpId, now: Now) {
        let lost = SendError::Unsure(Cause::text("the host lost the request"));
        self.settle_response(op, Err(lost), now);
        if self.calls.saves.lost(op) {
            self.lost_last(op);
        }
        self.calls.next.lost(op);
        if let Some(why) = self.calls.access.answered(op) {
            self.calls.access.need = Need::Another(why);
        }
    }

    fn settle_pause(&mut self, now: Now) {
        if matches!(self.job.lifecycle, Lifecycle::Running) {
            self.job.lifecycle = Lifecycle::Paused { since: now.mono };
        }
    }

    /// A pause is nobody's outage, but a file may change in it: whatever commits looks at it again.
    fn settle_unpause(&mut self, now: Now) {
        if let Lifecycle::Paused { since } = self.job.lifecycle {
            self.calls.budgets.excuse(now.mono.saturating_sub(since));
            self.job.lifecycle = Lifecycle::Running;
            self.calls.next.forget_call();
        }
    }

    fn settle_drain(&mut self, within: Duration, now: Now) {
        self.settle_unpause(now);
        let by = now.mono.saturating_add(within);
        match &mut self.job.lifecycle {
            Lifecycle::Running if self.calls.in_flight.requests() == 0 => self.end(Err(Failure::Stopped), now),
            lifecycle @ Lifecycle::Running => *lifecycle = Lifecycle::Draining { by },
            Lifecycle::Draining { by: earlier } => *earlier = by.min(*earlier),
            Lifecycle::Paused { .. } | Lifecycle::Ending(_) | Lifecycle::Over => {}
        }
    }

    fn settle_abort(&mut self, now: Now) {
        self.settle_unpause(now);
        if !self.job.lifecycle.plans() {
            return;
        }
        self.job.lifecycle = Lifecycle::Running;
        self.job.intent = Intent::Abandon;
        self.calls.in_flight.forget_backing_off();
        self.calls.in_flight.cancel_all();
        self.cancel_all();
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
