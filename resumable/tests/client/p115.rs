//! Many files to one account of 115: what its API is asked, of which it counts every call.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use resumable::p115::{AccessToken, Options, P115, at};
use resumable::{Credentials, Event, Limits, MemoryStore, SentRecord, machine};
use resumable_emulator::{Fault, Rule};

use super::in_both_styles;
use super::world::{World, content};

const FILES: u64 = 100;

/// A file in a folder, which is made if it is missing.
fn file(path: &str) -> P115 {
    at("mine", path).unwrap().with_options(Options::default().create_folders(true)).unwrap()
}

fn token() -> Credentials<AccessToken> {
    Credentials::fixed(AccessToken::new("emulator-access-token").unwrap())
}

/// Calls are not spread over time: here they are counted.
fn unpaced() -> Limits {
    let limits = Limits::default();
    limits.set_calls(Duration::ZERO, 1);
    limits
}

/// How often each operation of 115's own hosts was called.
fn calls(world: &World) -> BTreeMap<String, usize> {
    let mut calls = BTreeMap::new();
    for entry in world.server().log().iter().filter(|entry| entry.service == "115" && entry.op != "callback") {
        *calls.entry(entry.op.clone()).or_default() += 1;
    }
    calls
}

fn count(world: &World, operation: &str) -> usize {
    calls(world).get(operation).copied().unwrap_or_default()
}

/// A file whose last change is long ago.
const OLD_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");

