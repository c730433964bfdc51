//! Whatever a program gives: an error that names it, and never a panic, a hang, or silence.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::num::NonZeroU64;
use std::time::Duration;

use resumable::file::LockError;
use resumable::machine::SourceInfo;
use resumable::{Credentials, Error, ErrorKind, Issued, Key, MemoryStore, Source, SourceError, Store, StoreGuard};

use super::in_both_styles;
use super::world::{PART, World, content, object};

fn names(error: &Error, argument: &str) {
    assert_eq!(error.kind(), ErrorKind::Argument, "{error}");
    assert!(error.to_string().contains(argument), "{argument}: {error}");
}

/// What a store does instead of its work.
#[derive(Clone, Copy)]
enum Trouble {
    PanicsAtLock,
    PanicsAtLoad,
    PanicsAtSave,
    PanicsAtRemove,
    PanicsAtPlace,
    PanicsAtSetAside,
    Fails,
    HoldsNonsense,
}

impl Store for Trouble {
    fn lock(&self, _: &Key) -> Result<Box<dyn StoreGuard>, LockError> {
        assert!(!matches!(self, Self::PanicsAtLock), "a defect in the store");
        Ok(Box::new(*self))
    }
}

impl StoreGuard for Trouble {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        match self {
            Self::PanicsAtLoad => panic!("a defect in the store"),
            Self::HoldsNonsense | Self::PanicsAtSetAside => Ok(Some(b"{\"label\":1}".to_vec())),
            _ => Ok(None),
        }
    }

    fn save(&self, _: &[u8]) -> io::Result<()> {
        match self {
            Self::PanicsAtSave => panic!("a defect in the store"),
            Self::Fails => Err(io::Error::other("the disk is full")),
            _ => Ok(()),
        }
    }

    fn remove(&self) -> io::Result<()> {
        assert!(!matches!(self, Self::PanicsAtRemove | Self::PanicsAtSetAside), "a defect in the store");
        Ok(())
    }

    fn place(&self) -> Option<String> {
        assert!(!matches!(self, Self::PanicsAtPlace), "a defect in the store");
        None
    }
}

/// Says it has so many bytes, and has others; or panics.
struct Liar {
    says: u64,
    has: Vec<u8>,
    panics: bool,
}

impl Source for Liar {
    fn info(&self) -> Result<SourceInfo, SourceError> {
        Ok(SourceInfo::new(self.says, [7; 32]))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, SourceError> {
        assert!(!self.panics, "a defect in the source");
        let rest = self.has.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

/// A reader that cannot be sought, or whose length grows.
struct Odd(bool);

impl Read for Odd {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Ok(0)
    }
}

impl Seek for Odd {
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        if self.0 { Err(io::Error::other("it is a pipe")) } else { Ok(1000) }
    }
}

/// A stream that cannot be read.
struct Broken(bool);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        assert!(!self.0, "a defect in the stream");
        Err(io::Error::other("a defect of the line"))
    }
}

