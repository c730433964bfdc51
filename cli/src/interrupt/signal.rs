//! The signals that ask the command to end.

use std::io;
use std::time::Duration;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(unix), expect(dead_code, reason = "other systems have Ctrl-C alone"))]
pub(crate) enum Signal {
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGTERM: `kill`, or a supervisor.
    Terminate,
    /// SIGHUP: the terminal was closed.
    HangUp,
}

impl Signal {
    /// What the command ends with: 128 and the signal's number, as shells say of what a signal ended.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::HangUp => 129,
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }

    /// How long it may take to end. Whoever presses Ctrl-C can press it again; a supervisor kills what has not ended some
    /// ten seconds after it was told to.
    pub(super) fn longest(self) -> Duration {
        match self {
            Self::Interrupt => Duration::from_secs(60),
            Self::Terminate | Self::HangUp => Duration::from_secs(8),
        }
    }
}

/// Calls `act` with each signal, on a thread of its own.
#[cfg(unix)]
pub(super) fn on_signal(mut act: impl FnMut(Signal) + Send + 'static) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    let mut watched = vec![SIGINT, SIGTERM];
    if !is_ignored(SIGHUP) {
        watched.push(SIGHUP);
    }
    let mut signals = Signals::new(watched)?;
    let watch = move || {
        signals.forever().for_each(|number| match number {
            SIGHUP => act(Signal::HangUp),
            SIGTERM => act(Signal::Terminate),
            _ => act(Signal::Interrupt),
        });
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(watch)?;
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn on_signal(mut act: impl FnMut(Signal) + Send + 'static) -> io::Result<()> {
    ctrlc::set_handler(move || act(Signal::Interrupt)).map_err(io::Error::other)
}

/// Whether this process was started with a signal ignored, as `nohup` does with SIGHUP: then it stays so. Only Linux tells
/// without `unsafe`; elsewhere SIGHUP ends the process as if it were not watched.
#[cfg(target_os = "linux")]
fn is_ignored(number: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignored_in(&status).is_some_and(|mask| mask >> (number - 1) & 1 == 1)
}

#[cfg(all(unix, not(target_os = "linux")))]
fn is_ignored(_: i32) -> bool {
    true
}

/// The signals that are ignored, a bit each.
#[cfg(target_os = "linux")]
fn ignored_in(status: &str) -> Option<u64> {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_mask_of_ignored_signals_is_read() {
        assert_eq!(ignored_in("Name:\tx\nSigIgn:\t0000000000001001\nSigCgt:\t0\n"), Some(0x1001));
        assert_eq!(ignored_in("Name:\tx\n"), None);
    }
}
