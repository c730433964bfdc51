//! What one case is made of, apart from the vendor's own settings.

use std::ops::Range;
use std::time::Duration;

use fastrand::Rng;
use resumable_core::{Lane, Options};
use resumable_emulator::{Plan, Rule};

use crate::calls::Calls as _;
use crate::chance::pick;
use crate::fault::{Odds, Script};
use crate::fault_kind::Kind;
use crate::source::{Event, Nature};
use crate::store::Damage;
use crate::vendor::Scenario;

/// One case's share of trouble, and how its host behaves.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Requests in flight at once.
    pub window: usize,
    /// [`Options::patience`].
    pub patience: Duration,
    /// [`Options::gated`].
    pub gated: Vec<Lane>,
    /// Who decides what each action meets.
    pub script: Script,
    /// No connection at all during this time.
    pub outage: Option<Range<Duration>>,
    /// What the user does when the action of this number begins.
    pub commands: Vec<(usize, Command)>,
    /// Which credential the host begins with.
    pub credential: FirstCredential,
    /// After a success, resume once more from the checkpoint that is left: the process died before it was removed.
    pub reopen: bool,
    /// Faults of the server, as a plan has them; apart from those of the script.
    pub plan: Plan,
    /// What the file is like.
    pub nature: Nature,
    /// What happens to the file between two processes, once.
    pub meanwhile: Option<Event>,
    /// What happens to the checkpoint between two processes, once.
    pub damage: Option<Damage>,
    /// In per cent: how often a wait ends late, several answers come between two polls, or a poll comes for nothing.
    pub sloppy: u8,
}

/// What a user does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Pause, and unpause after this long.
    Pause(Duration),
    /// Stop; another process goes on later.
    Stop,
    /// Stop when what is in flight has arrived, or after this long.
    Drain(Duration),
    /// Abort.
    Abort,
    /// Another window.
    Window(usize),
    /// Do something to the file.
    File(Event),
    /// Use the same account elsewhere ([`Scenario::intrude`]).
    Elsewhere,
    /// The machine sleeps for this long.
    Sleep(Duration),
    /// Set the machine's clock: it is ahead by so many seconds from now on.
    SetClock(i64),
}

/// Which credential the host begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstCredential {
    /// The right one.
    Right,
    /// None: it is asked for.
    Missing,
    /// A wrong one, and the right one when asked.
    Wrong,
    /// A wrong one, and the same one again when asked; the next process has the right one.
    WrongTwice,
}

/// How far a clock is set wrong, in seconds: hardly, by more than a signature lives, by a day.
const CLOCKS: [i64; 8] = [1, -1, 40, -40, 1_000, -1_000, 90_000, -90_000];

impl Profile {
    /// No trouble at all.
    pub fn calm(window: usize) -> Self {
        Self {
            window,
            patience: Duration::from_secs(600),
            gated: Vec::new(),
            script: Script::Placed(Vec::new()),
            outage: None,
            commands: Vec::new(),
            credential: FirstCredential::Right,
            reopen: false,
            plan: Plan::default(),
            nature: Nature::plain(),
            meanwhile: None,
            damage: None,
            sloppy: 0,
        }
    }

    /// Draws a case's profile.
    pub fn draw<S: Scenario>(chance: &mut Rng) -> Self {
        let mut profile = Self {
            window: chance.usize(1..9),
            patience: Duration::from_secs(pick(chance, &[600, 600, 600, 3600, 120, 20])),
            gated: gated(chance),
            script: Script::Chance(odds::<S>(chance)),
            outage: (chance.u8(0..20) == 0).then(|| outage(chance)),
            commands: commands(chance),
            credential: match chance.u8(0..20) {
                0 => FirstCredential::Missing,
                1 => FirstCredential::Wrong,
                2 => FirstCredential::WrongTwice,
                _ => FirstCredential::Right,
            },
            reopen: chance.u8(0..8) == 0,
            plan: Plan::default(),
            nature: Nature::draw(chance),
            meanwhile: (chance.u8(0..10) == 0).then(|| event(chance)),
            damage: Damage::draw(chance),
            sloppy: pick(chance, &[0, 10, 40]),
        };
        // There is a next process.
        if profile.meanwhile.is_some() || profile.damage.is_some() {
            profile.commands.push((chance.usize(2..30), Command::Stop));
        }
        if S::HAS_NEIGHBOURS {
            let times = pick(chance, &[0, 0, 0, 1, 3]);
            profile.commands.extend((0..times).map(|_| (chance.usize(1..30), Command::Elsewhere)));
        }
        profile
    }

