//! One upload: begun, stopped, gone on with, started over, given up.

use std::fs;
use std::io::{self, Cursor, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use resumable::machine::Remains;
use resumable::units::show_part;
use resumable::{Abandoned, BoxError, ErrorKind, Event, Folder, Handle, How, Key, MemoryStore, Phase, Store as _};

use super::in_both_styles;
use super::world::{PART, World, content, object};

const LEN: u64 = 10 * PART + 17;

fn stop_after(bytes: u64, handle: &Handle) -> impl Fn(&resumable::Progress) + Send + Sync + use<> {
    let handle = handle.clone();
    move |progress| {
        if progress.confirmed >= bytes {
            handle.stop();
        }
    }
}

/// A stream without end, a byte at a time, that says when it is dropped.
struct Endless {
    reads: u32,
    before_each: Box<dyn Fn(u32) + Send>,
    _dropped: Sender<()>,
}

impl Endless {
    fn new() -> (Self, Receiver<()>) {
        let (dropped, is_dropped) = channel();
        (Self { reads: 0, before_each: Box::new(|_| {}), _dropped: dropped }, is_dropped)
    }

    fn before_each(self, act: impl Fn(u32) + Send + 'static) -> Self {
        Self { before_each: Box::new(act), ..self }
    }
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reads += 1;
        (self.before_each)(self.reads);
        std::thread::sleep(Duration::from_millis(1));
        if self.reads > 20_000 {
            return Err(io::Error::other("nobody stops it"));
        }
        buffer[0] = 0;
        Ok(1)
    }
}

