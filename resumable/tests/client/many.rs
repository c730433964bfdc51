//! Many uploads: one window, one rate, one progress.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use resumable::{ErrorKind, Limits, MemoryStore};

use super::in_both_styles;
use super::world::{PART, World, content, object};

in_both_styles! {
    fn each_result_stands_where_its_upload_stood(world, client, send) {
        let client = client().store(MemoryStore::new()).window(3).build().unwrap();
        let puts = (0..30_u64).map(|at| {
            let to = if at == 7 {
                resumable::oss::at("https://oss-cn-shenzhen.aliyuncs.com", "otherbucket", "x").unwrap()
            } else {
                object(&format!("{at}"))
            };
            client.put(to, world.key()).key(format!("u{at}")).memory(content(at * 20_000, at))
        });
        let (done, total) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(None)));
        let (counted, last) = (Arc::clone(&done), Arc::clone(&total));
        let many = client.put_all(puts);
        let handle = many.handle();
        let many = many
            .on_done(move |_, _| {
                counted.fetch_add(1, Ordering::SeqCst);
            })
            .on_progress(move |total| *last.lock().unwrap() = Some(*total));
        let results = send!(many.send());
        for (at, result) in results.iter().enumerate() {
            match result {
                Err(error) => assert_eq!((at, error.kind()), (7, ErrorKind::Refused)),
                Ok(receipt) => assert!(receipt.url.as_ref().unwrap().ends_with(&format!("/{at}"))),
            }
        }
        assert!(results[7].is_err());
        assert!(world.most() <= 3, "{} at once", world.most());
        assert_eq!(done.load(Ordering::SeqCst), 30);
        let total = total.lock().unwrap().unwrap();
        assert_eq!(total, handle.progress());
        assert_eq!((total.uploads, total.done, total.failed), (30, 29, 1));
        let bytes: u64 = (0..30).map(|at| at * 20_000).sum();
        assert_eq!((total.total, total.confirmed), (bytes, bytes - 7 * 20_000));
    }

    fn small_ones_do_not_wait_for_big_ones(world, client, send) {
        let client = client().store(MemoryStore::new()).window(2).build().unwrap();
        let big = (0..8).map(|at| (format!("big{at}"), 90 * PART));
        let small = (0..8).map(|at| (format!("small{at}"), 1000));
        let puts = big.chain(small).map(|(name, len)| {
            client.put(object(&name), world.key()).key(name.clone()).memory(content(len, len))
        });
        let order = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&order);
        let many = client.put_all(puts).at_once(4).on_done(move |at, _| told.lock().unwrap().push(at));
        send!(many.send()).iter().for_each(|result| assert!(result.is_ok(), "{result:?}"));
        let order = order.lock().unwrap();
        let last_small = order.iter().rposition(|at| *at >= 8).unwrap();
        let big_before = order[..last_small].iter().filter(|at| **at < 8).count();
        assert!(big_before <= 2, "{order:?}");
    }

    fn a_panic_of_one_ends_no_other(world, client, send) {
        let client = client().store(MemoryStore::new()).window(2).build().unwrap();
        let puts = (0..12).map(|at| {
            let put = client.put(object(&format!("{at}")), world.key()).key(format!("u{at}")).memory(content(3 * PART, at));
            put.on_event(move |_| assert!(at != 5, "a defect in number {at}"))
        });
        let many = client.put_all(puts).at_once(2);
        let handle = many.handle();
        for (at, result) in send!(many.send()).iter().enumerate() {
            match result {
                Err(error) => {
                    assert_eq!((at, error.kind()), (5, ErrorKind::Defect), "{error}");
                    assert!(error.to_string().contains("a defect in number 5"), "{error}");
                }
                Ok(_) => assert!(at != 5),
            }
        }
        assert_eq!((handle.progress().done, handle.progress().failed, client.limits().in_use()), (11, 1, 0));
    }

    fn who_stops_them_begins_no_more(world, client, send) {
        let client = client().store(MemoryStore::new()).window(1).build().unwrap();
        let puts = (0..20).map(|at| {
            client.put(object(&format!("{at}")), world.key()).key(format!("u{at}")).memory(content(3 * PART, at))
        });
        let many = client.put_all(puts).at_once(1);
        let handle = many.handle();
        // Five requests each: this is the second part of the fourth upload.
        world.before(17, move |_| handle.drain(Duration::from_secs(60)));
        let results = send!(many.send());
        assert!(results[..3].iter().all(Result::is_ok), "{results:?}");
        for result in &results[3..] {
            assert_eq!(result.as_ref().unwrap_err().kind(), ErrorKind::Stopped);
        }
        assert_eq!(world.unfinished(), 1, "the fourth alone was begun");
    }

    fn a_window_that_two_clients_share_and_somebody_changes(world, client, send) {
        let limits = Limits::new(1).unwrap();
        let one = client().store(MemoryStore::new()).limits(&limits).build().unwrap();
        let other = client().store(MemoryStore::new()).limits(&limits).build().unwrap();
        let of_one = (0..6).map(|at| one.put(object(&format!("a{at}")), world.key()).key(format!("u{at}")));
        let of_other = (0..6).map(|at| other.put(object(&format!("b{at}")), world.key()).key(format!("v{at}")));
        let puts = of_one.chain(of_other).map(|put| put.memory(content(3 * PART, 1)));
        let changed = limits.clone();
        world.before(20, move |world| {
            assert_eq!(world.most(), 1);
            changed.set_window(5).unwrap();
        });
        send!(one.put_all(puts).at_once(12).send()).iter().for_each(|result| assert!(result.is_ok(), "{result:?}"));
        assert!(world.most() <= 5, "{} at once", world.most());
        assert_eq!(limits.in_use(), 0);
    }
}

#[test]
fn a_hundred_async_uploads_at_once_keep_to_the_window() {
    let world = World::new();
    let client =
        resumable::Client::builder().transport(world.clone()).store(MemoryStore::new()).window(8).build().unwrap();
    let puts = (0..100).map(|at| {
        client.put(object(&format!("{at}")), world.key()).key(format!("u{at}")).memory(content(3 * PART, at))
    });
    let sent = futures::executor::block_on(client.put_all(puts).at_once(100).send());
    sent.iter().for_each(|result| assert!(result.is_ok(), "{result:?}"));
    assert!((2..=8).contains(&world.most()), "{} at once", world.most());
    assert_eq!(client.limits().in_use(), 0);
}
