use std::sync::mpsc::{Receiver, TryRecvError, channel};

use resumable_core::Now;
use resumable_transport::TimeSource;

use super::*;

type Answered = Result<Slot, Duration>;

/// Asks, and gives what the answer comes to.
fn ask(limits: &Limits, paced: bool, barrier: &Arc<Barrier>) -> Receiver<Answered> {
    let (tell, told) = channel();
    limits.ask(Request { paced, small: false }, barrier, Grant::new(move |answer| drop(tell.send(answer))));
    told
}

fn slot(told: &Receiver<Answered>) -> Option<Slot> {
    match told.try_recv() {
        Ok(answer) => Some(answer.expect("a slot")),
        Err(TryRecvError::Empty) => None,
        Err(TryRecvError::Disconnected) => panic!("answered before"),
    }
}

#[test]
fn slots_are_given_in_the_order_in_which_they_were_asked_for() {
    let (limits, open) = (Limits::new(2).unwrap(), Arc::default());
    let asked: Vec<_> = (0..4).map(|_| ask(&limits, false, &open)).collect();
    let (first, _second) = (slot(&asked[0]).unwrap(), slot(&asked[1]).unwrap());
    assert!(slot(&asked[2]).is_none() && slot(&asked[3]).is_none());
    drop(first);
    let third = slot(&asked[2]).expect("what came back goes on");
    assert!(slot(&asked[3]).is_none());
    assert_eq!(limits.in_use(), 2);
    drop(third);
    assert!(slot(&asked[3]).is_some());
}

#[test]
fn a_slot_for_somebody_who_is_gone_goes_to_the_next() {
    let (limits, open) = (Limits::new(1).unwrap(), Arc::default());
    let held = slot(&ask(&limits, false, &open)).unwrap();
    drop(ask(&limits, false, &open));
    let waits = ask(&limits, false, &open);
    drop(held);
    assert!(slot(&waits).is_some());
    assert_eq!(limits.in_use(), 0, "given back again");
}

#[test]
fn many_who_are_gone_are_passed_over_one_by_one() {
    let (limits, open) = (Limits::new(1).unwrap(), Arc::default());
    let held = slot(&ask(&limits, false, &open)).unwrap();
    for _ in 0..50_000 {
        drop(ask(&limits, false, &open));
    }
    let waits = ask(&limits, false, &open);
    drop(held);
    assert!(slot(&waits).is_some());
    assert_eq!(limits.in_use(), 0, "given back again");
}

#[test]
fn a_window_that_grows_lets_go_and_one_that_shrinks_takes_nothing_away() {
    let (limits, open) = (Limits::new(1).unwrap(), Arc::default());
    let asked: Vec<_> = (0..3).map(|_| ask(&limits, false, &open)).collect();
    let one = slot(&asked[0]).unwrap();
    limits.set_window(3).unwrap();
    let (two, three) = (slot(&asked[1]).unwrap(), slot(&asked[2]).unwrap());
    limits.set_window(1).unwrap();
    let fourth = ask(&limits, false, &open);
    drop((one, two));
    assert!(slot(&fourth).is_none(), "one is still under way");
    drop(three);
    assert!(slot(&fourth).is_some());
}

/// Time that passes for whoever sleeps.
#[derive(Debug, Default)]
struct Stopped(Mutex<Duration>);

impl TimeSource for Stopped {
    fn now(&self) -> Now {
        let mono = *self.0.lock().unwrap();
        Now { mono, unix: mono }
    }

    fn sleep(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }
}

#[test]
fn a_window_that_is_found_grows_with_what_the_vendor_takes() {
    let (limits, open) = (Limits::default(), Arc::default());
    assert_eq!((limits.window(), limits.most()), (1, 32));
    let clock = Clock::simulated(Box::leak(Box::new(Stopped::default())));
    limits.use_clock(clock);
    let mut windows = Vec::new();
    for _ in 0..6 {
        let mut held: Vec<Slot> = (0..limits.window()).map(|_| slot(&ask(&limits, false, &open)).unwrap()).collect();
        clock.sleep(Duration::from_secs(1));
        held.iter_mut().for_each(|slot| slot.ended(Sent::Acknowledged(1 << 23)));
        drop(held);
        windows.push(limits.window());
    }
    assert_eq!(windows, [2, 4, 8, 16, 32, 32]);
    limits.set_window(Window::UpTo(5)).unwrap();
    assert_eq!(limits.window(), 5);
    limits.set_window(9).unwrap();
    assert_eq!((limits.window(), limits.most()), (9, 9));
    limits.set_window(Window::Auto).unwrap();
    assert_eq!((limits.window(), limits.most()), (5, 32), "what was found");
}