in_both_styles! {
    fn a_file_goes_and_leaves_nothing_behind(world, client, send) {
        let folder = tempfile::tempdir().unwrap();
        let (file, state) = (folder.path().join("f"), folder.path().join("state"));
        fs::write(&file, content(LEN, 1)).unwrap();
        let client = client().checkpoints(&state).build().unwrap();
        let put = client.put(object("dir/f"), world.key()).file(&file);
        let handle = put.handle();
        let receipt = send!(put.send()).unwrap();
        assert_eq!(receipt.how, How::Parts);
        assert!(receipt.url.unwrap().ends_with("/dir/f"));
        assert_eq!(world.object("dir/f").unwrap(), content(LEN, 1));
        assert_eq!(fs::read_dir(&state).unwrap().count(), 0, "neither checkpoint nor lock");
        let progress = handle.progress();
        assert_eq!((progress.phase, progress.confirmed, progress.total), (Phase::Ended, LEN, LEN));
        assert_eq!(progress.stats.bytes_sent, LEN);
    }

    fn what_was_stopped_goes_on_where_it_stopped(world, client, send) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f");
        fs::write(&file, content(LEN, 2)).unwrap();
        let client = client().checkpoints(folder.path().join("state")).window(2).build().unwrap();
        let put = client.put(object("f"), world.key()).file(&file);
        let handle = put.handle();
        let error = send!(put.on_progress(stop_after(4 * PART, &handle)).send()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Stopped);
        assert!(error.is_resumable());
        let (confirmed, total) = error.confirmed().unwrap();
        assert!(confirmed >= 4 * PART && confirmed < total && total == LEN, "{error}");
        assert!(error.to_string().contains(&show_part(confirmed, total)), "{error}");
        let sent = world.received();
        let put = client.put(object("f"), world.key()).file(&file);
        let handle = put.handle();
        send!(put.send()).unwrap();
        assert_eq!(handle.progress().resumed_from, confirmed);
        assert!(world.received() - sent <= LEN - confirmed + 2 * PART);
        assert_eq!(world.object("f").unwrap(), content(LEN, 2));
    }

    fn bytes_in_memory_a_reader_and_a_stream_go_on_too(world, client, send) {
        let store = MemoryStore::new();
        let client = client().store(store.clone()).window(1).build().unwrap();
        let bytes = content(LEN, 3);
        let put = |kind: &str| {
            let put = client.put(object(kind), world.key());
            match kind {
                "memory" => put.memory(bytes.clone()),
                "reader" => put.reader(Cursor::new(bytes.clone())),
                _ => put.spool(Cursor::new(bytes.clone())),
            }
        };
        for kind in ["memory", "reader", "spool"] {
            let first = put(kind);
            let handle = first.handle();
            let error = send!(first.on_progress(stop_after(3 * PART, &handle)).send()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Stopped, "{kind}: {error}");
            assert_eq!(store.keys().len(), 1);
            let second = put(kind);
            let handle = second.handle();
            send!(second.send()).unwrap();
            assert!(handle.progress().resumed_from >= 3 * PART, "{kind}");
            assert_eq!(world.object(kind).unwrap(), bytes, "{kind}");
            assert!(store.keys().is_empty());
        }
    }

    fn a_source_that_changed_is_told_and_starts_over_when_asked(world, client, send) {
        let store = MemoryStore::new();
        let client = client().store(store.clone()).window(1).build().unwrap();
        let first = client.put(object("f"), world.key()).memory(content(LEN, 4));
        let handle = first.handle();
        send!(first.on_progress(stop_after(3 * PART, &handle)).send()).unwrap_err();
        let error = send!(client.put(object("f"), world.key()).memory(content(LEN, 5)).send()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
        assert_eq!(world.unfinished(), 1, "nothing is removed that nobody asked for");
        let events = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&events);
        let again = client.put(object("f"), world.key()).memory(content(LEN, 5)).start_over(true);
        send!(again.on_event(move |event| told.lock().unwrap().push(event.clone())).send()).unwrap();
        assert_eq!(world.object("f").unwrap(), content(LEN, 5));
        assert_eq!(world.unfinished(), 0);
        assert!(events.lock().unwrap().iter().any(|event| matches!(event, Event::Removed(Remains::Nothing))));
        assert!(store.keys().is_empty());
    }

    fn a_source_may_change_as_long_as_nothing_of_it_was_sent(world, client, send) {
        let store = MemoryStore::new();
        let client = client().store(store.clone()).window(1).build().unwrap();
        let put = |seed| client.put(object("f"), world.key()).memory(content(LEN, seed));
        let stopped = put(4);
        stopped.handle().stop();
        assert_eq!(send!(stopped.send()).unwrap_err().kind(), ErrorKind::Stopped);
        let nobody = resumable::oss::Credential::new("nobody", "nothing").unwrap();
        let refused = client.put(object("f"), nobody).memory(content(LEN, 5));
        assert_eq!(send!(refused.send()).unwrap_err().kind(), ErrorKind::Credential);
        let none = || resumable::Credentials::refreshed(|| -> io::Result<resumable::oss::Credential> { Err(io::Error::other("none")) });
        for seed in [3, 5] {
            let without = client.put(object("f"), none()).memory(content(LEN, seed));
            assert_eq!(send!(without.send()).unwrap_err().kind(), ErrorKind::Credential);
        }
        let first = put(6);
        let handle = first.handle();
        send!(first.on_progress(stop_after(PART, &handle)).send()).unwrap_err();
        assert_eq!(send!(put(7).send()).unwrap_err().kind(), ErrorKind::Changed, "there is something of it");
        send!(put(6).send()).unwrap();
        assert_eq!(world.object("f").unwrap(), content(LEN, 6));
        assert!(store.keys().is_empty());
    }

    fn what_came_of_giving_up_is_told_before_it_is_forgotten(world, client, send) {
        let store = MemoryStore::new();
        let client = client().store(store.clone()).window(1).build().unwrap();
        let put = || client.put(object("f"), world.key()).key("job-18").memory(content(LEN, 6));
        let first = put();
        let handle = first.handle();
        send!(first.on_progress(stop_after(3 * PART, &handle)).send()).unwrap_err();
        let fails = |_: &Abandoned| -> Result<(), BoxError> { Err("nobody listens".into()) };
        let error = send!(put().abandon_and(fails)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Delivery, "{error}");
        assert_eq!(store.keys().len(), 1);
        assert_eq!(send!(put().abandon()).unwrap(), Abandoned::Left(Remains::Nothing));
        assert!(store.keys().is_empty());
    }

    fn an_upload_is_given_up_by_its_key_alone(world, client, send) {
        let store = MemoryStore::new();
        let client = client().store(store.clone()).window(1).build().unwrap();
        let put = client.put(object("f"), world.key()).key("job-17").memory(content(LEN, 6));
        let handle = put.handle();
        send!(put.on_progress(stop_after(3 * PART, &handle)).send()).unwrap_err();
        assert_eq!((store.keys(), world.unfinished()), (vec![Key::new("job-17").unwrap()], 1));
        let left = send!(client.put(object("f"), world.key()).key("job-17").abandon()).unwrap();
        assert_eq!(left, Abandoned::Left(Remains::Nothing));
        assert_eq!((store.keys().len(), world.unfinished()), (0, 0));
        let none = send!(client.put(object("f"), world.key()).key("job-17").abandon()).unwrap();
        assert_eq!(none, Abandoned::NotFound);
    }

    fn a_stream_is_not_read_for_an_upload_that_is_held_or_given_up(world, client, send) {
        let store = MemoryStore::new();
        let client = client().store(store.clone()).build().unwrap();
        let (read, _) = Endless::new();
        let put = |stream: Endless| {
            let stream = stream.before_each(|_| panic!("it is read"));
            client.put(object("f"), world.key()).key("mine").spool(stream)
        };
        let held = store.lock(&Key::new("mine").unwrap()).unwrap();
        assert_eq!(send!(put(read).send()).unwrap_err().kind(), ErrorKind::Held);
        drop(held);
        assert_eq!(send!(put(Endless::new().0).abandon()).unwrap(), Abandoned::NotFound);
    }

    fn an_upload_is_given_up_whose_file_is_gone(world, client, send) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f");
        fs::write(&file, content(LEN, 2)).unwrap();
        let client = client().store(MemoryStore::new()).window(1).build().unwrap();
        let put = || client.put(object("f"), world.key()).key("job-19").file(&file);
        let first = put();
        let handle = first.handle();
        send!(first.on_progress(stop_after(3 * PART, &handle)).send()).unwrap_err();
        fs::remove_file(&file).unwrap();
        assert_eq!(send!(put().abandon()).unwrap(), Abandoned::Left(Remains::Nothing));
        assert_eq!(world.unfinished(), 0);
    }

    fn an_upload_that_is_given_up_by_its_key_keeps_its_name(world, client, send) {
        let store = MemoryStore::new();
        let client = client().store(store.clone()).window(1).build().unwrap();
        let label = resumable::Label { profile: String::new(), path: "the old path".into(), destination: "f".into() };
        let first = client.put(object("f"), world.key()).key("named").label(label).memory(content(LEN, 6));
        let handle = first.handle();
        send!(first.on_progress(stop_after(3 * PART, &handle)).send()).unwrap_err();
        let fails = |_: &Abandoned| -> Result<(), BoxError> { Err("nobody listens".into()) };
        send!(client.put(object("f"), world.key()).key("named").abandon_and(fails)).unwrap_err();
        let saved = store.lock(&Key::new("named").unwrap()).unwrap().load().unwrap().unwrap();
        assert!(String::from_utf8(saved).unwrap().contains("the old path"));
    }

    fn a_running_upload_is_aborted_by_its_handle(world, client, send) {
        let store = MemoryStore::new();
        let client = client().store(store.clone()).window(1).build().unwrap();
        let put = client.put(object("f"), world.key()).memory(content(LEN, 6));
        let handle = put.handle();
        let abort = move |progress: &resumable::Progress| if progress.confirmed >= PART { handle.abort() };
        let error = send!(put.on_progress(abort).send()).unwrap_err();
        assert_eq!((error.kind(), error.remains()), (ErrorKind::Abandoned, Some(Remains::Nothing)));
        assert_eq!((store.keys().len(), world.unfinished(), world.object("f")), (0, 0, None));
    }

    fn a_drain_lets_what_is_under_way_arrive(world, client, send) {
        let client = client().store(MemoryStore::new()).window(4).build().unwrap();
        let put = client.put(object("f"), world.key()).memory(content(LEN, 7));
        let handle = put.handle();
        let drain = move |progress: &resumable::Progress| {
            if progress.confirmed >= 2 * PART {
                handle.drain(Duration::from_secs(60));
            }
        };
        let error = send!(put.on_progress(drain).send()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Stopped);
        let (confirmed, _) = error.confirmed().unwrap();
        assert_eq!(confirmed, world.received(), "all that was sent is acknowledged");
    }

    fn a_command_from_before_the_upload_counts(world, client, send) {
        let client = client().store(MemoryStore::new()).build().unwrap();
        let put = client.put(object("f"), world.key()).memory(content(LEN, 8));
        put.handle().stop();
        assert_eq!(send!(put.send()).unwrap_err().kind(), ErrorKind::Stopped);
        assert_eq!(world.received(), 0);
    }

    fn a_second_upload_of_the_same_is_held_off(world, client, send) {
        let folder = tempfile::tempdir().unwrap();
        let client = client().checkpoints(folder.path()).build().unwrap();
        let _held = Folder::new(folder.path()).lock(&Key::new("mine").unwrap()).unwrap();
        let error = send!(client.put(object("f"), world.key()).key("mine").memory("x").send()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Held);
        assert!(error.to_string().contains(&std::process::id().to_string()), "{error}");
        let store = MemoryStore::new();
        let _held = store.lock(&Key::new("mine").unwrap()).unwrap();
        let _ = world;
    }

    fn a_receipt_that_cannot_be_handed_over_is_had_again(world, client, send) {
        let store = MemoryStore::new();
        let client = client().store(store.clone()).build().unwrap();
        let put = || client.put(object("f"), world.key()).memory(content(LEN, 9));
        let fails = put().deliver(|_| -> Result<(), BoxError> { Err("the database is away".into()) });
        let error = send!(fails.send()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Delivery);
        assert!(error.to_string().contains("the database is away") && error.is_resumable(), "{error}");
        let panics = put().deliver(|_| -> Result<(), BoxError> { panic!("a defect") });
        assert_eq!(send!(panics.send()).unwrap_err().kind(), ErrorKind::Delivery);
        let (sent, got) = (world.received(), Arc::new(Mutex::new(None)));
        let kept = Arc::clone(&got);
        let keeps = put().deliver(move |receipt| -> Result<(), BoxError> {
            *kept.lock().unwrap() = Some(receipt.clone());
            Ok(())
        });
        let receipt = send!(keeps.send()).unwrap();
        assert_eq!(got.lock().unwrap().as_ref(), Some(&receipt));
        assert_eq!(world.received(), sent, "not a byte is sent again");
        assert!(store.keys().is_empty());
    }

    fn a_key_of_another_destination_keeps_its_checkpoint(world, client, send) {
        let store = MemoryStore::new();
        let client = client().store(store.clone()).window(1).build().unwrap();
        let put = |to: &str| client.put(object(to), world.key()).key("job").memory(content(LEN, 6));
        let first = put("f");
        let handle = first.handle();
        send!(first.on_progress(stop_after(3 * PART, &handle)).send()).unwrap_err();
        for error in [
            send!(put("g").send()).unwrap_err(),
            send!(put("g").start_over(true).send()).unwrap_err(),
            send!(put("g").abandon()).unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Checkpoint, "{error}");
            assert!(error.to_string().contains("/f"), "{error}");
        }
        assert_eq!((store.keys().len(), world.unfinished()), (1, 1));
        assert_eq!(send!(put("f").abandon()).unwrap(), Abandoned::Left(Remains::Nothing));
    }

    fn what_is_commanded_while_an_upload_starts_over_holds_for_the_new_one(world, client, send) {
        let client = client().store(MemoryStore::new()).window(1).build().unwrap();
        let put = || client.put(object("f"), world.key()).memory(content(LEN, 6));
        let commands: [fn(&Handle); 3] = [Handle::stop, |handle| handle.drain(Duration::from_secs(60)), Handle::abort];
        for (command, kind) in commands.into_iter().zip([ErrorKind::Stopped, ErrorKind::Stopped, ErrorKind::Abandoned]) {
            for after in [false, true] {
                let first = put();
                let handle = first.handle();
                send!(first.on_progress(stop_after(3 * PART, &handle)).send()).unwrap_err();
                let again = put().start_over(true);
                let (handle, sent) = (again.handle(), world.received());
                let again = again.on_event(move |event| match event {
                    Event::Removing if !after => command(&handle),
                    Event::Removed(_) if after => command(&handle),
                    _ => {}
                });
                assert_eq!(send!(again.send()).unwrap_err().kind(), kind);
                assert_eq!(world.received(), sent, "nothing is sent any more");
                assert!(world.object("f").is_none());
                send!(put().abandon()).unwrap();
            }
        }
    }

    fn an_upload_that_could_not_begin_has_ended(world, client, send) {
        let store = MemoryStore::new();
        let client = client().store(store.clone()).build().unwrap();
        let _held = store.lock(&Key::new("mine").unwrap()).unwrap();
        let put = || client.put(object("f"), world.key());
        for put in [put(), put().key("mine").memory("x"), put().file("/nowhere"), put().memory("x").window(0)] {
            let handle = put.handle();
            send!(put.send()).unwrap_err();
            assert_eq!(handle.progress().phase, Phase::Ended);
        }
        let none = put().key("none");
        let handle = none.handle();
        send!(none.abandon()).unwrap();
        assert_eq!(handle.progress().phase, Phase::Ended);
    }

    fn a_stream_is_read_no_further_once_its_upload_is_stopped(world, client, send) {
        let client = client().store(MemoryStore::new()).build().unwrap();
        let (stream, _) = Endless::new();
        let put = client.put(object("f"), world.key());
        let handle = put.handle();
        let stops = move |reads| if reads == 20 { handle.stop() };
        let error = send!(put.spool(stream.before_each(stops)).send()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Stopped, "{error}");
        assert_eq!(world.received(), 0);
    }

    #[cfg(unix)]
    fn a_stream_leaves_no_file_behind_if_the_process_ends(world, client, send) {
        let client = client().store(MemoryStore::new()).build().unwrap();
        let bytes = content(LEN + 4711, 3);
        world.before(3, |_| {
            for entry in fs::read_dir(std::env::temp_dir()).unwrap() {
                let metadata = entry.and_then(|entry| entry.metadata());
                assert!(!metadata.is_ok_and(|it| it.len() == LEN + 4711), "it has a name");
            }
        });
        send!(client.put(object("f"), world.key()).spool(Cursor::new(bytes.clone())).send()).unwrap();
        assert_eq!(world.object("f").unwrap(), bytes);
    }

    fn a_refusal_that_leaves_nothing_leaves_no_checkpoint(world, client, send) {
        let store = MemoryStore::new();
        let client = client().store(store.clone()).build().unwrap();
        let to = resumable::oss::at("https://oss-cn-shenzhen.aliyuncs.com", "otherbucket", "f").unwrap();
        let error = send!(client.put(to, world.key()).memory("x").send()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
        assert!(error.to_string().contains("NoSuchBucket"), "{error}");
        assert!(!error.is_resumable() && store.keys().is_empty());
    }
}

