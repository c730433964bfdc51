//! Temporary keys, shared by many uploads.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use resumable::{BoxError, Credentials, Issued, MemoryStore, oss};

use super::in_both_styles;
use super::world::{World, content, object};

const UPLOADS: usize = 205;
const WINDOW: usize = 4;
/// One key's life is a minute of the server's.
const LIFE: Duration = Duration::from_secs(61);

/// Keys of the server's own, and how many were asked for.
fn keys(world: &World) -> (Credentials<oss::Credential>, Arc<AtomicU32>) {
    let (asked, world) = (Arc::new(AtomicU32::new(0)), world.clone());
    let counted = Arc::clone(&asked);
    let refresh = move || -> Result<Issued<oss::Credential>, BoxError> {
        counted.fetch_add(1, Ordering::SeqCst);
        Ok(world.temporary().into())
    };
    (Credentials::refreshed(refresh), asked)
}

in_both_styles! {
    fn a_key_that_dies_unannounced_costs_one_window_of_refusals_and_one_refresh(world, client, send) {
        let client = client().store(MemoryStore::new()).window(WINDOW).build().unwrap();
        let (keys, asked) = keys(&world);
        world.before(300, |world| world.pass(LIFE));
        let puts = (0..UPLOADS as u64).map(|at| {
            client.put(object(&format!("many/{at}")), keys.clone()).key(format!("u{at}")).memory(content(250_000, at))
        });
        let results = send!(client.put_all(puts).at_once(32).send());
        results.iter().for_each(|result| assert!(result.is_ok(), "{result:?}"));
        let refused = world.answered(403);
        assert!((1..=WINDOW).contains(&refused), "{refused} refusals");
        assert_eq!(asked.load(Ordering::SeqCst), 2);
        assert!(world.most() <= WINDOW, "{} at once", world.most());
    }

    fn a_key_that_is_handed_in_reaches_every_upload_before_it_signs(world, client, send) {
        let client = client().store(MemoryStore::new()).window(WINDOW).build().unwrap();
        let (keys, asked) = keys(&world);
        let (handed_in, of) = (keys.clone(), world.clone());
        world.before(300, move |_| {
            of.pass(LIFE / 2);
            handed_in.renew(of.temporary());
        });
        // The first one is dead by then, and what it signed has arrived long since.
        world.before(500, |world| world.pass(LIFE / 2 + Duration::from_secs(1)));
        let puts = (0..UPLOADS as u64).map(|at| {
            client.put(object(&format!("many/{at}")), keys.clone()).key(format!("u{at}")).memory(content(250_000, at))
        });
        let results = send!(client.put_all(puts).at_once(32).send());
        results.iter().for_each(|result| assert!(result.is_ok(), "{result:?}"));
        assert_eq!((world.answered(403), asked.load(Ordering::SeqCst)), (0, 1));
    }

    fn a_key_that_expired_before_an_upload_began_is_asked_for_anew(world, client, send) {
        let client = client().store(MemoryStore::new()).build().unwrap();
        let (keys, asked) = keys(&world);
        keys.renew(Issued::lasting(world.temporary(), Duration::ZERO));
        let puts = (0..4).map(|at| client.put(object(&format!("{at}")), keys.clone()).key(format!("u{at}")).memory("x"));
        send!(client.put_all(puts).send()).iter().for_each(|result| assert!(result.is_ok(), "{result:?}"));
        assert_eq!((world.answered(403), asked.load(Ordering::SeqCst)), (0, 1));
    }

    fn a_wrong_key_ends_all_and_is_sent_few_times(world, client, send) {
        let client = client().store(MemoryStore::new()).window(WINDOW).build().unwrap();
        let wrong = oss::Credential::new("nobody", "nothing").unwrap();
        let keys = Credentials::fixed(wrong);
        let puts = (0..50_u64).map(|at| {
            client.put(object(&format!("{at}")), keys.clone()).key(format!("u{at}")).memory(content(250_000, at))
        });
        for result in send!(client.put_all(puts).at_once(25).send()) {
            assert_eq!(result.unwrap_err().kind(), resumable::ErrorKind::Credential);
        }
        assert!(world.answered(403) <= 100, "{} refusals", world.answered(403));
        assert_eq!(client.limits().in_use(), 0);
    }

    fn a_source_that_has_none_ends_all_with_its_words(world, client, send) {
        let store = MemoryStore::new();
        let client = client().store(store.clone()).build().unwrap();
        let keys = Credentials::refreshed(|| -> Result<oss::Credential, BoxError> { Err("the vault is shut".into()) });
        let puts = (0..8).map(|at| {
            client.put(object(&format!("{at}")), keys.clone()).key(format!("u{at}")).memory("x")
        });
        for result in send!(client.put_all(puts).send()) {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), resumable::ErrorKind::Credential);
            assert!(error.to_string().contains("the vault is shut"), "{error}");
        }
        assert_eq!(world.received(), 0);
        assert!(store.keys().is_empty(), "nothing was begun, so nothing is left");
    }
}

#[test]
fn a_future_that_panics_in_place_of_a_key_is_an_error() {
    let world = World::new();
    let keys = Credentials::refreshed_async(|| async {
        assert!(std::hint::black_box(false), "a defect");
        Err::<oss::Credential, BoxError>("never told".into())
    });
    let client = resumable::Client::builder().transport(world).store(MemoryStore::new()).build().unwrap();
    let puts = (0..3).map(|at| client.put(object("f"), keys.clone()).key(format!("u{at}")).memory("x"));
    for result in futures::executor::block_on(client.put_all(puts).send()) {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), resumable::ErrorKind::Credential, "{error}");
        assert!(error.to_string().contains("a defect"), "{error}");
    }
}

#[test]
fn keys_that_a_future_gives_are_for_the_async_client() {
    let world = World::new();
    let asked = Arc::new(AtomicU32::new(0));
    let (counted, from) = (Arc::clone(&asked), world.clone());
    let keys = Credentials::refreshed_async(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        let (key, time) = from.lasting();
        async move { Ok::<_, BoxError>(Issued::lasting(key, time)) }
    });
    let client = resumable::Client::builder().transport(world.clone()).store(MemoryStore::new()).build().unwrap();
    let puts = (0..20).map(|at| {
        client.put(object(&format!("{at}")), keys.clone()).key(format!("u{at}")).memory(content(250_000, at))
    });
    let results = futures::executor::block_on(client.put_all(puts).send());
    results.iter().for_each(|result| assert!(result.is_ok(), "{result:?}"));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let client = resumable::blocking::Client::builder().transport(world).store(MemoryStore::new()).build().unwrap();
    let fresh = Credentials::refreshed_async(|| async { Err::<oss::Credential, BoxError>("never asked".into()) });
    let error = client.put(object("f"), fresh).memory("x").send().unwrap_err();
    assert!(error.to_string().contains("async client"), "{error}");
}
