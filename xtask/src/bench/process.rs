//! A process, and what it cost.

use std::env;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use serde_json::{Value, json};

use crate::workspace::Result;

/// How this very program is asked to run another and to tell what that cost.
pub(crate) const CHILD: &str = "bench-child";

/// What a process used.
#[derive(Clone, Debug)]
pub(crate) struct Cost {
    pub(crate) user: Duration,
    pub(crate) sys: Duration,
    pub(crate) took: Duration,
    /// The most memory that was resident, in bytes.
    pub(crate) peak: u64,
}

impl Cost {
    /// User and system time together, in seconds.
    pub(crate) fn cpu(&self) -> f64 {
        (self.user + self.sys).as_secs_f64()
    }
}

/// Runs a command to its end, as the only child of a process between: what the system tells of a process's children is
/// then of this one alone.
///
/// # Errors
/// When it fails, with what it said last.
pub(crate) fn measure(command: &Command) -> Result<Cost> {
    let this = env::current_exe().map_err(|error| error.to_string())?;
    let mut between = Command::new(this);
    between.arg(CHILD).arg(command.get_program()).args(command.get_args()).stdin(Stdio::null());
    between.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let done = between.output().map_err(|error| error.to_string())?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        return Err(said.trim_end().lines().last().unwrap_or("it said nothing").to_owned());
    }
    cost(&done.stdout).ok_or_else(|| "the measuring process told no cost".to_owned())
}

fn cost(told: &[u8]) -> Option<Cost> {
    let told: Value = serde_json::from_slice(told).ok()?;
    let micros = |name: &str| told[name].as_u64().map(Duration::from_micros);
    Some(Cost { user: micros("user")?, sys: micros("sys")?, took: micros("took")?, peak: told["peak"].as_u64()? })
}

/// The process between: runs the program, and prints what it cost.
///
/// # Errors
/// When it fails; it has said why on stderr.
pub(crate) fn child(words: &[&str]) -> Result<()> {
    let [program, args @ ..] = words else { return Err("no program was named".to_owned()) };
    let begun = Instant::now();
    let status = Command::new(program).args(args).stdout(Stdio::null()).status();
    let status = status.map_err(|error| format!("{program} did not start: {error}"))?;
    let took = begun.elapsed();
    if !status.success() {
        return Err(format!("{program} failed: {status}"));
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| error.to_string())?;
    // Kibibytes, but bytes on Apple's systems.
    let unit = if cfg!(target_vendor = "apple") { 1 } else { 1024 };
    let (user, sys, peak) = (micros(usage.user_time()), micros(usage.system_time()), usage.max_rss() * unit);
    println!("{}", json!({ "user": user, "sys": sys, "took": u64::try_from(took.as_micros()).ok(), "peak": peak }));
    Ok(())
}

fn micros(time: TimeVal) -> i64 {
    time.tv_sec() * 1_000_000 + time.tv_usec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_and_what_does_not_start_is_named() {
        assert_eq!(child(&["sh", "-c", "exit 3"]), Err("sh failed: exit status: 3".to_owned()));
        assert!(child(&["/no/such/program"]).unwrap_err().starts_with("/no/such/program did not start"));
    }

    #[test]
    fn what_the_process_between_tells_is_understood() {
        let told = cost(br#"{"peak":4096,"sys":5,"took":9,"user":2000000}"#).unwrap();
        assert_eq!((told.user, told.sys, told.peak), (Duration::from_secs(2), Duration::from_micros(5), 4096));
        assert!(cost(b"{}").is_none() && cost(b"").is_none());
    }
}
