//! The future of a run is dropped at every point where it waits, and nothing is lost.

use std::num::NonZeroU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use resumable::drive::asynchronous::Driver;
use resumable_core::Lane;

use crate::toy::PART;
use crate::world::{Memory, Program, World, content};

/// A slow store, slots that come late, a pass over the source, a limited rate.
fn slow_world(window: usize) -> World {
    let program = Program { slow: Duration::from_millis(1), late_slots: true, ..Program::default() };
    let mut world =
        World::with(Memory::new(content()), program, Driver::new().limit_rate(NonZeroU64::new(20_000).unwrap()));
    world.options.window = window;
    world.options.gated = vec![Lane::Api, Lane::Data];
    world
}

/// Drops the first run of a world at its first, second, third … poll, until it needs no more.
fn drop_everywhere(go_on: impl Fn(usize, World)) {
    for window in [1, 2, 4] {
        for polls in 0.. {
            let mut world = slow_world(window);
            if let Some(end) = world.run_for(polls, &mut world.upload()) {
                end.unwrap();
                assert!(polls > 15, "dropped in {polls} places only");
                break;
            }
            go_on(polls, slow_world(window));
        }
    }
}

/// Complete, and no more sent again than what was on its way.
fn check(polls: usize, world: &World, taken: u64) {
    assert_eq!(world.object(), Some(content()), "dropped at poll {polls}");
    let most = content().len() as u64 + world.options.window as u64 * PART;
    assert!(taken <= most, "dropped at poll {polls}: {taken} bytes were sent, {most} are enough");
    let inits = world.wire.server.lock().unwrap().count("init");
    assert!(inits <= 2, "dropped at poll {polls}: {inits} sessions were opened");
}

fn taken(world: &World) -> u64 {
    world.wire.taken.load(Ordering::SeqCst)
}

#[test]
fn the_same_upload_runs_on() {
    drop_everywhere(|polls, mut world| {
        let mut upload = world.upload();
        if world.run_for(polls, &mut upload).is_none() {
            assert!(world.slots_are_back(), "dropped at poll {polls}");
            world.run_for(usize::MAX, &mut upload).unwrap().unwrap();
        }
        check(polls, &world, taken(&world));
        assert!(world.slots_are_back(), "after the end");
        world.forget();
    });
}

#[test]
fn another_process_goes_on_from_what_is_saved() {
    drop_everywhere(|polls, mut world| {
        if world.run_for(polls, &mut world.upload()).is_none() {
            let mut next = world.next_process();
            next.run().unwrap();
            check(polls, &next, taken(&world) + taken(&next));
        }
    });
}