#[test]
fn uploads_hear_of_a_window_that_is_found_and_who_waits_goes() {
    let (limits, open) = (Limits::default(), Arc::default());
    let mut first = slot(&ask(&limits, false, &open)).unwrap();
    let waiting = [ask(&limits, false, &open), ask(&limits, false, &open)];
    first.ended(Sent::Acknowledged(1 << 23));
    drop(first);
    assert_eq!(limits.window(), 2);
    assert!(waiting.iter().filter_map(slot).count() == 2);
}

#[test]
fn a_window_is_from_1_to_128() {
    for wrong in [0, 129, usize::MAX] {
        let error = Limits::new(wrong).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Argument);
        assert!(error.to_string().contains("window") && error.to_string().contains(&wrong.to_string()), "{error}");
        assert!(Limits::default().set_window(wrong).is_err());
    }
    assert_eq!(Limits::new(128).unwrap().window(), 128);
}

#[test]
fn who_is_held_back_keeps_his_place_and_lets_others_pass() {
    let (limits, open, closed) = (Limits::new(1).unwrap(), Arc::default(), Arc::new(Barrier::default()));
    let held = slot(&ask(&limits, false, &open)).unwrap();
    let refreshing = closed.close();
    let (waits, other) = (ask(&limits, false, &closed), ask(&limits, false, &open));
    let behind = ask(&limits, false, &open);
    drop(held);
    let passed = slot(&other).expect("his credential is good");
    assert!(slot(&waits).is_none());
    drop(refreshing);
    assert!(slot(&waits).is_none(), "the window is full");
    drop(passed);
    let first = slot(&waits).expect("he was there before");
    assert!(slot(&behind).is_none());
    drop(first);
    assert!(slot(&behind).is_some());
}

#[test]
fn who_waits_for_a_credential_goes_on_as_soon_as_there_is_one() {
    let (limits, closed) = (Limits::new(8).unwrap(), Arc::new(Barrier::default()));
    let (one, two) = (closed.close(), closed.close());
    let waits = ask(&limits, false, &closed);
    drop(one);
    assert!(slot(&waits).is_none(), "another upload still asks");
    drop(two);
    assert!(slot(&waits).is_some());
}

#[test]
fn a_credential_that_is_waited_for_is_asked_for_one_call_by_each_queue() {
    let closed = Arc::new(Barrier::default());
    let hold = closed.close();
    let made = std::cell::Cell::new(0);
    let then = || -> Box<dyn FnOnce() + Send> {
        made.set(made.get() + 1);
        Box::new(|| {})
    };
    for queue in [1, 2].into_iter().cycle().take(100) {
        assert!(!closed.is_open_or(queue, then));
    }
    assert_eq!(made.get(), 2, "not one for each look at somebody who waits");
    let queues = [Limits::default(), Limits::default()];
    let asked: Vec<_> = queues.iter().map(|limits| ask(limits, false, &closed)).collect();
    drop(hold);
    asked.iter().for_each(|told| assert!(slot(told).is_some(), "both queues go on"));
}

#[test]
fn calls_that_the_vendor_counts_are_told_when_to_ask_again_and_take_no_place() {
    let (limits, open) = (Limits::new(4).unwrap(), Arc::default());
    limits.set_calls(Duration::from_secs(3600), 1);
    let first = slot(&ask(&limits, true, &open)).unwrap();
    let later = ask(&limits, true, &open).try_recv().unwrap().unwrap_err();
    assert!(later > Duration::from_secs(3000) && later <= Duration::from_secs(3600), "{later:?}");
    assert_eq!(limits.in_use(), 1);
    assert!(slot(&ask(&limits, false, &open)).is_some(), "calls that carry bytes are not counted");
    drop(first);
}

#[test]
fn many_threads_never_exceed_the_window_and_all_get_their_slot() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let (limits, open) = (Limits::new(3).unwrap(), Arc::<Barrier>::default());
    let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let slot = ask(&limits, false, &open).recv().unwrap().unwrap();
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::yield_now();
                    now.fetch_sub(1, Ordering::SeqCst);
                    drop(slot);
                }
            });
        }
    });
    assert!(most.load(Ordering::SeqCst) <= 3);
    assert_eq!(limits.in_use(), 0);
}

#[test]
fn small_uploads_go_before_larger_ones_that_wait_and_do_not_keep_them_for_ever() {
    let (limits, open) = (Limits::new(1).unwrap(), Arc::default());
    let mut held = slot(&ask(&limits, false, &open));
    let (tell, told) = channel();
    let want = |small: bool| {
        let tell = tell.clone();
        limits.ask(
            Request { paced: false, small },
            &open,
            Grant::new(move |answer| tell.send((small, answer)).unwrap()),
        );
    };
    (0..3).for_each(|_| want(false));
    (0..7).for_each(|_| want(true));
    let mut order = String::new();
    while order.len() < 10 {
        drop(held.take());
        let (small, answer) = told.try_recv().unwrap();
        held = Some(answer.unwrap());
        order.push(if small { 's' } else { 'L' });
    }
    assert_eq!(order, "sssLsssLsL");
}
