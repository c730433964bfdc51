use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::thread;

use super::*;

type Given = Result<(Lease<u32>, u64), BoxError>;

/// Asks as the blocking host does.
fn ask(credentials: &Credentials<u32>, reason: AuthReason, refused: Option<u32>, known: u64) -> Given {
    ask_by(Clock::start(), credentials, reason, refused, known)
}

fn ask_by(clock: Clock, credentials: &Credentials<u32>, reason: AuthReason, refused: Option<u32>, known: u64) -> Given {
    let cancel = CancelFlag::new();
    let mut asking = Asking::new(reason, refused.as_ref(), known, clock);
    match block_on(&cancel, |context| credentials.poll_other(&mut asking, context)).unwrap() {
        Other::Given(lease, generation) => Ok((lease, generation)),
        Other::Failed(error) => Err(error),
        Other::YourTurn => credentials.turn().refresh(refused.as_ref(), &cancel, Clock::start()),
    }
}

/// What asks for a first credential.
fn missing() -> Asking<'static, u32> {
    Asking::new(AuthReason::Missing, None, 0, Clock::start())
}

fn number(given: &Given) -> u32 {
    given.as_ref().unwrap().0.credential
}

/// Credentials that count, and how often they were asked for.
fn counting() -> (Credentials<u32>, Arc<AtomicU32>) {
    let asked = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&asked);
    let refresh = move || -> Result<u32, BoxError> { Ok(counted.fetch_add(1, Ordering::SeqCst) + 1) };
    (Credentials::refreshed(refresh), asked)
}

