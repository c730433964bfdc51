//! Two clients that live at once, on two machines: both upload to one destination, and neither sees the other's file, lock or
//! checkpoints.
//!
//! Whatever they do to each other, each object that ever stands at the destination is one of the two files or what was there
//! before, whole; and a client that is told success has had its own file there.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use futures::future::join;
use resumable::machine::Receipt;
use resumable::{Client, Error, ErrorKind, Folder, SentRecord};

use super::carrier::Carrier;
use super::case::Report;
use super::credential_source::CredentialSource;
use super::executor::{self, Ended};
use super::home::Home;
use super::plight::Plight;
use super::time;
use super::world::{Here, Observer, World};
use crate::other_client::other_than;
use crate::source::{Nature, Source};
use crate::transcript::{Detail, Transcript};
use crate::vendor::Expectations;

/// When files of these worlds were written is long ago.
const TODAY: Duration = Duration::from_secs(2_100_000_000);
const PATIENCE: Duration = Duration::from_secs(600);
/// In so many rounds both come to an end; faults are used up long before.
const ROUNDS: u64 = 12;

/// Every object that ever stood at the destination, each once.
type Stood = Arc<Mutex<Vec<Vec<u8>>>>;

/// Runs the case of a seed.
pub fn run<S: Expectations>(seed: u64, detail: Detail) -> Report {
    let mut case = Case::<S>::draw(seed, detail);
    let violation = case.play().err();
    executor::run_out(&case.world);
    let mut state = case.world.state();
    state.observer = None;
    if let Some(what) = &violation {
        state.transcript.note(time::elapsed(), || format!("VIOLATION: {what}"));
    }
    let transcript = std::mem::replace(&mut state.transcript, Transcript::new(Detail::Off));
    Report { violation, transcript, marks: std::mem::take(&mut state.marks) }
}

/// One of the two.
struct Rival {
    /// Its machine, if it is not the world's own.
    home: Option<Home>,
    content: Vec<u8>,
    is_over: bool,
}

struct Case<S> {
    setting: S,
    window: usize,
    world: Arc<World>,
    source: CredentialSource,
    stood: Stood,
    before: Option<Vec<u8>>,
    rivals: [Rival; 2],
    has_won: bool,
}

/// Writes down whatever is at the destination when a request has taken effect.
fn observer<S: Expectations>(setting: S, stood: Stood) -> Observer {
    Box::new(move |server| {
        let mut stood = lock(&stood);
        let new = setting.object(server).filter(|object| !stood.contains(object));
        stood.extend(new);
    })
}

