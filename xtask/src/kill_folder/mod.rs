//! `cargo xtask kill-folder`: a folder is uploaded by a command that is killed again and again.
//!
//! The command is a process, and the emulator is this one. In each round the command is started and killed: at a random number
//! of requests while there is something to send, and after a random time once there is not. Then it runs to its end, and the
//! folder is compared with what the emulator has. What is counted is what arrived: nothing that was sent may be sent again,
//! but for what was on its way at a kill.

mod checks;
mod room;

use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use self::room::Room;
use crate::verdict::Verdict;
use crate::workspace::{Result, Workspace, programs};

/// How often it is looked whether it is time.
const LOOKED: Duration = Duration::from_micros(500);
/// A run that takes longer hangs.
const LONGEST: Duration = Duration::from_secs(30 * 60);
/// How many runs without a kill may be needed.
const LAST_RUNS: usize = 3;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    rounds: u64,
    files: usize,
    protocol: String,
    seed: u64,
}

impl Wish {
    fn of(args: &[&str]) -> Result<Self> {
        const KNOWN: &str = "known are --rounds N, --files N, --protocol oss|cos-v1|cos-v2, --seed N";
        let seed = getrandom::u64().map_err(|error| format!("the system has no entropy: {error}"))?;
        let mut wish = Self { rounds: 50, files: 5000, protocol: "oss".to_owned(), seed };
        let (pairs, rest) = args.as_chunks::<2>();
        if let [unpaired] = rest {
            return Err(format!("{unpaired} needs a value; {KNOWN}"));
        }
        for [name, value] in pairs {
            let unusable = || format!("{name} {value} is no use; {KNOWN}");
            match *name {
                "--rounds" => wish.rounds = value.parse().map_err(|_| unusable())?,
                "--files" => wish.files = value.parse().ok().filter(|files| *files > 0).ok_or_else(unusable)?,
                "--protocol" if room::PROTOCOLS.contains(value) => (*value).clone_into(&mut wish.protocol),
                "--seed" => wish.seed = value.parse().map_err(|_| unusable())?,
                _ => return Err(unusable()),
            }
        }
        Ok(wish)
    }
}

/// `cargo xtask kill-folder ARGS…`
pub(crate) fn run(workspace: &Workspace, args: &[&str]) -> Result<()> {
    play(workspace, &Wish::of(args)?)
}

/// A few rounds, as a step of CI.
pub(crate) fn step(workspace: &Workspace) -> Result<Verdict> {
    play(workspace, &Wish { rounds: 6, files: 60, ..Wish::of(&[])? })?;
    Ok(Verdict::Passed)
}

fn play(workspace: &Workspace, wish: &Wish) -> Result<()> {
    let program = programs(workspace)?.join("resumable");
    let Wish { rounds, files, protocol, seed } = wish;
    println!(
        "the same again: cargo xtask kill-folder --rounds {rounds} --files {files} --protocol {protocol} --seed {seed}"
    );
    let mut rng = fastrand::Rng::with_seed(*seed);
    let room = Room::new(program, protocol, *files, &mut rng)?;
    let begun = Instant::now();
    let mut kills = Kills::default();
    for _ in 0..*rounds {
        kills.round(&room, &mut rng, *rounds)?;
    }
    let mut runs = 1;
    while !room.to_end()?.success() {
        runs += 1;
        if runs > LAST_RUNS {
            return Err(format!(
                "the folder is not complete after {LAST_RUNS} runs that nobody killed: {}",
                room.said()
            ));
        }
    }
    let took = begun.elapsed();
    let received = room.received();
    checks::all(&room, kills.sending + kills.idle)?;
    let ratio = format!("{:.4}", permyriad(received, room.bytes()));
    println!(
        "{files} files, {} bytes: {} kills while sending, {} at other times, {} runs that ended by themselves; {received} \
         bytes received, {ratio} times the size; {} s",
        room.bytes(),
        kills.sending,
        kills.idle,
        kills.ended,
        took.as_secs(),
    );
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "for a person to read")]
fn permyriad(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

#[derive(Default)]
struct Kills {
    sending: u64,
    idle: u64,
    ended: u64,
}

impl Kills {
    /// Starts the command and kills it at some moment.
    fn round(&mut self, room: &Room, rng: &mut fastrand::Rng, rounds: u64) -> Result<()> {
        let mut child = room.start()?;
        let (begun, before) = (Instant::now(), room.requests());
        // What is left, spread over the rounds; now and then a kill comes before the first request.
        let share = (2 * room.requests_in_all() / rounds.max(1)).max(2);
        let after = rng.u64(1..=share);
        let early = rng.u8(0..8) == 0;
        let pause = Duration::from_micros(rng.u64(0..if early { 300_000 } else { 3_000 }));
        loop {
            if let Some(status) = ended(&mut child)? {
                self.ended += 1;
                return if status.success() {
                    Ok(())
                } else {
                    Err(format!("the command ended with {status}: {}", room.said()))
                };
            }
            let due = early || room.requests() >= before + after || begun.elapsed() > Duration::from_secs(20);
            if due {
                thread::sleep(pause);
                break;
            }
            thread::sleep(LOOKED);
        }
        let sent = room.requests() > before;
        child.kill().map_err(|error| error.to_string())?;
        child.wait().map_err(|error| error.to_string())?;
        *(if sent { &mut self.sending } else { &mut self.idle }) += 1;
        Ok(())
    }
}

fn ended(child: &mut Child) -> Result<Option<ExitStatus>> {
    child.try_wait().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_pairs() {
        let wish = Wish::of(&["--rounds", "3", "--files", "9", "--protocol", "cos-v2", "--seed", "7"]).unwrap();
        assert_eq!(wish, Wish { rounds: 3, files: 9, protocol: "cos-v2".to_owned(), seed: 7 });
        assert_eq!(Wish::of(&[]).unwrap().files, 5000);
        for wrong in [&["--rounds"] as &[&str], &["--files", "0"], &["--protocol", "ftp"], &["--fast", "1"]] {
            assert!(Wish::of(wrong).is_err(), "{wrong:?}");
        }
    }
}
