//! The adaptive window on links that are models: what it reaches, beside the best window that is fixed.

mod model;

use std::time::Duration;

use proptest::prelude::*;
use resumable_core::{AdaptiveWindow, Begun, MAX_WINDOW, Sent};

use self::model::{Link, MIB, Run, Window};

/// Windows that a person might set.
const FIXED: [usize; 12] = [1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 24, 32];

/// 80 ms, 8 MiB/s a connection, 100 MiB/s in all.
const FAR: Link = Link {
    delay: Duration::from_millis(80),
    connection: 8 * MIB,
    total: 100 * MIB,
    lost: 0,
    part: 8 * MIB,
    bears: usize::MAX,
};

fn adaptive(link: Link, seconds: u64, seed: u64) -> Run {
    link.run(Window::Adaptive(AdaptiveWindow::new(32)), seconds, seed)
}

/// What it brings after five seconds, in thousandths of what the best fixed window brings.
fn beside_the_best(link: Link, seconds: u64, seed: u64) -> u64 {
    let brings = |run: Run| run.bytes(5..seconds);
    let best = FIXED.iter().map(|window| brings(link.run(Window::Fixed(*window), seconds, seed))).max().unwrap();
    brings(adaptive(link, seconds, seed)) * 1000 / best
}

#[test]
fn a_far_link_is_filled() {
    let run = adaptive(FAR, 45, 1);
    let share = run.bytes(5..45) * 100 / (40 * FAR.total);
    println!("{share} % of the link; {:?}", run.changes());
    assert!(share >= 90);
}

#[test]
fn lost_requests_cost_no_more_than_with_the_best_fixed_window() {
    for percent in [1, 5, 30] {
        let link = Link { lost: percent, ..FAR };
        let mut reached: Vec<u64> = (1..=5).map(|seed| beside_the_best(link, 60, seed)).collect();
        reached.sort_unstable();
        println!("{percent} % lost: {reached:?}");
        assert!(reached[2] >= 900);
    }
}

#[test]
fn on_a_slow_link_one_request_is_under_way_but_for_a_try_now_and_then() {
    let run = adaptive(Link { total: 2_000_000, ..FAR }, 600, 1);
    println!("{:?}", run.changes());
    assert_eq!(run.share_at_most(2), 100);
    assert!(run.share_at_most(1) >= 90);
    assert!(run.bytes(5..600) >= 595 * 2_000_000 * 95 / 100);
}

#[test]
fn small_files_are_many_at_once() {
    let near = Link { delay: Duration::from_millis(20), connection: 100 * MIB, part: 20_000, ..FAR };
    assert!(beside_the_best(near, 10, 1) >= 950);
    let run = adaptive(near, 1, 1);
    assert!(run.changes().iter().any(|(at, window)| *at < 200 && *window == 32), "{:?}", run.changes());
}

#[test]
fn a_link_that_changes_is_followed() {
    for total in [16 * MIB, 2 * MIB] {
        let window = Window::Adaptive(AdaptiveWindow::new(32));
        let run = FAR.run_while(window, 1200, 1, |second| if (100..800).contains(&second) { total } else { FAR.total });
        println!("{:?}", run.changes());
        assert!(run.bytes(400..800) >= 400 * total * 90 / 100);
        assert!(run.bytes(1000..1200) >= 200 * FAR.total * 85 / 100);
        let slow = run.changes().into_iter().filter(|(at, _)| (400_000..800_000).contains(at));
        assert!(slow.clone().count() > 0 && slow.into_iter().all(|(_, window)| window <= 4));
    }
}

#[test]
fn a_vendor_that_wants_fewer_requests_gets_them() {
    let link = Link { bears: 6, ..FAR };
    let run = adaptive(link, 600, 1);
    println!("{} of 1000 throttled; {:?}", run.throttled(), run.changes());
    assert!(run.throttled() <= 20);
    assert!(beside_the_best(link, 600, 1) >= 900);
}