#[test]
fn dropping_the_future_keeps_the_checkpoint() {
    let (world, store) = (World::new(), MemoryStore::new());
    let client = resumable::Client::builder().transport(world.clone()).store(store.clone()).window(1).build().unwrap();
    let put = client.put(object("f"), world.key()).memory(content(LEN, 10));
    let (tell, told) = futures::channel::oneshot::channel();
    let tell = Mutex::new(Some(tell));
    let put = put.on_progress(move |progress| {
        if progress.confirmed >= 3 * PART {
            let _ = tell.lock().unwrap().take().map(|tell| tell.send(()));
        }
    });
    let first = futures::executor::block_on(futures::future::select(Box::pin(put.send()), told));
    assert!(matches!(first, futures::future::Either::Right(_)), "it ended before it was dropped");
    drop(first);
    let key = store.keys().pop().expect("the checkpoint");
    while store.lock(&key).is_err() {
        std::thread::yield_now();
    }
    futures::executor::block_on(client.put(object("f"), world.key()).memory(content(LEN, 10)).send()).unwrap();
    assert!(world.received() <= LEN + 2 * PART, "{} bytes", world.received());
    assert_eq!(world.object("f").unwrap(), content(LEN, 10));
}

#[test]
fn an_upload_whose_future_was_dropped_has_ended() {
    let client = resumable::Client::builder().transport(World::new()).store(MemoryStore::new()).build().unwrap();
    let put = client.put(object("f"), World::new().key()).memory("x");
    let handle = put.handle();
    drop(put.send());
    assert_eq!(handle.progress().phase, Phase::Ended);
}

