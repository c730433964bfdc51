//! One case: an upload from its first request to its end, over as many processes as it takes.

use fastrand::Rng;
use resumable_core::{Failure, Receipt, ResumeError, SourceInfo, Upload};
use resumable_emulator::Plan;

use crate::census::Census;
use crate::fault::Row;
use crate::ledger::Allowed;
use crate::network::Flight;
use crate::oracle;
use crate::process::End;
use crate::profile::{FirstCredential, Profile};
use crate::store;
use crate::transcript::{Detail, Transcript};
use crate::vendor::{CredentialOf, Expectations as _, FaultOf, Scenario as _, Vendor};
use crate::world::World;

/// More processes than any case has faults. What goes on for longer is judged when they have stopped.
const PROCESSES: u32 = 40;

/// What came of a case.
#[derive(Clone, Debug)]
pub struct Report {
    /// How it ended, in a word or two.
    pub ending: &'static str,
    /// What was found wrong.
    pub violation: Option<String>,
    /// What it met.
    pub census: Census,
    /// What happened.
    pub transcript: Transcript,
    /// What every action of the machine was, in order.
    pub rows: Vec<Row>,
    /// The server's share of what it met.
    pub plan: Plan,
}

/// A case's own seed: the same for the same run and index, whichever thread runs it.
pub fn seed_of(run: u64, index: u64) -> u64 {
    // SplitMix64.
    let mut mixed = run.wrapping_add((index + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Runs the case of a seed.
pub fn run<V: Vendor>(vendor: &V, seed: u64, detail: Detail) -> Report {
    let mut chance = Rng::with_seed(seed);
    let setting = V::Setting::draw(&mut chance);
    let profile = Profile::draw::<V::Setting>(&mut chance);
    play(vendor, &setting, profile, chance, detail, Afterwards::RunAgain)
}

/// Runs the upload of a seed's case under a plan of the server's faults, and with no other trouble.
pub fn run_under<V: Vendor>(vendor: &V, seed: u64, plan: &Plan, detail: Detail) -> Report {
    let mut chance = Rng::with_seed(seed);
    let setting = V::Setting::draw(&mut chance);
    let drawn = Profile::draw::<V::Setting>(&mut chance);
    let profile =
        Profile { patience: drawn.patience, sloppy: drawn.sloppy, plan: plan.clone(), ..Profile::calm(drawn.window) };
    run_alone(vendor, &setting, profile, chance, detail)
}

/// Runs a case that was put together by hand.
pub fn run_with<V: Vendor>(vendor: &V, setting: &V::Setting, profile: Profile, chance: Rng, detail: Detail) -> Report {
    play(vendor, setting, profile, chance, detail, Afterwards::RunAgain)
}

/// The same, and the command is not run again afterwards.
pub fn run_alone<V: Vendor>(vendor: &V, setting: &V::Setting, profile: Profile, chance: Rng, detail: Detail) -> Report {
    play(vendor, setting, profile, chance, detail, Afterwards::Nothing)
}

/// What comes after an upload that did not succeed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Afterwards {
    /// Nothing: the case is about this upload alone.
    Nothing,
    /// The same command again, without faults, until it ends for good.
    RunAgain,
}

fn play<V: Vendor>(
    vendor: &V,
    setting: &V::Setting,
    profile: Profile,
    chance: Rng,
    detail: Detail,
    afterwards: Afterwards,
) -> Report {
    let transcript = Transcript::new(detail);
    let mut world = World::new(vendor, setting, profile, chance, transcript);
    world.profile.plan.rules.iter().for_each(|rule| world.server.inject(rule.clone()));
    if detail != Detail::Off {
        let profile = format!("{:?}", world.profile);
        world.note(|| format!("{setting:?}"));
        world.note(|| profile);
    }
    let older = setting.object(&world.server);
    let ending = world.run_out(older.as_deref());
    if afterwards == Afterwards::RunAgain && ending != "finished" && world.violation.is_none() {
        world.run_again(older.as_deref());
    }
    world.census.mark(ending);
    let World { violation, census, transcript, rows, fault_log, .. } = world;
    Report { ending, violation, census, transcript, rows, plan: fault_log.into_plan() }
}

impl<V: Vendor> World<'_, V> {
    fn run_out(&mut self, older: Option<&[u8]>) -> &'static str {
        self.ledger.rounds = 1;
        loop {
            if self.process.number >= PROCESSES {
                return self.settle_down("not finished", older);
            }
            if self.process.number > 0 {
                self.meanwhile();
            }
            let mut upload = match self.upload() {
                Ok(Start::Upload(upload)) => *upload,
                Ok(Start::Ended(ending)) => return self.settle_down(ending, older),
                Err(what) => {
                    self.violated(|| what);
                    return "broken";
                }
            };
            let end = self.run_process(&mut upload);
            drop(upload);
            let ending = self.judge(end);
            if let Err(what) = oracle::always(self, older) {
                self.violated(|| what);
            }
            if self.violation.is_some() {
                return "broken";
            }
            self.end_process();
            if let Some(ending) = ending {
                return self.settle_down(ending, older);
            }
        }
    }

    /// Another process takes the upload up, or begins it.
    pub(crate) fn upload(&mut self) -> Result<Start<V>, String> {
        let first = self.process.number == 0;
        let seed = self.chance.u64(..);
        let options = self.profile.options(seed);
        let credential = self.credential(first);
        let protocol = self.vendor.protocol(self.setting);
        let Some(bytes) = self.store.get() else {
            if self.ledger.aborted {
                return Ok(Start::Ended("abandoned before anything was saved"));
            }
            let source = self.look()?;
            return Ok(Start::new(Upload::start(protocol, source, credential, options)));
        };
        let saved = match store::read(bytes) {
            Ok(_) if self.ledger.spoilt => return Err("damaged bytes are taken for a checkpoint".to_owned()),
            Ok(saved) => saved,
            Err(error) => return self.not_resumed(&error),
        };
        if self.ledger.aborted {
            self.census.mark("abandoned from a checkpoint");
            let upload = Upload::abandon(protocol, credential, options, saved);
            return match upload {
                Ok(upload) => Ok(Start::new(upload)),
                Err(error) => self.not_resumed(&error),
            };
        }
        let source = self.look()?;
        match Upload::resume(protocol, source, credential, options, saved) {
            Ok(upload) => Ok(Start::new(upload)),
            Err(error) => self.not_resumed(&error),
        }
    }

    /// A new process opens the file and looks at it.
    fn look(&mut self) -> Result<SourceInfo, String> {
        self.source.open();
        self.source.info(self.clock.wall()).map_err(|error| error.to_string())
    }

    /// Why a checkpoint is not gone on with; `Err` if nothing explains it.
    fn not_resumed(&self, error: &ResumeError) -> Result<Start<V>, String> {
        match error {
            ResumeError::Changed { difference, .. } if oracle::is_told_apart(self, *difference) => {
                Ok(Start::Ended("file changed, found on resume"))
            }
            _ if self.ledger.spoilt || self.ledger.is_misled() => {
                Ok(Start::Ended("checkpoint damaged, found on resume"))
            }
            _ => Err(format!("not resumed: {error}")),
        }
    }

    pub(crate) fn credential(&mut self, first: bool) -> Option<CredentialOf<V>> {
        match self.profile.credential {
            FirstCredential::Missing => None,
            FirstCredential::Wrong | FirstCredential::WrongTwice if first => {
                self.ledger.allow(Allowed::Credential);
                Some(V::Setting::credential(2))
            }
            _ => self.granted(false).or_else(|| Some(V::Setting::credential(0))),
        }
    }

    /// A temporary credential, where the vendor's setting has them.
    pub(crate) fn granted(&mut self, fresh: bool) -> Option<CredentialOf<V>> {
        self.setting.granted(&self.server, self.clock.server(), fresh, &mut self.chance)
    }

    pub(crate) fn insists_on_wrong(&self) -> bool {
        self.profile.credential == FirstCredential::WrongTwice && self.process.number == 1
    }

    /// What a process came to; the ending, if there is to be no other.
    fn judge(&mut self, end: End<V::Protocol>) -> Option<&'static str> {
        self.ledger.forgotten += self.process.acknowledged - self.process.durable;
        match end {
            End::Broken => None,
            End::Died => {
                self.ledger.kills += 1;
                self.unsaved();
                self.lose_journal();
                None
            }
            End::Finished(Ok(outcome)) => {
                let receipt: Receipt = outcome.clone().into();
                if let Err(what) = oracle::success(self, &outcome) {
                    self.violated(|| what);
                }
                self.outcome = Some(outcome);
                self.census.mark(how(&receipt));
                self.mark_touched();
                if std::mem::take(&mut self.profile.reopen) && self.store.get().is_some() && !self.ledger.changed {
                    self.census.mark("resumed after it was finished");
                    self.ledger.rounds += 1;
                    self.doubt();
                    return None;
                }
                Some("finished")
            }
            End::Finished(Err(failure)) => {
                if let Err(what) = oracle::failure(self, &failure) {
                    self.violated(|| what);
                }
                self.census.mark(name::<V>(&failure));
                let unheard = self.flights.iter().any(Flight::renames_unheard);
                if matches!(failure, Failure::Store(_)) || self.process.heard_since_save || unheard {
                    self.lose_journal();
                }
                if self.goes_on_after(&failure) && !self.is_hopeless() { None } else { Some("an honest error") }
            }
        }
    }

    /// A file that was only touched is finished.
    pub(crate) fn mark_touched(&mut self) {
        if self.ledger.touched && !self.ledger.changed {
            self.census.mark("file touched, and finished");
        }
    }

    /// A process has ended without a last save.
    fn unsaved(&mut self) {
        self.ledger.unsaved += 1;
        self.doubt();
    }

    /// The next process may not know what the last committing call was answered.
    fn doubt(&mut self) {
        self.setting.doubts_into(None).into_iter().for_each(|outcome| self.ledger.allow(outcome));
    }

    /// What this process was told last is not durable.
    fn lose_journal(&mut self) {
        self.ledger.journals_lost += 1;
        if self.process.renamed {
            self.ledger.allow(Allowed::Session);
        }
    }

    /// Whether a person would run the upload again.
    fn goes_on_after(&mut self, failure: &Failure<FaultOf<V>>) -> bool {
        match failure {
            Failure::Refused(fault) if V::Setting::can_be_run_again(fault) => {
                self.census.mark("run again after a refusal");
                self.ledger.run_again += 1;
                true
            }
            // The last of the losses was a url's, and was told by this end alone.
            Failure::Exhausted {
                budget: resumable_core::Budget::Restarts(_),
                last: resumable_core::Last::Vendor(fault),
            } if V::Setting::can_be_run_again(fault) => {
                self.ledger.urls_lost += 1;
                self.ledger.run_again += 1;
                true
            }
            Failure::Abandoned(remains) => {
                self.remains = Some(*remains);
                false
            }
            Failure::Store(_) => {
                self.unsaved();
                true
            }
            // It was only touched, or is another file of the same content.
            Failure::Source(_) => !self.ledger.changed,
            _ => failure.resumable(),
        }
    }

    /// No process will ever get further, whatever is not injected.
    fn is_hopeless(&self) -> bool {
        let never = self.setting.clock_is_hopeless() || self.setting.sessions_are_hopeless();
        let hopeless = never || self.profile.plan_is_endless() || self.ledger.resized;
        hopeless && self.process.number > 3
    }

    /// What is still on its way arrives, and must do no harm.
    pub(crate) fn settle_down(&mut self, ending: &'static str, older: Option<&[u8]>) -> &'static str {
        self.count_last_slots();
        while let Some(at) = self.queue.next_at() {
            self.clock.advance_to(at);
            if let Some((_, moment)) = self.queue.take_due(at) {
                self.happen(moment, None);
            }
        }
        if let Err(what) = oracle::settled(self, ending == "finished") {
            self.violated(|| what);
        }
        if let Err(what) = oracle::always(self, older) {
            self.violated(|| what);
        }
        ending
    }
}

