//! A blocking host on threads: its saves keep their order, whatever became of who asked for them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use futures::FutureExt as _;
use futures::executor::block_on;
use resumable::drive::Host as BlockingHost;
use resumable::drive::asynchronous::{Host, OffThread};
use resumable_core::{AuthError, AuthReason, Cause, Checkpoint, Lease, Now, StoreError};
use resumable_transport::CancelFlag;

use crate::toy::Key;
use crate::world::{Vendor, World};

/// A store that is shut at first.
#[derive(Default)]
struct Vault {
    open: Mutex<bool>,
    opened: Condvar,
    began: AtomicUsize,
    busy: AtomicBool,
    saved: Mutex<Vec<u64>>,
}

impl Vault {
    fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.opened.notify_all();
    }

    fn wait_for_the_first(&self) {
        while self.began.load(Ordering::SeqCst) == 0 {
            thread::yield_now();
        }
    }
}

impl BlockingHost<Vendor> for Vault {
    fn save(&self, checkpoint: &Checkpoint<Vendor>) -> Result<(), StoreError> {
        assert!(!self.busy.swap(true, Ordering::SeqCst), "two saves at a time");
        self.began.fetch_add(1, Ordering::SeqCst);
        drop(self.opened.wait_while(self.open.lock().unwrap(), |open| !*open).unwrap());
        self.saved.lock().unwrap().push(checkpoint.saved_unix().as_secs());
        self.busy.store(false, Ordering::SeqCst);
        Ok(())
    }

    fn credential(&self, _: AuthReason, _: Option<&Key>, _: &CancelFlag) -> Result<Lease<Key>, AuthError> {
        Err(AuthError(Cause::text("none")))
    }
}

/// A checkpoint that can be told from others by its time.
fn checkpoint(number: u64) -> Checkpoint<Vendor> {
    World::new().upload().checkpoint(Now { mono: Duration::ZERO, unix: Duration::from_secs(number) })
}

#[test]
fn an_older_save_never_overwrites_a_newer_one() {
    let vault = Arc::new(Vault::default());
    let host = OffThread::new(Arc::clone(&vault));
    for number in 0..30 {
        // Its thread goes on when the future is dropped.
        assert!(Host::<Vendor>::save(&host, checkpoint(number)).now_or_never().is_none());
        vault.wait_for_the_first();
    }
    let last = host.save(checkpoint(30));
    thread::scope(|scope| {
        let last = scope.spawn(|| block_on(last));
        vault.open();
        last.join().unwrap().unwrap();
    });
    drop(host);
    while Arc::strong_count(&vault) > 1 {
        thread::yield_now();
    }
    let saved = vault.saved.lock().unwrap();
    assert!(saved.is_sorted() && saved.last() == Some(&30), "{saved:?}");
}

#[test]
fn the_host_lives_until_its_last_save_has_ended() {
    let vault = Arc::new(Vault::default());
    let host = OffThread::new(Arc::clone(&vault));
    assert!(Host::<Vendor>::save(&host, checkpoint(1)).now_or_never().is_none());
    vault.wait_for_the_first();
    drop(host);
    assert!(Arc::strong_count(&vault) > 1, "a lock that the host holds would be free while it writes");
    vault.open();
    while Arc::strong_count(&vault) > 1 {
        thread::yield_now();
    }
    assert_eq!(*vault.saved.lock().unwrap(), [1]);
}

#[test]
fn what_a_host_answers_comes_back() {
    let host = OffThread::new(Arc::new(Vault::default()));
    let answer = block_on(Host::<Vendor>::credential(&host, AuthReason::Missing, None));
    assert_eq!(answer.unwrap_err().to_string(), "no credential: none");
}
