//! A transport that hangs ends no run: each case fails by itself, and says why.

use std::panic::catch_unwind;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use resumable_hostile::{Answer, Call, Carrier, Promise, Setup, Subject};

struct Hangs;

impl Carrier for Hangs {
    fn send(&self, _: &Call) -> Answer {
        loop {
            thread::park();
        }
    }
}

impl Subject for Hangs {
    fn open(&self, _: Setup) -> Box<dyn Carrier> {
        Box::new(Self)
    }

    // One case of this group runs the list's own test in another process.
    fn does_not_promise(&self) -> &'static [Promise] {
        &[Promise::Memory]
    }

    fn patience(&self) -> Duration {
        Duration::from_millis(300)
    }
}

#[test]
fn every_case_ends_and_fails() {
    let (tell, told) = channel();
    let cases: Vec<_> = resumable_hostile::list().filter(|case| !case.name.starts_with("memory::")).collect();
    assert_eq!(cases.len(), 100);
    for case in &cases {
        let (tell, name) = (tell.clone(), case.name);
        thread::spawn(move || tell.send((name, catch_unwind(|| resumable_hostile::run(name, &Hangs)).is_err())));
    }
    for _ in cases {
        let (name, failed) = told.recv_timeout(Duration::from_secs(60)).expect("a case ends");
        assert!(failed, "{name} passes without a transport");
    }
}

#[test]
fn every_case_says_what_it_demands_and_why() {
    for case in resumable_hostile::list() {
        assert!(case.name.contains("::") && case.why.len() > 10, "{case:?}");
    }
}
