//! Polls one future, and makes one planned thing happen after the other.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use super::plight::Doom;
use super::time;
use super::world::{Event, World};

/// No run takes longer.
const LONGEST: Duration = Duration::from_secs(20 * 24 * 3600);
/// Nor has it more events.
const MOST: u32 = 100_000;

/// How a run ended.
pub(super) enum Ended<T> {
    Done(T),
    Dropped,
    Killed,
    /// It never would.
    Stuck(String),
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs `future` to its end, or to its doom.
pub(super) fn run<F: Future>(world: &World, future: F, doom: Option<Doom>) -> Ended<F::Output> {
    let flag = Arc::new(Flag(AtomicBool::new(true)));
    let waker = Waker::from(Arc::clone(&flag));
    let (mut context, began) = (Context::from_waker(&waker), time::elapsed());
    let mut events = 0;
    let ended = {
        let mut future = pin!(future);
        loop {
            if world.is_killed() {
                break Ended::Killed;
            }
            match doom {
                Some(Doom::Killed(at)) if at == events => {
                    world.kill();
                    break Ended::Killed;
                }
                Some(Doom::Dropped(at)) if at == events => break Ended::Dropped,
                _ => {}
            }
            if flag.0.swap(false, Ordering::Relaxed) {
                if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                    break Ended::Done(output);
                }
                continue;
            }
            if events == MOST || time::elapsed().saturating_sub(began) > LONGEST {
                break Ended::Stuck(format!("a run does not end within {events} events"));
            }
            events += 1;
            if !step(world) {
                break Ended::Stuck("a run waits for nothing".to_owned());
            }
        }
    };
    match &ended {
        Ended::Killed => bury(world),
        Ended::Dropped => world.state().counts.drops += 1,
        Ended::Done(_) | Ended::Stuck(_) => {}
    }
    ended
}

/// The next thing happens. False if nothing is planned.
fn step(world: &World) -> bool {
    loop {
        let Some(event) = next(world) else { return false };
        match event {
            Event::Wake(_, over) if over.load(Ordering::Relaxed) => continue,
            Event::Wake(waker, _) => waker.wake(),
            Event::Job(work, job) => {
                world.note(|| format!("{work:?} is done"));
                job();
            }
            Event::Outside(act) => act(),
        }
        return true;
    }
}

fn next(world: &World) -> Option<Event> {
    let mut state = world.state();
    let at = state.queue.next_at()?;
    let (at, event) = state.queue.take_due(at)?;
    let is_over = matches!(&event, Event::Wake(_, over) if over.load(Ordering::Relaxed));
    if !is_over {
        time::advance_to(at);
    }
    Some(event)
}

/// The process is no more: its jobs never run, and its folders are as it left them.
fn bury(world: &World) {
    let left = world.state().killed.take();
    forget_jobs(world);
    if let Some(left) = left {
        world.note(|| "the process is killed".to_owned());
        world.home.restore(&left);
        if world.state().chance.u8(0..4) == 0 {
            world.home.tear(&left);
        }
    }
}

/// Outside of the lock: a job that is dropped may drop a lock file or wake somebody.
fn forget_jobs(world: &World) {
    let mut jobs = Vec::new();
    let mut kept = Vec::new();
    {
        let mut state = world.state();
        while let Some((at, event)) = state.queue.take_due(Duration::MAX) {
            match event {
                Event::Outside(_) => kept.push((at, event)),
                event => jobs.push(event),
            }
        }
        kept.into_iter().for_each(|(at, event)| state.queue.plan(at, event));
    }
    drop(jobs);
}

/// Everything that is still planned happens: jobs that were begun, and what was on its way.
pub(super) fn run_out(world: &World) {
    while step(world) {}
}