#[test]
fn after_a_try_it_keeps_to_a_bound_that_is_new() {
    let (mut window, mut now) = (AdaptiveWindow::new(16), Duration::ZERO);
    let mut lap = |window: &mut AdaptiveWindow| {
        let begun: Vec<Begun> = (0..window.window()).map(|_| window.begin(now)).collect();
        now += Duration::from_secs(1);
        begun.into_iter().for_each(|begun| window.end(begun, Sent::Acknowledged(MIB), now));
    };
    while window.window() < 16 {
        lap(&mut window);
    }
    // A smaller one is tried.
    while window.window() == 16 {
        lap(&mut window);
    }
    assert_eq!(window.window(), 12);
    window.set_most(14);
    lap(&mut window);
    assert_eq!(window.window(), 14, "12 is not enough, and 16 is no more allowed");
}

/// What happens to a window.
#[derive(Clone, Debug)]
enum Step {
    Begin,
    /// One of those under way ends.
    End(usize, Sent),
    Pass(u64),
    Most(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let sent = prop_oneof![
        8 => any::<u64>().prop_map(Sent::Acknowledged),
        8 => (0u64..1 << 24).prop_map(Sent::Acknowledged),
        2 => Just(Sent::Failed),
        1 => Just(Sent::Throttled),
        1 => Just(Sent::Nothing),
    ];
    prop_oneof![
        3 => Just(Step::Begin),
        3 => (any::<usize>(), sent).prop_map(|(which, sent)| Step::End(which, sent)),
        1 => prop_oneof![0u64..100_000, any::<u64>()].prop_map(Step::Pass),
        1 => (0usize..200).prop_map(Step::Most),
    ]
}

/// The windows after each step, and what they may be at most.
fn played(most: usize, steps: &[Step]) -> Vec<(usize, usize)> {
    let (mut window, mut under_way, mut now) = (AdaptiveWindow::new(most), Vec::<Begun>::new(), Duration::ZERO);
    let after = steps.iter().map(|step| {
        match step {
            Step::Begin => under_way.push(window.begin(now)),
            Step::End(_, _) if under_way.is_empty() => {}
            Step::End(which, sent) => window.end(under_way.swap_remove(which % under_way.len()), *sent, now),
            Step::Pass(micros) => now = now.saturating_add(Duration::from_micros(*micros)),
            Step::Most(most) => window.set_most(*most),
        }
        (window.window(), window.most())
    });
    after.collect()
}

proptest! {
    #[test]
    fn whatever_happens_it_keeps_its_bounds_and_chance_has_no_part(
        most in 0usize..200, steps in prop::collection::vec(step(), 1..300),
    ) {
        let windows = played(most, &steps);
        prop_assert!(windows.iter().all(|(window, most)| (1..=*most).contains(window) && *most <= MAX_WINDOW), "{windows:?}");
        prop_assert_eq!(windows, played(most, &steps));
    }

    /// With fewer requests under way than it allows, nobody knows what more of them would bring.
    #[test]
    fn it_does_not_grow_where_it_is_not_used(ends in prop::collection::vec((1u64..5_000, 1u64..1 << 24), 1..200)) {
        let (mut window, mut now, mut windows) = (AdaptiveWindow::new(32), Duration::ZERO, Vec::new());
        for (millis, bytes) in ends {
            let begun = window.begin(now);
            now += Duration::from_millis(millis);
            window.end(begun, Sent::Acknowledged(bytes), now);
            windows.push(window.window());
        }
        prop_assert!(windows.iter().all(|window| *window <= 2));
    }

    #[test]
    fn each_refusal_for_their_number_makes_it_smaller(grown in 0usize..200) {
        let (mut window, mut now) = (AdaptiveWindow::new(64), Duration::ZERO);
        for _ in 0..grown {
            let begun: Vec<Begun> = (0..window.window()).map(|_| window.begin(now)).collect();
            now += Duration::from_secs(1);
            begun.into_iter().for_each(|begun| window.end(begun, Sent::Acknowledged(1 << 23), now));
        }
        while window.window() > 1 {
            let (before, begun) = (window.window(), window.begin(now));
            window.end(begun, Sent::Throttled, now);
            prop_assert!(window.window() < before);
        }
    }
}