#[test]
fn a_stream_is_read_no_further_once_its_future_is_dropped() {
    let client = resumable::Client::builder().transport(World::new()).store(MemoryStore::new()).build().unwrap();
    let (stream, is_dropped) = Endless::new();
    let (tell, told) = futures::channel::oneshot::channel();
    let tell = Mutex::new(Some(tell));
    let begins = move |_| {
        let _ = tell.lock().unwrap().take().map(|tell| tell.send(()));
    };
    let put = client.put(object("f"), World::new().key()).spool(stream.before_each(begins));
    let first = futures::executor::block_on(futures::future::select(Box::pin(put.send()), told));
    assert!(matches!(first, futures::future::Either::Right(_)), "it ended before it was dropped");
    drop(first);
    let ended = is_dropped.recv_timeout(Duration::from_secs(10));
    assert_eq!(ended, Err(RecvTimeoutError::Disconnected), "it is read on");
}

#[test]
fn a_paused_upload_keeps_no_place_in_the_window() {
    let (world, pauses) = (World::new(), std::sync::mpsc::channel());
    let client = resumable::blocking::Client::builder().transport(world.clone()).store(MemoryStore::new());
    let client = client.window(1).build().unwrap();
    let put = client.put(object("paused"), world.key()).key("paused").memory(content(LEN, 1));
    let (handle, pause) = (put.handle(), put.handle());
    let put = put.on_progress(move |progress| {
        if progress.confirmed >= 2 * PART && progress.confirmed < 4 * PART {
            pause.pause();
            let _ = pauses.0.send(());
        }
    });
    let sends = std::thread::spawn(move || put.send());
    pauses.1.recv().unwrap();
    for at in 0..3_u64 {
        let key = format!("{at}");
        client.put(object(&key), world.key()).key(key).memory(content(3 * PART, at)).send().unwrap();
    }
    assert!(world.object("paused").is_none());
    while !sends.is_finished() {
        handle.resume();
        std::thread::yield_now();
    }
    sends.join().unwrap().unwrap();
    assert_eq!(world.object("paused").unwrap(), content(LEN, 1));
}