fn lock(stood: &Stood) -> MutexGuard<'_, Vec<Vec<u8>>> {
    stood.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<S: Expectations> Case<S> {
    fn draw(seed: u64, detail: Detail) -> Self {
        let mut chance = Rng::with_seed(seed);
        let mut all = S::enumerated();
        // Where nothing is digested, a vendor that has one unfinished upload a path takes slices of both for it.
        all.retain(|(setting, _)| setting.digests_what_it_sends());
        let (setting, window) = all.swap_remove(chance.usize(0..all.len()));
        time::begin(TODAY);
        let plight = Plight { runs: Vec::new(), change: None, step: None, ..Plight::draw(&mut chance) };
        let source = Source::new(setting.size(), chance.u64(..), Nature::plain(), time::wall());
        let server = setting.server(&source, &mut chance);
        let ours = source.bytes().to_vec();
        let theirs = match chance.u8(0..4) {
            0 => ours.clone(),
            1 => other_than(&ours, false, &mut chance),
            _ => other_than(&ours, true, &mut chance),
        };
        let home = |content: &[u8]| Home::new(content, time::wall()).expect("a temporary folder");
        let rivals = [
            Rival { home: None, content: ours.clone(), is_over: false },
            Rival { home: Some(home(&theirs)), content: theirs, is_over: false },
        ];
        let before = setting.object(&server);
        let what = format!("{setting:?}, window {window}, {plight:?}");
        let tokens = &mut chance.fork();
        let world = Arc::new(World::new(server, home(&ours), plight, chance, Transcript::new(detail)));
        let source = CredentialSource::new(&world, tokens);
        world.note(|| what);
        let stood = Stood::default();
        world.state().observer = Some(observer(setting.clone(), Arc::clone(&stood)));
        Self { setting, window, world, source, stood, before, rivals, has_won: false }
    }

    fn play(&mut self) -> Result<(), String> {
        for round in 0..ROUNDS {
            self.world.state().counts.calm = round >= ROUNDS / 2;
            let both = join(self.attempt(0), self.attempt(1));
            let ended = executor::run(&self.world, both, None);
            executor::run_out(&self.world);
            self.nothing_was_mixed()?;
            match ended {
                Ended::Done((first, second)) => {
                    self.take(0, first)?;
                    self.take(1, second)?;
                }
                Ended::Killed | Ended::Dropped => self.world.mark("both machines lost their power"),
                Ended::Stuck(what) => return Err(what),
            }
            if let Some(what) = self.world.state().violation.take() {
                return Err(what);
            }
            if self.rivals.iter().all(|rival| rival.is_over) {
                return self.end();
            }
        }
        Err(format!("{ROUNDS} rounds have not brought both to an end"))
    }

    /// One of them tries, from some moment on; `None` if it has come to an end before.
    async fn attempt(&self, which: usize) -> Option<Result<Receipt, Error>> {
        let rival = &self.rivals[which];
        if rival.is_over {
            return None;
        }
        let (world, home) = (&self.world, rival.home.as_ref().unwrap_or(&self.world.home));
        let head_start = Duration::from_millis(world.state().chance.u64(0..400));
        world.nap(head_start).await;
        let record = SentRecord::open(home.folder("sent")).expect("a folder of the case's own");
        let looks_first = world.state().plight.looks_first;
        let seed = world.state().chance.u64(..);
        let client = Client::builder()
            .transport(Carrier(Arc::clone(world), 2 * self.window))
            .offload(Here(Arc::clone(world)))
            .store(Folder::new(home.folder("state")))
            .sent(record)
            .clock(time::clock())
            .seed(seed)
            .patience(PATIENCE)
            .window(self.window)
            .build()
            .expect("a client");
        let put = client.put(self.setting.protocol(), self.setting.credentials(&self.source)).file(home.file());
        let sent = put.look_first(looks_first).send().await;
        world.note(|| format!("client {which}: {}", home.anonymous(&format!("{sent:?}"))));
        if let Ok(receipt) = &sent
            && !lock(&self.stood).contains(&rival.content)
            && self.setting.object_of(&world.server, receipt).as_ref() != Some(&rival.content)
            && self.before.as_ref() != Some(&rival.content)
        {
            world.violated(|| {
                format!("client {which} is told success ({:?}), and its file was never there", receipt.how)
            });
        }
        Some(sent)
    }

    fn take(&mut self, which: usize, sent: Option<Result<Receipt, Error>>) -> Result<(), String> {
        let Some(sent) = sent else { return Ok(()) };
        let (mark, is_over) = match &sent {
            Ok(_) => ("finished", true),
            Err(error) => match error.kind() {
                ErrorKind::Exists => ("error: exists", true),
                ErrorKind::Refused => ("error: refused", true),
                ErrorKind::Credential => ("error: credential", true),
                ErrorKind::GaveUp => ("error: gave up", false),
                other => return Err(format!("nothing explains this end: {other:?}: {error}")),
            },
        };
        self.world.mark(mark);
        self.rivals[which].is_over = is_over;
        self.has_won |= sent.is_ok();
        Ok(())
    }

    fn nothing_was_mixed(&self) -> Result<(), String> {
        let allowed = |object: &Vec<u8>| {
            self.before.as_ref() == Some(object) || self.rivals.iter().any(|rival| rival.content == *object)
        };
        match lock(&self.stood).iter().find(|object| !allowed(object)) {
            Some(mixed) => Err(format!("an object of {} bytes is neither client's file", mixed.len())),
            None => Ok(()),
        }
    }

    fn end(&self) -> Result<(), String> {
        if self.world.state().counts.disturbed == 0 && !self.has_won {
            return Err("nothing went wrong, and neither has finished".to_owned());
        }
        Ok(())
    }
}
