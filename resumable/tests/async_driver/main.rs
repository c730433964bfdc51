//! The async driver: one future around the machine, on an executor without a runtime.

mod dropping;
mod off_thread;
mod offload;
mod panics;
#[path = "../thread_timer/mod.rs"]
mod thread_timer;
#[expect(dead_code, unused_imports, reason = "the driver needs the toy vendor and its server, not the rig")]
#[path = "../../../core/tests/toy/mod.rs"]
mod toy;
mod world;

use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use futures::executor::block_on;
use futures::future::join;
use resumable::drive::asynchronous::{Command, Driver};
use resumable_core::{Difference, Event, Failure, Remains, SourceFailure, SourceFailureKind};

use self::world::{Memory, Program, Trouble, World, breathe, content};

#[test]
fn a_whole_upload_goes_through_within_its_window() {
    let mut world = World::new().in_trouble(Trouble::Unsure);
    world.run().unwrap();
    assert_eq!(world.object(), Some(content()));
    assert!((2..=4).contains(&world.wire.most.load(Ordering::SeqCst)));
    assert!(world.program.events.lock().unwrap().iter().any(|event| matches!(event, Event::Retrying { .. })));
}

#[test]
fn rule_06_a_key_that_is_handed_to_a_driver_signs_what_leaves_from_then_on() {
    let mut world = World::new().in_trouble(Trouble::NewKey);
    world.run().unwrap();
    let server = world.wire.server.lock().unwrap();
    let keys = |op| server.headers(op, "authorization");
    assert_eq!((keys("init"), keys("finish")), (vec!["key".to_owned()], vec!["another".to_owned()]));
}

#[test]
fn a_stop_cancels_what_is_under_way_at_once_and_what_is_saved_resumes() {
    let mut world = World::new().in_trouble(Trouble::Stall);
    // Whoever waited for the stalled request would wait that long.
    world.options.grace = Duration::from_secs(24 * 3600);
    assert!(matches!(world.run(), Err(Failure::Stopped)));
    assert_eq!(world.wire.in_flight.load(Ordering::SeqCst), 0);
    let mut next = world.next_process();
    next.run().unwrap();
    assert_eq!(next.object(), Some(content()));
}

/// A source that keeps no times: what was sent of it is read again before it is gone on with.
#[test]
fn field_bug_57_a_source_without_times_is_compared_and_never_mixed() {
    for changed in [None, Some(5), Some(15)] {
        let mut world = World::new().in_trouble(Trouble::Stall);
        (world.hash_first, world.options.window) = (false, 1);
        assert!(matches!(world.run(), Err(Failure::Stopped)));
        let mut now = content();
        changed.into_iter().for_each(|at: usize| now[at] ^= 1);
        let mut next = world.next_process();
        next.source = Arc::new(Memory::new(now));
        next.hash_first = false;
        let end = next.run();
        if changed.is_none() {
            end.unwrap();
            assert_eq!(next.object(), Some(content()));
        } else {
            let content = matches!(&end, Err(Failure::Changed { difference: Difference::Content, .. }));
            assert!(content && next.object().is_none(), "{end:?}");
        }
    }
}

#[test]
fn a_source_that_shrank_is_the_sources_fault() {
    let source = Memory { ends: 50, ..Memory::new(content()) };
    let mut world = World::with(source, Program::default(), Driver::new());
    world.hash_first = false;
    let end = world.run();
    assert!(matches!(end, Err(Failure::Source(SourceFailure { kind: SourceFailureKind::Ended, .. }))), "{end:?}");
}

#[test]
fn commands_reach_the_upload_from_another_thread() {
    let mut world = World::new();
    let (remote, mut upload, server) = (world.driver.remote(), world.upload(), Arc::clone(&world.wire.server));
    remote.send(Command::Pause);
    remote.send(Command::Window(1));
    let run = world.driver.run(&mut upload, &world.wire, Arc::clone(&world.source), &world.host);
    let unpause = async {
        for _ in 0..100 {
            breathe().await;
        }
        assert!(server.lock().unwrap().seen.is_empty(), "paused");
        thread::spawn(move || remote.send(Command::Unpause)).join().unwrap();
    };
    block_on(join(run, unpause)).0.unwrap();
    assert_eq!(world.wire.most.load(Ordering::SeqCst), 1);
    assert_eq!(world.object(), Some(content()));
}

#[test]
fn an_abort_leaves_nothing_at_the_vendor() {
    let mut world = World::new().in_trouble(Trouble::Stall);
    assert!(world.run().is_err());
    let mut next = world.next_process();
    next.driver.remote().send(Command::Abort);
    let end = next.run();
    assert!(matches!(end, Err(Failure::Abandoned(Remains::Nothing))), "{end:?}");
    assert!(next.wire.server.lock().unwrap().sessions.is_empty());
}

#[test]
fn a_limited_rate_is_kept_and_progress_is_told_meanwhile() {
    // However late it begins, a pause earns one second's worth only: half a second is left to be waited for.
    let (len, driver) = (1500, Driver::new().limit_rate(NonZeroU64::new(1000).unwrap()));
    let mut world = World::with(Memory::new(vec![7; len]), Program::default(), driver);
    world.part = len as u64;
    world.run().unwrap();
    let took = world.driver.clock().now().mono;
    assert!(took >= Duration::from_millis(1500), "{len} bytes at 1000/s took {took:?}");
    let moved = |event: &Event| matches!(event, Event::Progress { in_flight: 1..1500, confirmed: 0, .. });
    assert!(world.program.events.lock().unwrap().iter().any(moved));
}

#[test]
fn no_call_of_the_source_is_made_on_the_executors_thread() {
    let mut world = World::new();
    world.run().unwrap();
    let threads = world.source.threads.lock().unwrap();
    assert!(threads.len() >= 12, "ten parts, a pass, a look");
    assert!(!threads.contains(&thread::current().id()));
}

#[test]
fn the_future_can_be_sent_to_another_thread() {
    fn sent<F: Future + Send>(future: F) -> F {
        future
    }
    let mut world = World::new();
    let mut upload = world.upload();
    let run = sent(world.driver.run(&mut upload, &world.wire, Arc::clone(&world.source), &world.host));
    thread::scope(|scope| scope.spawn(|| block_on(run)).join().unwrap()).unwrap();
}

#[test]
fn nothing_is_saved_once_the_upload_has_finished() {
    let slow = Duration::from_millis(20);
    let mut world = World::with(Memory::new(content()), Program { slow, ..Program::default() }, Driver::new());
    world.run().unwrap();
    world.forget();
}
