//! Ctrl-C, SIGTERM and SIGHUP: the first one asks, the second one ends the process.

mod pace;
mod signal;

use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::exit::{Code, Problem};

pub(crate) use self::pace::Pace;
pub(crate) use self::signal::Signal;

/// What the first signal does.
type Hook = Box<dyn FnOnce(Signal) + Send>;

/// The signals of this process.
#[derive(Clone)]
pub(crate) struct Interrupt(Arc<Mutex<Stage>>);

enum Stage {
    /// A signal ends the process.
    Unarmed,
    /// A signal does this.
    Armed(Hook),
    /// This signal came, and was handed on.
    Asked(Signal),
}

/// What the process does after a signal.
#[derive(Debug, PartialEq, Eq)]
enum Then {
    GoOn,
    End,
}

impl Interrupt {
    /// Starts to watch.
    ///
    /// # Errors
    /// When the system does not let it.
    pub(crate) fn watch() -> Result<Self, Problem> {
        let interrupt = Self::unarmed();
        let watching = interrupt.clone();
        let started = signal::on_signal(move |signal| {
            if watching.signalled(signal) == Then::End {
                process::exit(signal.code().into());
            }
        });
        started.map_err(|error| Problem::new(Code::Other, format!("cannot watch for signals: {error}")))?;
        Ok(interrupt)
    }

    /// One that no signal reaches yet.
    pub(crate) fn unarmed() -> Self {
        Self(Arc::new(Mutex::new(Stage::Unarmed)))
    }

    /// Sets what the first signal does, in place of ending the process; it is done at once if a signal came before.
    pub(crate) fn arm(&self, hook: impl FnOnce() + Send + 'static) {
        self.arm_with(|_| hook());
    }

    /// The same, told which signal came.
    pub(crate) fn arm_with(&self, hook: impl FnOnce(Signal) + Send + 'static) {
        let mut stage = self.stage();
        if let Stage::Asked(signal) = *stage {
            drop(stage);
            return hook(signal);
        }
        *stage = Stage::Armed(Box::new(hook));
    }

    /// True once a signal was handed on.
    pub(crate) fn asked(&self) -> bool {
        matches!(*self.stage(), Stage::Asked(_))
    }

    /// What a command that was interrupted ends with.
    pub(crate) fn code(&self) -> u8 {
        match *self.stage() {
            Stage::Asked(signal) => signal.code(),
            _ => Code::Interrupted as u8,
        }
    }

    fn signalled(&self, signal: Signal) -> Then {
        let stage = std::mem::replace(&mut *self.stage(), Stage::Asked(signal));
        let Stage::Armed(hook) = stage else { return Then::End };
        hook(signal);
        Then::GoOn
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn a_signal_before_the_hook_is_not_lost() {
        let interrupt = Interrupt::unarmed();
        let (tell, told) = channel();
        let first = tell.clone();
        interrupt.arm(move || first.send(1).unwrap());
        assert!(!interrupt.asked());
        assert_eq!(interrupt.signalled(Signal::Interrupt), Then::GoOn);
        assert!(interrupt.asked());
        interrupt.arm(move || tell.send(2).unwrap());
        assert_eq!(told.try_iter().collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn each_signal_has_its_code() {
        assert_eq!(Interrupt::unarmed().code(), 130, "whatever else interrupted it");
        for (signal, code) in [(Signal::Interrupt, 130), (Signal::Terminate, 143), (Signal::HangUp, 129)] {
            let interrupt = Interrupt::unarmed();
            let (tell, told) = channel();
            interrupt.arm_with(move |signal| tell.send(signal).unwrap());
            assert_eq!(interrupt.signalled(signal), Then::GoOn);
            assert_eq!((told.recv().unwrap(), interrupt.code()), (signal, code));
        }
    }

    #[test]
    fn the_second_signal_ends_the_process_and_so_does_one_that_nobody_waits_for() {
        let interrupt = Interrupt::unarmed();
        interrupt.arm(|| {});
        assert_eq!(interrupt.signalled(Signal::Interrupt), Then::GoOn);
        assert_eq!(interrupt.signalled(Signal::Interrupt), Then::End);
        assert_eq!(Interrupt::unarmed().signalled(Signal::HangUp), Then::End);
    }
}