in_both_styles! {
    fn a_client_names_what_it_cannot_be_made_of(world, client, send) {
        names(&client().build().unwrap_err(), "checkpoints");
        names(&client().checkpoints("").build().unwrap_err(), "checkpoints");
        for window in [0, 129, usize::MAX] {
            names(&client().store(MemoryStore::new()).window(window).build().unwrap_err(), "window");
        }
        let short = client().store(MemoryStore::new()).reply_timeout(Duration::ZERO).build().unwrap_err();
        names(&short, "reply_timeout");
        let _ = world;
    }

    fn an_upload_names_what_it_cannot_be_made_of(world, client, send) {
        let client = client().store(MemoryStore::new()).build().unwrap();
        let put = || client.put(object("f"), world.key());
        names(&send!(put().send()).unwrap_err(), "source");
        for key in ["", "a b", "../a", "a/b", "a\nb", "ключ", &"k".repeat(101)] {
            names(&send!(put().key(key).memory("x").send()).unwrap_err(), "key");
        }
        for window in [0, 129, usize::MAX] {
            names(&send!(put().window(window).memory("x").send()).unwrap_err(), "window");
        }
        for path in ["", "/nowhere/at/all", "with\nnewline", ".", "/dev/null"] {
            let error = send!(put().file(path).send()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Source, "{path:?}: {error}");
        }
        assert_eq!(world.received(), 0);
    }

    fn a_store_that_panics_or_fails_is_an_error(world, client, send) {
        for trouble in [Trouble::PanicsAtLock, Trouble::PanicsAtLoad, Trouble::PanicsAtSave, Trouble::Fails] {
            let client = client().store(trouble).build().unwrap();
            let error = send!(client.put(object("f"), world.key()).memory(content(3 * PART, 1)).send()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Store, "{error}");
            assert!(error.to_string().contains("a defect in the store") || error.to_string().contains("full"), "{error}");
        }
        let nonsense = client().store(Trouble::HoldsNonsense).build().unwrap();
        let error = send!(nonsense.put(object("f"), world.key()).memory("x").send()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Checkpoint, "{error}");
        let nowhere = client().store(Trouble::PanicsAtPlace).build().unwrap();
        send!(nowhere.put(object("f"), world.key()).memory("x").send()).expect("nobody needs to know where");
        let panics = client().store(Trouble::PanicsAtSetAside).build().unwrap();
        let error = send!(panics.put(object("f"), world.key()).memory("x").start_over(true).send()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store, "{error}");
        let keeps = client().store(Trouble::PanicsAtRemove).build().unwrap();
        send!(keeps.put(object("f"), world.key()).memory("x").send()).expect("it is complete all the same");
    }

    fn a_source_that_lies_or_panics_is_an_error(world, client, send) {
        let client = client().store(MemoryStore::new()).build().unwrap();
        for (says, has, panics) in [(5 * PART, 2 * PART, false), (7, 0, false), (u64::MAX, 3 * PART, false), (PART, PART, true)] {
            let liar = Liar { says, has: content(has, 1), panics };
            let key = format!("{says}");
            let error = send!(client.put(object(&key), world.key()).source(liar).send()).unwrap_err();
            let kinds = [ErrorKind::Source, ErrorKind::Refused];
            assert!(kinds.contains(&error.kind()), "{says}: {:?} {error}", error.kind());
            assert!(world.object(&key).is_none());
        }
        for odd in [true, false] {
            let error = send!(client.put(object("f"), world.key()).reader(Odd(odd)).send()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Source, "{error}");
        }
        let boxed: Box<dyn Source> = Box::new(Liar { says: 3, has: b"abc".to_vec(), panics: false });
        send!(client.put(object("boxed"), world.key()).source(boxed).send()).unwrap();
    }

    fn a_stream_that_panics_or_fails_is_an_error(world, client, send) {
        let client = client().store(MemoryStore::new()).build().unwrap();
        for panics in [true, false] {
            let error = send!(client.put(object("f"), world.key()).spool(Broken(panics)).send()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Source, "{error}");
            assert!(error.to_string().contains("a defect"), "{error}");
        }
    }

    fn sources_that_say_they_are_endless_can_be_many(world, client, send) {
        let client = client().store(MemoryStore::new()).build().unwrap();
        let liar = || Liar { says: u64::MAX, has: content(PART, 1), panics: false };
        let puts = (0..3).map(|at| client.put(object("f"), world.key()).key(format!("u{at}")).source(liar()));
        for result in send!(client.put_all(puts).send()) {
            result.unwrap_err();
        }
    }

    fn durations_without_end_are_no_error(world, client, send) {
        let client = client().store(MemoryStore::new()).patience(Duration::MAX).first_contact(Duration::MAX);
        let client = client.reply_timeout(Duration::MAX).rate(NonZeroU64::MAX).build().unwrap();
        let keys = Credentials::refreshed({
            let world = world.clone();
            move || -> io::Result<_> { Ok(Issued::lasting(world.key(), Duration::MAX)) }
        });
        send!(client.put(object("f"), keys).patience(Duration::MAX).memory(content(3 * PART, 1)).send()).unwrap();
        let put = client.put(object("f"), world.key()).memory(content(3 * PART, 1));
        put.handle().drain(Duration::MAX);
        assert_eq!(send!(put.send()).unwrap_err().kind(), ErrorKind::Stopped);
        client.limits().set_calls(Duration::MAX, 0);
        client.limits().set_calls(Duration::ZERO, 0);
        client.limits().set_calls(Duration::MAX, u32::MAX);
    }

    fn an_empty_source_is_an_object_too(world, client, send) {
        let client = client().store(MemoryStore::new()).rate(NonZeroU64::MIN).build().unwrap();
        send!(client.put(object("memory"), world.key()).memory("").send()).unwrap();
        send!(client.put(object("reader"), world.key()).reader(Cursor::new([])).send()).unwrap();
        send!(client.put(object("spool"), world.key()).spool(io::empty()).send()).unwrap();
        for key in ["memory", "reader", "spool"] {
            assert_eq!(world.object(key).unwrap(), b"");
        }
    }
}

#[cfg(feature = "reqwest")]
#[test]
fn an_async_upload_outside_of_a_runtime_says_what_is_missing() {
    let world = World::new();
    let client = resumable::Client::builder().store(MemoryStore::new()).build().unwrap();
    let sent = futures::executor::block_on(client.put(object("f"), world.key()).memory("x").send());
    names(&sent.unwrap_err(), "tokio runtime");
    let given_up = futures::executor::block_on(client.put(object("f"), world.key()).key("f").abandon());
    names(&given_up.unwrap_err(), "tokio runtime");
}
