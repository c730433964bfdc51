//! Liveness: once the faults have stopped, the same command run again ends, with success or with an error that stands.

use resumable_core::{Budget, Failure, Protocol, Upload};

use crate::case::Start;
use crate::ledger::Allowed;
use crate::oracle;
use crate::process::End;
use crate::vendor::{Expectations as _, FaultOf, Vendor};
use crate::world::World;

/// So many runs may end in a way that a further run mends.
const RUNS: u32 = 3;

/// What a run without faults came to.
enum Came {
    /// It finished, or ended with an error that stands: the same run again would end the same way, and the error says so.
    Home(&'static str),
    /// It ended, and says that it may be run again.
    Short(String),
    /// It says that it is to be begun anew: the file changed, say, and nobody but a person can tell what is meant.
    Anew,
    /// A violation was found.
    Broken,
}

impl<V: Vendor> World<'_, V> {
    /// Runs the same upload again and again, as a person with the command does, now that nothing goes wrong any more.
    pub(crate) fn run_again(&mut self, older: Option<&[u8]>) {
        self.end_troubles();
        let mut last = String::new();
        // What somebody edited may lead nowhere: then the person begins anew.
        let (runs, rescue) = if self.ledger.is_misled() { (2 * RUNS, RUNS) } else { (RUNS, RUNS) };
        for run in 0..runs {
            let came = match if run == rescue { Came::Anew } else { self.run_once(older) } {
                Came::Anew => self.restart(older),
                came => came,
            };
            match came {
                Came::Home(how) => return self.census.mark(how),
                Came::Short(why) => last = why,
                Came::Anew => "it is to be begun anew, after it was".clone_into(&mut last),
                Came::Broken => return,
            }
        }
        // What an edited checkpoint led to may stand at the vendor for ever; an honest error was all that it owes.
        if self.ledger.edited {
            return self.census.mark("again: edited, and led nowhere");
        }
        self.violated(|| format!("nothing goes wrong any more, and {RUNS} runs end short, the last with: {last}"));
    }

    fn end_troubles(&mut self) {
        self.note(|| "from here on nothing goes wrong any more".to_owned());
        self.profile.end_troubles();
        self.server.clear_faults();
        self.clock.set_ahead(0);
        self.calm = true;
        if self.remains.take().is_some() {
            self.store.clear();
        }
        // A cancel whose answer was lost may have taken the session.
        if std::mem::take(&mut self.ledger.aborted) {
            self.ledger.allow(Allowed::Session);
        }
    }

    /// One run of the command: what there is a checkpoint of is gone on with, anything else begun.
    fn run_once(&mut self, older: Option<&[u8]>) -> Came {
        if self.store.get().is_none() {
            self.ledger.begin_anew(self.setting.left_by_older(&self.server));
        }
        match self.upload() {
            Ok(Start::Upload(mut upload)) => self.calm_run(&mut upload, older),
            Ok(Start::Ended(_)) => Came::Anew,
            Err(what) => {
                self.violated(|| what);
                Came::Broken
            }
        }
    }

    /// The person begins anew, as the error says: the older upload is given up first, and then forgotten.
    fn restart(&mut self, older: Option<&[u8]>) -> Came {
        self.census.mark("again: restarted");
        self.ledger.aborted = true;
        let given_up = match self.upload() {
            Ok(Start::Upload(mut upload)) => self.calm_run(&mut upload, older),
            Ok(Start::Ended(how)) => Came::Home(how),
            Err(what) => {
                self.violated(|| what);
                Came::Broken
            }
        };
        self.ledger.aborted = false;
        self.remains = None;
        self.store.clear();
        if matches!(given_up, Came::Broken) { given_up } else { self.run_once(older) }
    }

    fn calm_run(&mut self, upload: &mut Upload<V::Protocol>, older: Option<&[u8]>) -> Came {
        let end = self.run_process(upload);
        let came = match end {
            End::Finished(result) => self.weigh(result),
            End::Died | End::Broken => Came::Broken,
        };
        let ending = if matches!(came, Came::Home("again: finished")) { "finished" } else { "" };
        self.end_process();
        self.settle_down(ending, older);
        if self.violation.is_some() { Came::Broken } else { came }
    }

    fn weigh(&mut self, result: Result<<V::Protocol as Protocol>::Outcome, Failure<FaultOf<V>>>) -> Came {
        match result {
            Ok(outcome) => {
                if let Err(what) = oracle::success(self, &outcome) {
                    self.violated(|| what);
                }
                self.outcome = Some(outcome);
                self.mark_touched();
                Came::Home("again: finished")
            }
            Err(Failure::Refused(fault)) if self.setting.explains(&self.ledger.standing(), &fault) => {
                Came::Home("again: refused for good")
            }
            Err(Failure::Authorize(_)) if self.ledger.no_credential => Came::Home("again: no credential"),
            Err(Failure::Credential(_)) if self.setting.clock_is_hopeless() => Came::Home("again: the clock is off"),
            Err(failure) if failure.resumable() && self.setting.sessions_are_hopeless() => {
                Came::Home("again: no session lasts")
            }
            Err(
                Failure::Integrity(_) | Failure::Exhausted { budget: Budget::Attempts(_) | Budget::Restarts(_), .. },
            ) if self.setting.takes_no_content(&self.ledger, self.age()) => Came::Home("again: no content is taken"),
            Err(Failure::Refused(fault)) if V::Setting::asks_to_begin_anew(&fault) => Came::Anew,
            Err(Failure::Source(_)) if self.ledger.changed => Came::Anew,
            Err(Failure::Changed { difference, .. }) if oracle::is_told_apart(self, difference) => Came::Anew,
            Err(Failure::Abandoned(_)) if self.ledger.aborted => Came::Home("again: abandoned"),
            Err(failure) => {
                self.census.mark("again: ended short");
                if matches!(failure, Failure::Exhausted { budget: Budget::Restarts(_), .. }) {
                    self.ledger.forget_restarts();
                }
                Came::Short(failure.to_string())
            }
        }
    }
}