    /// Takes away everything that goes wrong, and everything that the user does; how the host behaves stays.
    pub fn end_troubles(&mut self) {
        self.script = Script::Placed(Vec::new());
        self.outage = None;
        self.commands.clear();
        self.credential = FirstCredential::Right;
        self.reopen = false;
        (self.meanwhile, self.damage) = (None, None);
        self.plan = Plan::default();
    }

    /// The most requests that are ever in flight at once.
    pub fn widest(&self) -> usize {
        let asked = self.commands.iter().filter_map(|(_, command)| match command {
            Command::Window(window) => Some(*window),
            _ => None,
        });
        asked.fold(self.window, usize::max)
    }

    /// Whether the plan has a rule that no number of requests uses up.
    pub fn plan_is_endless(&self) -> bool {
        self.plan.rules.iter().any(|rule| rule.times == Rule::ALWAYS)
    }

    /// The machine's options for one process.
    pub fn options(&self, seed: u64) -> Options {
        let mut options = Options::new(seed);
        options.window = self.window;
        options.patience = self.patience;
        // Most cases go on through a bad start, or they would end before anything is sent.
        if self.window > 1 {
            options.first_contact = self.patience;
        }
        options.gated.clone_from(&self.gated);
        // All files are small here: what large ones save at once is saved at once in some processes.
        if seed.is_multiple_of(8) {
            options.save_every = Duration::ZERO;
        }
        options
    }
}

/// Few or many faults, of some kinds: a case with a single kind finds what a case with all of them drowns.
fn odds<S: Scenario>(chance: &mut Rng) -> Odds {
    let left = pick(chance, &[0, 1, 1, 2, 2, 3, 4, 6, 10, 25]);
    let per_mille = pick(chance, &[30, 80, 150, 300, 600]);
    let all = chance.bool();
    // Callbacks are left out where there are none, so that chance goes on to give the same cases there.
    let calls_back = S::Call::ALL.iter().any(|call| call.facts().can_meet(Kind::Callback));
    let kinds = Kind::ALL.iter().copied().filter(|kind| *kind != Kind::Callback || calls_back);
    let kinds = kinds.filter(|_| all || chance.u8(0..3) == 0).collect();
    if chance.u8(0..4) == 0 {
        return Odds { per_mille: 700, left, kinds, only: Some(pick(chance, S::Call::ALL).facts()) };
    }
    Odds { per_mille, left, kinds, only: None }
}

fn outage(chance: &mut Rng) -> Range<Duration> {
    let start = Duration::from_millis(chance.u64(0..5_000));
    start..start + Duration::from_secs(pick(chance, &[5, 60, 500, 5000]))
}

fn gated(chance: &mut Rng) -> Vec<Lane> {
    match chance.u8(0..16) {
        0 => vec![Lane::Data],
        1 => vec![Lane::Api, Lane::Data],
        _ => Vec::new(),
    }
}

fn event(chance: &mut Rng) -> Event {
    let events =
        [Event::Written, Event::WrittenQuietly, Event::WrittenQuietly, Event::Touched, Event::Moded, Event::Moved];
    pick(chance, &events)
}

fn commands(chance: &mut Rng) -> Vec<(usize, Command)> {
    let count = pick(chance, &[0, 0, 0, 0, 1, 1, 2]);
    (0..count).map(|_| (chance.usize(1..30), command(chance))).collect()
}

fn command(chance: &mut Rng) -> Command {
    match chance.u8(0..20) {
        0..4 => Command::Pause(Duration::from_millis(chance.u64(1..2_000_000))),
        4..6 => Command::Stop,
        6..8 => Command::Drain(Duration::from_millis(chance.u64(0..20_000))),
        8..11 => Command::Abort,
        11..14 => Command::Window(chance.usize(1..9)),
        14 => Command::Sleep(Duration::from_secs(pick(chance, &[30, 700, 20_000]))),
        15 => Command::SetClock(pick(chance, &CLOCKS)),
        _ => Command::File(event(chance)),
    }
}