#[test]
fn many_that_are_refused_cost_one_refresh() {
    let (credentials, asked) = counting();
    assert_eq!(number(&ask(&credentials, AuthReason::Missing, None, 0)), 1);
    thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| assert_eq!(number(&ask(&credentials, AuthReason::Refused, Some(1), 1)), 2));
        }
    });
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[test]
fn many_that_ask_ahead_cost_one_refresh() {
    let (credentials, asked) = counting();
    ask(&credentials, AuthReason::Missing, None, 0).unwrap();
    for _ in 0..3 {
        assert_eq!(number(&ask(&credentials, AuthReason::Expiring, None, 1)), 2);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[test]
fn a_failure_is_shared_by_those_who_waited_for_it_and_the_next_one_asks_again() {
    let (begun, has_begun) = channel();
    let (go, gone) = channel::<()>();
    let (begun, gone, asked) = (Mutex::new(begun), Mutex::new(gone), Arc::new(AtomicU32::new(0)));
    let counted = Arc::clone(&asked);
    let credentials = Credentials::<u32>::refreshed(move || -> Result<u32, BoxError> {
        let count = counted.fetch_add(1, Ordering::SeqCst);
        begun.lock().unwrap().send(()).unwrap();
        let _ = gone.lock().unwrap().recv();
        if count == 0 { Err("no answer".into()) } else { Ok(count) }
    });
    thread::scope(|scope| {
        let first = scope.spawn(|| ask(&credentials, AuthReason::Missing, None, 0));
        has_begun.recv().unwrap();
        let waits: Vec<_> = (0..4).map(|_| scope.spawn(|| ask(&credentials, AuthReason::Missing, None, 0))).collect();
        while credentials.state().waiting.len() < 4 {
            thread::yield_now();
        }
        go.send(()).unwrap();
        for failed in waits.into_iter().chain([first]) {
            assert_eq!(failed.join().unwrap().unwrap_err().to_string(), "no answer");
        }
    });
    drop(go);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    // By this clock hours have passed.
    thread::sleep(Duration::from_millis(10));
    let later = Clock::start().faster(NonZeroU32::new(1_000_000).unwrap());
    assert_eq!(number(&ask_by(later, &credentials, AuthReason::Missing, None, 0)), 1);
}

#[test]
fn who_is_not_waited_for_any_more_ends() {
    let (credentials, _) = counting();
    let _turn = {
        let mut asking = Asking::new(AuthReason::Missing, None, 0, Clock::start());
        let mut context = Context::from_waker(Waker::noop());
        assert!(matches!(credentials.poll_other(&mut asking, &mut context), Poll::Ready(Other::YourTurn)));
        credentials.turn()
    };
    let cancel = CancelFlag::new();
    cancel.cancel();
    let mut asking = Asking::new(AuthReason::Missing, None, 0, Clock::start());
    assert!(block_on(&cancel, |context| credentials.poll_other(&mut asking, context)).is_none());
}

#[test]
fn a_turn_that_was_not_used_goes_to_somebody_who_waits() {
    let (credentials, asked) = counting();
    let mut asking = Asking::new(AuthReason::Missing, None, 0, Clock::start());
    let mut context = Context::from_waker(Waker::noop());
    assert!(credentials.poll_other(&mut asking, &mut context).is_ready());
    let turn = credentials.turn();
    thread::scope(|scope| {
        let waits = scope.spawn(|| ask(&credentials, AuthReason::Missing, None, 0));
        while credentials.state().waiting.is_empty() {
            thread::yield_now();
        }
        drop(turn);
        assert_eq!(number(&waits.join().unwrap()), 1);
    });
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[test]
fn every_upload_hears_of_a_new_credential_until_it_is_gone() {
    let (credentials, _) = counting();
    let (tell, told) = channel();
    let upload: Arc<Renew<u32>> = Arc::new(move |lease: Lease<u32>, generation| {
        tell.send((lease.credential, lease.expires.is_some(), generation)).unwrap();
    });
    credentials.tell(&upload);
    ask(&credentials, AuthReason::Missing, None, 0).unwrap();
    credentials.renew(Issued::lasting(70, Duration::from_secs(60)));
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [(1, false, 1), (70, true, 2)]);
    drop(upload);
    credentials.renew(71);
    assert!(told.try_recv().is_err());
    assert_eq!(number(&ask(&credentials, AuthReason::Missing, None, 0)), 71);
}

#[test]
fn who_is_stopped_while_it_asks_ends_nobody_who_waits() {
    struct Slow;
    impl CredentialSource<u32> for Slow {
        fn issue(&self, _: Option<&u32>, cancel: &CancelFlag) -> Result<Issued<u32>, BoxError> {
            if cancel.is_set() { Err("nobody waits".into()) } else { Ok(7.into()) }
        }
    }
    let credentials = Credentials::from_source(Slow);
    let (mut asks, mut waits) = (missing(), missing());
    let mut context = Context::from_waker(Waker::noop());
    assert!(matches!(credentials.poll_other(&mut asks, &mut context), Poll::Ready(Other::YourTurn)));
    let turn = credentials.turn();
    assert!(credentials.poll_other(&mut waits, &mut context).is_pending());
    let stopped = CancelFlag::new();
    stopped.cancel();
    turn.refresh(None, &stopped, Clock::start()).unwrap_err();
    assert!(matches!(credentials.poll_other(&mut waits, &mut context), Poll::Ready(Other::YourTurn)));
    assert_eq!(credentials.turn().refresh(None, &CancelFlag::new(), Clock::start()).unwrap().0.credential, 7);
}

#[cfg(feature = "async")]
#[test]
fn a_blocking_client_that_cannot_ask_a_future_ends_no_async_one_that_waits() {
    let credentials = Credentials::refreshed_async(|| async { Ok::<_, BoxError>(7) });
    let (mut asks, mut waits) = (missing(), missing());
    let mut context = Context::from_waker(Waker::noop());
    assert!(credentials.poll_other(&mut asks, &mut context).is_ready());
    let turn = credentials.turn();
    assert!(credentials.poll_other(&mut waits, &mut context).is_pending());
    turn.refresh(None, &CancelFlag::new(), Clock::start()).unwrap_err();
    assert!(matches!(credentials.poll_other(&mut waits, &mut context), Poll::Ready(Other::YourTurn)));
    drop(credentials.turn());
}

#[test]
fn who_waits_is_polled_once_and_again_when_another_is_handed_in() {
    let credentials = Credentials::<u32>::refreshed(|| -> Result<u32, BoxError> { Err("never asked".into()) });
    let mut asks = missing();
    assert!(credentials.poll_other(&mut asks, &mut Context::from_waker(Waker::noop())).map(|_| ()).is_ready());
    let polls = AtomicU32::new(0);
    let given = thread::scope(|scope| {
        let waits = scope.spawn(|| {
            let mut waits = missing();
            block_on(&CancelFlag::new(), |context| {
                polls.fetch_add(1, Ordering::SeqCst);
                credentials.poll_other(&mut waits, context)
            })
        });
        thread::sleep(Duration::from_millis(200));
        credentials.renew(7);
        waits.join().unwrap().unwrap()
    });
    assert!(matches!(given, Other::Given(Lease { credential: 7, .. }, 1)));
    assert!(polls.load(Ordering::SeqCst) <= 2, "{} polls", polls.load(Ordering::SeqCst));
    drop(credentials.turn());
}

#[test]
fn a_source_that_panics_when_it_is_looked_at_has_nothing_at_hand() {
    struct Defect;
    impl CredentialSource<u32> for Defect {
        fn at_hand(&self) -> Option<Issued<u32>> {
            panic!("a defect")
        }

        fn issue(&self, _: Option<&u32>, _: &CancelFlag) -> Result<Issued<u32>, BoxError> {
            Ok(7.into())
        }

        fn used(&self) {
            panic!("a defect")
        }
    }
    let credentials = Credentials::from_source(Defect);
    assert!(credentials.at_hand(Clock::start()).is_none());
    credentials.used();
    assert_eq!(number(&ask(&credentials, AuthReason::Missing, None, 0)), 7);
}

#[test]
fn a_credential_that_has_expired_is_not_at_hand() {
    let credentials = Credentials::fixed(1);
    assert_eq!(credentials.at_hand(Clock::start()).unwrap().0.credential, 1);
    credentials.renew(Issued::lasting(2, Duration::ZERO));
    assert!(credentials.at_hand(Clock::start()).is_none());
    let past = Issued::until(3, SystemTime::now() - Duration::from_secs(9));
    assert_eq!(past.expires_in, Some(Duration::ZERO));
}

#[test]
fn a_source_that_panics_is_an_error_and_not_asked_for_ever() {
    let credentials = Credentials::<u32>::refreshed(|| -> Result<u32, BoxError> { panic!("a defect") });
    let error = ask(&credentials, AuthReason::Missing, None, 0).unwrap_err();
    assert!(error.to_string().contains("panicked") && error.to_string().contains("a defect"), "{error}");
    assert!(ask(&credentials, AuthReason::Missing, None, 0).is_err(), "nobody hangs behind it");
}

#[test]
fn nothing_shows_a_credential() {
    let secret = "s3cr3t-canary".to_owned();
    let (credentials, issued) = (Credentials::fixed(secret.clone()), Issued::from(secret));
    assert!(!format!("{credentials:?} {issued:?}").contains("s3cr3t"));
}