in_both_styles! {
    fn a_content_is_read_once_for_all_destinations(world, client, send) {
        let folder = tempfile::tempdir().unwrap();
        let record = SentRecord::open(folder.path().join("sent")).unwrap();
        let client = client().store(MemoryStore::new()).limits(&unpaced()).sent(record.clone()).build().unwrap();
        let mut hashed = Vec::new();
        for (path, checksum) in [("/1", false), ("/2", false), ("/3", true)] {
            let read = Arc::new(AtomicBool::new(false));
            let told = Arc::clone(&read);
            let put = client.put(file(path), token()).file(OLD_FILE).checksum(checksum).on_event(move |event| {
                told.fetch_or(matches!(event, Event::Machine(machine::Event::Hashing { .. })), Ordering::SeqCst);
            });
            let receipt = send!(put.send()).unwrap();
            hashed.push(read.load(Ordering::SeqCst));
            assert!(receipt.digest.is_some());
        }
        assert_eq!(hashed, [true, false, true]);
        assert_eq!(world.server().p115().files().len(), 3);
    }

    fn a_hundred_files_into_a_folder_cost_a_call_each_and_two_for_all_together(world, client, send) {
        world.server().p115().put_folder("/album/2026").unwrap();
        let client = client().store(MemoryStore::new()).limits(&unpaced()).build().unwrap();
        let keys = token();
        let puts = (0..FILES).map(|at| {
            client.put(file(&format!("/album/2026/{at}")), keys.clone()).key(format!("u{at}")).memory(content(1000, at))
        });
        send!(client.put_all(puts).send()).iter().for_each(|result| assert!(result.is_ok(), "{result:?}"));
        let expected = [("folder/get_info", 1), ("upload/get_token", 1), ("upload/init", 100)];
        assert_eq!(calls(&world), expected.map(|(name, calls)| (name.to_owned(), calls)).into());
    }

    fn a_folder_that_is_missing_is_made_once_for_all(world, client, send) {
        let client = client().store(MemoryStore::new()).limits(&unpaced()).build().unwrap();
        let keys = token();
        let puts = (0..FILES).map(|at| {
            client.put(file(&format!("/a/b/c/{at}")), keys.clone()).key(format!("u{at}")).memory(content(1000, at))
        });
        send!(client.put_all(puts).at_once(16).send()).iter().for_each(|result| assert!(result.is_ok(), "{result:?}"));
        assert_eq!((count(&world, "folder/add"), count(&world, "upload/get_token")), (3, 1));
        // /a/b/c, /a/b and /a are looked for, and the last once more when it is made. Uploads that begin meanwhile look, too.
        let looks = count(&world, "folder/get_info");
        assert!((4..=20).contains(&looks), "{looks}");
        assert_eq!(world.server().p115().files().len(), 100);
    }

    fn keys_that_die_unannounced_are_replaced_once_for_all(world, client, send) {
        let client = client().store(MemoryStore::new()).limits(&unpaced()).window(4).build().unwrap();
        let keys = token();
        world.before(150, |world| world.pass(Duration::from_secs(61)));
        let puts = (0..FILES).map(|at| {
            client.put(file(&format!("/album/{at}")), keys.clone()).key(format!("u{at}")).memory(content(1000, at))
        });
        send!(client.put_all(puts).at_once(32).send()).iter().for_each(|result| assert!(result.is_ok(), "{result:?}"));
        assert_eq!(count(&world, "upload/get_token"), 2);
        let refused = world.answered(403);
        assert!((1..=32).contains(&refused), "{refused} refusals");
    }

    fn a_question_that_is_refused_to_one_is_asked_by_the_next(world, client, send) {
        world.server().p115().put_folder("/album").unwrap();
        let client = client().store(MemoryStore::new()).limits(&unpaced()).build().unwrap();
        let keys = token();
        // There is no space left, says the vendor to whoever asks first: the end of that upload.
        world.server().inject(Rule::once("upload/get_token", Fault::Refuse { status: 200, code: 91_005.into() }));
        let puts = (0..FILES).map(|at| {
            client.put(file(&format!("/album/{at}")), keys.clone()).key(format!("u{at}")).memory(content(1000, at))
        });
        let results = send!(client.put_all(puts).send());
        assert_eq!(results.iter().filter(|result| result.is_err()).count(), 1);
        assert_eq!(count(&world, "upload/get_token"), 2);
    }

    fn a_folder_that_is_gone_is_looked_for_again_by_those_that_were_told(world, client, send) {
        world.server().p115().put_folder("/album").unwrap();
        let client = client().store(MemoryStore::new()).limits(&unpaced()).window(1).build().unwrap();
        let keys = token();
        let put = |at: u64| {
            client.put(file(&format!("/album/{at}")), keys.clone()).key(format!("u{at}")).memory(content(1000, at))
        };
        send!(put(0).send()).unwrap();
        assert_eq!(count(&world, "folder/get_info"), 1);
        // What was known of the folder was of a folder that has gone, and another one has its name.
        world.server().inject(Rule::once("upload/init", Fault::Refuse { status: 200, code: 10_014.into() }));
        let told = send!(put(1).send());
        assert_eq!(count(&world, "folder/get_info"), 2, "it is not taken from memory: {told:?}");
    }

    fn accounts_share_nothing(world, client, send) {
        world.server().p115().put_folder("/album").unwrap();
        let client = client().store(MemoryStore::new()).limits(&unpaced()).build().unwrap();
        let puts = (0..5).map(|at| {
            client.put(file(&format!("/album/{at}")), token()).key(format!("u{at}")).memory(content(1000, at))
        });
        send!(client.put_all(puts).send()).iter().for_each(|result| assert!(result.is_ok(), "{result:?}"));
        assert_eq!((count(&world, "folder/get_info"), count(&world, "upload/get_token")), (5, 5));
    }

    fn the_name_that_a_file_got_is_in_its_receipt(world, client, send) {
        let client = client().store(MemoryStore::new()).limits(&unpaced()).build().unwrap();
        let keys = token();
        let mut named = Vec::new();
        for at in 0..2 {
            let put = client.put(file("/album/x.bin"), keys.clone()).key(format!("u{at}")).memory(content(1000, at));
            named.push(send!(put.send()).unwrap().rows);
        }
        let name = |name: &str| vec![("name".to_owned(), name.to_owned())];
        assert_eq!(named, [name("x.bin"), name("x(1).bin")]);
    }
}
