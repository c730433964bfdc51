//! What stands at the destination before an upload begins, and what is done about it.

use resumable::machine::HashKind;
use resumable::oss::{self, Oss};
use resumable::{ErrorKind, Handle, How, IfExists, MemoryStore};

use super::in_both_styles;
use super::world::{PART, World, content, object};

const LEN: u64 = 6 * PART + 5;
/// From here on a file is worth a request although it would replace what is there.
const LARGE: u64 = 8 << 20;

fn stop_after(bytes: u64, handle: &Handle) -> impl Fn(&resumable::Progress) + Send + Sync + use<> {
    let handle = handle.clone();
    move |progress| {
        if progress.confirmed >= bytes {
            handle.stop();
        }
    }
}

/// An object in parts of 1 MiB.
fn large(key: &str) -> Oss {
    object(key).with_options(oss::Options::default().part_size(1 << 20).one_request_max(PART)).unwrap()
}

in_both_styles! {
    fn the_same_content_is_not_sent_again(world, client, send) {
        let store = MemoryStore::new();
        let client = client().store(store.clone()).build().unwrap();
        for policy in IfExists::ALL {
            let key = policy.name();
            send!(client.put(object(key), world.key()).memory(content(LEN, 1)).send()).unwrap();
            let (sent, requests) = (world.received(), world.requests());
            let put = client.put(object(key), world.key()).memory(content(LEN, 1)).if_exists(policy);
            let handle = put.handle();
            let receipt = send!(put.send()).unwrap();
            let asked = policy != IfExists::Replace;
            assert_eq!(receipt.how == How::AlreadyThere, asked, "{policy}: a small file is as cheap to send as to ask for");
            assert_eq!(world.received() == sent, asked, "{policy}");
            if asked {
                assert_eq!(world.requests(), requests + 1, "{policy}");
                assert!(receipt.url.unwrap().ends_with(key) && receipt.digest.unwrap().0 == HashKind::Crc64);
            }
            let progress = handle.progress();
            assert_eq!((progress.confirmed, progress.total), (LEN, LEN), "{policy}");
            assert!(store.keys().is_empty(), "{policy}");
        }
    }

    fn what_else_stands_there_is_left_replaced_or_joined_as_was_chosen(world, client, send) {
        let store = MemoryStore::new();
        let client = client().store(store.clone()).build().unwrap();
        let put = |seed, policy| client.put(object("dir/a.bin"), world.key()).memory(content(LEN, seed)).if_exists(policy);
        send!(client.put(object("dir/a.bin"), world.key()).memory(content(LEN, 1)).send()).unwrap();
        let sent = world.received();
        for policy in [IfExists::Skip, IfExists::Refuse] {
            let error = send!(put(2, policy).send()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Exists, "{error}");
            assert!(error.to_string().contains("of the same length already exists at https://mybucket"), "{error}");
            assert!(!error.is_resumable() && error.confirmed().is_none());
            let refused = ["Choose another destination, or set if_exists = \"replace\" or \"rename\"."];
            assert_eq!(error.advice(), if policy == IfExists::Skip { &[][..] } else { &refused });
        }
        assert_eq!(world.received(), sent);
        assert_eq!(world.object("dir/a.bin").unwrap(), content(LEN, 1));
        for _ in 0..2 {
            let receipt = send!(put(2, IfExists::Rename).send()).unwrap();
            assert!(receipt.rows.contains(&("name".to_owned(), "dir/a (1).bin".to_owned())), "{receipt:?}");
            assert_eq!(world.object("dir/a (1).bin").unwrap(), content(LEN, 2));
        }
        assert_eq!(world.received(), sent + LEN, "the second one found the first");
        send!(put(3, IfExists::Rename).send()).unwrap();
        assert_eq!(world.object("dir/a (2).bin").unwrap(), content(LEN, 3));
        send!(put(4, IfExists::Replace).send()).unwrap();
        assert_eq!(world.object("dir/a.bin").unwrap(), content(LEN, 4));
        assert!(store.keys().is_empty());
    }

    fn an_upload_that_took_another_name_goes_on_under_it(world, client, send) {
        let store = MemoryStore::new();
        let client = client().store(store.clone()).window(1).build().unwrap();
        send!(client.put(object("a.bin"), world.key()).memory(content(LEN, 1)).send()).unwrap();
        let put = || client.put(object("a.bin"), world.key()).memory(content(LEN, 2));
        let first = put().if_exists(IfExists::Rename);
        let handle = first.handle();
        let error = send!(first.on_progress(stop_after(2 * PART, &handle)).send()).unwrap_err();
        assert_eq!((error.kind(), store.keys().len()), (ErrorKind::Stopped, 1));
        // The one name and the other are taken meanwhile, which says nothing of an upload that has begun.
        let sent = world.received();
        let second = put().if_exists(IfExists::Rename);
        assert!(second.goes_to("https://mybucket.oss-cn-shenzhen.aliyuncs.com/a%20%281%29.bin"));
        assert!(!second.goes_to("https://mybucket.oss-cn-shenzhen.aliyuncs.com/b.bin"));
        let handle = second.handle();
        let receipt = send!(second.send()).unwrap();
        assert!(handle.progress().resumed_from >= 2 * PART);
        assert!(world.received() - sent <= LEN - 2 * PART);
        assert!(receipt.rows.contains(&("name".to_owned(), "a (1).bin".to_owned())), "{receipt:?}");
        assert_eq!((world.object("a (1).bin").unwrap(), world.object("a.bin").unwrap()), (content(LEN, 2), content(LEN, 1)));
        assert!(store.keys().is_empty());
    }

    fn an_upload_that_took_another_name_is_given_up_by_the_one_that_was_asked_for(world, client, send) {
        let store = MemoryStore::new();
        let client = client().store(store.clone()).window(1).build().unwrap();
        send!(client.put(object("a"), world.key()).memory(content(LEN, 1)).send()).unwrap();
        let first = client.put(object("a"), world.key()).memory(content(LEN, 2)).if_exists(IfExists::Rename);
        let handle = first.handle();
        send!(first.on_progress(stop_after(2 * PART, &handle)).send()).unwrap_err();
        assert_eq!(world.unfinished(), 1);
        send!(client.put(object("a"), world.key()).memory(content(LEN, 2)).abandon()).unwrap();
        assert_eq!((world.unfinished(), store.keys().len()), (0, 0));
    }

    fn nobody_is_asked_where_nothing_was_chosen(world, client, send) {
        let client = client().store(MemoryStore::new()).build().unwrap();
        let put = || client.put(large("f"), world.key()).memory(content(LARGE, 1));
        send!(put().send()).unwrap();
        let requests = world.requests();
        send!(put().send()).unwrap();
        assert_eq!(world.requests(), 2 * requests);
    }

    fn a_large_file_that_would_replace_what_is_there_is_asked_for_and_a_small_one_is_not(world, client, send) {
        let client = client().store(MemoryStore::new()).build().unwrap();
        for (len, how) in [(LARGE, How::AlreadyThere), (LARGE - 1, How::Parts)] {
            let put = |key| client.put(large(key), world.key()).memory(content(len, 1)).look_first(true);
            let before = world.requests();
            assert_eq!(send!(put("f").send()).unwrap().how, How::Parts);
            let begun = world.requests();
            assert_eq!(send!(put("f").send()).unwrap().how, how);
            let asked = usize::from(how == How::AlreadyThere);
            assert_eq!(begun - before, 8 + 2 + asked);
        }
    }

    fn the_same_content_is_sent_where_that_is_wanted(world, client, send) {
        let client = client().store(MemoryStore::new()).build().unwrap();
        let put = || client.put(object("f"), world.key()).memory(content(LEN, 1)).resend(true);
        send!(put().send()).unwrap();
        let sent = world.received();
        assert_eq!(send!(put().if_exists(IfExists::Replace).send()).unwrap().how, How::Parts);
        assert_eq!(world.received(), sent + LEN);
        assert_eq!(send!(put().if_exists(IfExists::Refuse).send()).unwrap_err().kind(), ErrorKind::Exists);
        assert_eq!(world.received(), sent + LEN);
    }

    fn a_wrong_key_is_told_before_anything_is_read(world, client, send) {
        let client = client().store(MemoryStore::new()).build().unwrap();
        let wrong = oss::Credential::new("nobody", "nothing").unwrap();
        let put = client.put(large("f"), wrong).memory(content(LARGE, 1)).look_first(true);
        let error = send!(put.send()).unwrap_err();
        assert_eq!((error.kind(), world.requests(), world.received()), (ErrorKind::Credential, 1, 0), "{error}");
    }

    fn what_stands_there_is_told_and_held_against_the_source(world, client, send) {
        let client = client().store(MemoryStore::new()).build().unwrap();
        assert_eq!(send!(client.look_up(object("f"), world.key())).unwrap(), None);
        send!(client.put(object("f"), world.key()).memory(content(LEN, 1)).send()).unwrap();
        let requests = world.requests();
        let found = send!(client.look_up(object("f"), world.key())).unwrap().unwrap();
        assert_eq!((found.len, world.requests()), (Some(LEN), requests + 1));
        assert!(found.modified.is_some() && found.url.unwrap().ends_with("/f"));
        let verify = |len, seed| client.put(object("f"), world.key()).memory(content(len, seed)).verify();
        for (len, seed, same) in [(LEN, 1, true), (LEN, 2, false), (LEN + 1, 1, false)] {
            let verified = send!(verify(len, seed)).unwrap().unwrap();
            assert_eq!(verified.is_same(), Some(same), "{len} {seed}: {verified:?}");
            assert_eq!(verified.digest.is_some(), len == LEN, "nothing is read where the lengths differ");
        }
        let nothing = client.put(object("g"), world.key()).memory("x").verify();
        assert_eq!(send!(nothing).unwrap(), None);
        assert_eq!(send!(client.put(object("f"), world.key()).verify()).unwrap_err().kind(), ErrorKind::Argument);
        assert_eq!(world.received(), LEN);
    }

    fn an_outline_says_what_an_upload_takes(world, client, send) {
        let client = client().store(MemoryStore::new()).build().unwrap();
        for (len, parts) in [(0, 1), (PART, 1), (PART + 1, 2), (LEN, 7)] {
            let put = client.put(object("f"), world.key()).memory(content(len, 1));
            let (outline, before) = (put.outline().unwrap(), world.requests());
            send!(put.send()).unwrap();
            assert_eq!((outline.parts, outline.requests), (parts, (world.requests() - before) as u64), "{len}");
            assert!(!outline.reads_all_first);
        }
        let stream = client.put(object("f"), world.key()).spool(std::io::empty());
        assert_eq!(stream.outline().unwrap_err().kind(), ErrorKind::Argument);
    }

    fn a_stop_that_comes_before_the_question_is_obeyed(world, client, send) {
        let client = client().store(MemoryStore::new()).build().unwrap();
        let put = client.put(object("f"), world.key()).memory(content(LEN, 1)).if_exists(IfExists::Refuse);
        put.handle().stop();
        assert_eq!(send!(put.send()).unwrap_err().kind(), ErrorKind::Stopped);
        assert_eq!(world.requests(), 0);
    }

    fn whoever_comes_between_question_and_upload_is_not_overwritten(world, client, send) {
        let client = client().store(MemoryStore::new()).build().unwrap();
        let (at, key) = (world.requests() + 1, world.key());
        world.before(at, move |world| {
            let other = resumable::blocking::Client::builder().transport(world.clone()).store(MemoryStore::new());
            let other = other.build().unwrap();
            other.put(object("f"), key).memory("theirs").send().unwrap();
        });
        let put = client.put(object("f"), world.key()).memory(content(LEN, 1)).if_exists(IfExists::Refuse);
        let error = send!(put.send()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Exists, "{error}");
        assert_eq!(world.object("f").unwrap(), b"theirs");
    }
}