#[test]
fn events_come_as_a_stream_that_ends_with_the_upload() {
    use futures::StreamExt as _;
    let world = World::new();
    let client = resumable::Client::builder().transport(world.clone()).store(MemoryStore::new()).build().unwrap();
    let mut put = client.put(object("f"), world.key()).memory(content(LEN, 11));
    let events = put.events();
    let (sent, events) = futures::executor::block_on(futures::future::join(put.send(), events.collect::<Vec<Event>>()));
    sent.unwrap();
    assert!(matches!(events[0], Event::Began { resumed_from: None, total: LEN }));
}

#[test]
fn a_file_that_is_written_to_is_told_apart_whatever_came_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f");
    fs::write(&file, content(LEN, 12)).unwrap();
    let world = World::new();
    let client = resumable::blocking::Client::builder().transport(world.clone()).store(MemoryStore::new());
    let client = client.window(1).build().unwrap();
    let grows = file.clone();
    world.before(5, move |_| fs::write(grows, content(LEN + 1, 12)).unwrap());
    let error = client.put(object("f"), world.key()).file(&file).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
    assert!(error.to_string().contains("its length differs"), "{error}");
    assert!(error.advice()[0].starts_with("Reason: "), "{error}");
    assert!(world.object("f").is_none());
}

#[test]
fn a_stream_and_an_async_reader_are_written_down_and_go_on_too() {
    use futures::{StreamExt as _, stream};
    let (world, bytes) = (World::new(), content(LEN, 13));
    let store = MemoryStore::new();
    let client = resumable::Client::builder().transport(world.clone()).store(store.clone()).window(1).build().unwrap();
    let pieces = bytes.chunks(7000).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect::<Vec<_>>();
    let first = client.put(object("stream"), world.key()).spool_stream(stream::iter(pieces));
    let handle = first.handle();
    let error = futures::executor::block_on(first.on_progress(stop_after(3 * PART, &handle)).send()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Stopped, "{error}");
    let second = client.put(object("stream"), world.key()).spool_reader(futures::io::Cursor::new(bytes.clone()));
    let handle = second.handle();
    futures::executor::block_on(second.send()).unwrap();
    assert!(handle.progress().resumed_from >= 3 * PART);
    assert_eq!(world.object("stream").unwrap(), bytes);
    let cut = stream::iter([Ok(bytes[..1000].to_vec()), Err("the pipe broke")]);
    let error = futures::executor::block_on(client.put(object("cut"), world.key()).spool_stream(cut).send());
    let error = error.unwrap_err();
    assert!(error.kind() == ErrorKind::Source && error.to_string().contains("the pipe broke"), "{error}");
    let slow = stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let put = client.put(object("slow"), world.key()).spool_stream(slow);
    let handle = put.handle();
    let stopped = futures::executor::block_on(futures::future::join(put.send(), async { handle.stop() })).0;
    assert_eq!(stopped.unwrap_err().kind(), ErrorKind::Stopped);
    // Whoever holds it ends this at once, though the stream never gives anything.
    let _held = store.lock(&Key::new("held").unwrap()).unwrap();
    let endless = stream::pending::<Result<Vec<u8>, std::io::Error>>().boxed();
    let put = client.put(object("held"), world.key()).key("held").spool_stream(endless);
    assert_eq!(futures::executor::block_on(put.send()).unwrap_err().kind(), ErrorKind::Held);
    assert!(world.object("cut").is_none());
}

#[test]
fn events_come_to_another_thread_of_a_blocking_program() {
    let world = World::new();
    let client = resumable::blocking::Client::builder().transport(world.clone()).store(MemoryStore::new());
    let mut put = client.build().unwrap().put(object("f"), world.key()).memory(content(LEN, 14));
    let events = put.events();
    let seen = std::thread::spawn(move || events.iter().count());
    put.send().unwrap();
    assert!(seen.join().unwrap() > 1);
}
