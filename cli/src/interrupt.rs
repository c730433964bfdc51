//! Ctrl-C and SIGTERM: the first one asks, the second one ends the process.
//!
//! SIGHUP is left alone: whoever starts the command with `nohup` wants it to go on, and for all others a process that
//! is ended at once has lost nothing.

use std::io;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::exit::{Code, Problem};

/// What the first signal does.
type Hook = Box<dyn FnOnce() + Send>;

/// The signals of this process.
#[derive(Clone)]
pub(crate) struct Interrupt(Arc<Mutex<Stage>>);

enum Stage {
    /// A signal ends the process.
    Unarmed,
    /// A signal does this.
    Armed(Hook),
    /// A signal came, and was handed on.
    Asked,
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
        let started = on_signal(move || {
            if watching.signalled() == Then::End {
                process::exit(i32::from(Code::Interrupted as u8));
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
        let mut stage = self.stage();
        if matches!(*stage, Stage::Asked) {
            drop(stage);
            return hook();
        }
        *stage = Stage::Armed(Box::new(hook));
    }

    /// True once a signal was handed on.
    pub(crate) fn asked(&self) -> bool {
        matches!(*self.stage(), Stage::Asked)
    }

    fn signalled(&self) -> Then {
        let stage = std::mem::replace(&mut *self.stage(), Stage::Asked);
        let Stage::Armed(hook) = stage else { return Then::End };
        hook();
        Then::GoOn
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(unix)]
fn on_signal(mut act: impl FnMut() + Send + 'static) -> io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let name = "signals".to_owned();
    std::thread::Builder::new().name(name).spawn(move || signals.forever().for_each(|_| act()))?;
    Ok(())
}

#[cfg(not(unix))]
fn on_signal(act: impl FnMut() + Send + 'static) -> io::Result<()> {
    ctrlc::set_handler(act).map_err(io::Error::other)
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
        assert_eq!(interrupt.signalled(), Then::GoOn);
        assert!(interrupt.asked());
        interrupt.arm(move || tell.send(2).unwrap());
        assert_eq!(told.try_iter().collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn the_second_signal_ends_the_process_and_so_does_one_that_nobody_waits_for() {
        let interrupt = Interrupt::unarmed();
        interrupt.arm(|| {});
        assert_eq!(interrupt.signalled(), Then::GoOn);
        assert_eq!(interrupt.signalled(), Then::End);
        assert_eq!(Interrupt::unarmed().signalled(), Then::End);
    }
}