pub(crate) enum Start<V: Vendor> {
    Upload(Box<Upload<V::Protocol>>),
    Ended(&'static str),
}

impl<V: Vendor> Start<V> {
    fn new(upload: Upload<V::Protocol>) -> Self {
        Self::Upload(Box::new(upload))
    }
}

fn how(receipt: &Receipt) -> &'static str {
    match receipt.how {
        resumable_core::How::Instant => "success: instant",
        resumable_core::How::OneRequest => "success: one request",
        resumable_core::How::Parts => "success: parts",
        resumable_core::How::AlreadyThere => "success: already there",
        resumable_core::How::SentBefore => "success: sent before",
        _ => "success: other",
    }
}

fn name<V: Vendor>(failure: &Failure<FaultOf<V>>) -> &'static str {
    match failure {
        Failure::Refused(_) => "failure: refused",
        Failure::Credential(_) => "failure: credential",
        Failure::Authorize(_) => "failure: no credential",
        Failure::Integrity(_) => "failure: integrity",
        Failure::Exhausted { budget: resumable_core::Budget::Patience(_), .. } => "failure: patience",
        Failure::Exhausted { budget: resumable_core::Budget::FirstContact(_), .. } => "failure: first contact",
        Failure::Exhausted { budget: resumable_core::Budget::Wait { .. }, .. } => "failure: wait",
        Failure::Exhausted { budget: resumable_core::Budget::Attempts(_), .. } => "failure: attempts",
        Failure::Exhausted { budget: resumable_core::Budget::Restarts(_), .. } => "failure: restarts",
        Failure::Exhausted { .. } => "failure: answers",
        Failure::Source(_) => "failure: source",
        Failure::Changed { .. } => "failure: changed",
        Failure::Store(_) => "failure: store",
        Failure::Stopped => "failure: stopped",
        Failure::Abandoned(_) => "failure: abandoned",
        _ => "failure: defect",
    }
}
