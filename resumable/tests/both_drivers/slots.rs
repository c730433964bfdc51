//! Slots: when they come, when they go back.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use resumable::drive::Grant;
use resumable_core::{Failure, Slot};

use crate::toy::{Key, Opens};
use crate::world::{DRIVERS, Desk, Wire, content};

#[test]
fn what_an_answer_leads_to_is_told_before_its_slot_goes_back() {
    for drive in DRIVERS {
        let desk = Desk {
            on_key: Box::new(|_, refused, _| Ok(Key(if refused.is_some() { "right" } else { "stale" }.to_owned()))),
            ..Desk::default()
        };
        let (desk, wire) = (Arc::new(desk), Wire::default());
        wire.server.lock().unwrap().key = Some("right".to_owned());
        drive(&desk, &wire).end.unwrap();
        let notes = desk.notes();
        assert_eq!(notes[..2], ["reauthorizing", "back"], "{notes:?}");
        assert_eq!(notes.len(), 1 + wire.server.lock().unwrap().seen.len(), "a slot for each request: {notes:?}");
    }
}

#[test]
fn what_all_uploads_may_ask_is_inquired_of_the_host_and_its_answer_shared() {
    for drive in DRIVERS {
        let (desk, wire) = (Arc::new(Desk { opens: Opens::ForAll, ..Desk::default() }), Wire::default());
        drive(&desk, &wire).end.unwrap();
        let notes = desk.notes();
        assert_eq!(notes[..2], ["inquires", "shares"], "{notes:?}");
        assert!(notes[2..].iter().all(|note| *note == "back"), "{notes:?}");
        assert_eq!(notes.len(), 2 + wire.server.lock().unwrap().seen.len(), "a slot for each request: {notes:?}");
    }
}

#[test]
fn a_slot_may_come_late_and_from_another_thread() {
    for drive in DRIVERS {
        let (ask, asked) = channel::<Grant>();
        let ask = Mutex::new(ask);
        let on_slot = move |_: &Desk, grant| ask.lock().unwrap().send(grant).unwrap();
        let (desk, wire) = (Arc::new(Desk { on_slot: Box::new(on_slot), ..Desk::default() }), Wire::default());
        let slots = Arc::clone(&desk);
        let giver = thread::spawn(move || {
            // The last request of the upload is for its finish.
            for grant in asked.iter().take(12) {
                thread::yield_now();
                grant.give(slots.slot());
            }
        });
        drive(&desk, &wire).end.unwrap();
        giver.join().unwrap();
        assert_eq!(wire.server.lock().unwrap().object, Some(content()));
        assert_eq!(desk.notes(), ["back"; 12]);
    }
}

#[test]
fn a_slot_that_comes_after_the_end_goes_back_though_the_driver_lives() {
    for drive in DRIVERS {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let keeps = Arc::clone(&kept);
        let on_slot = move |desk: &Desk, grant| {
            keeps.lock().unwrap().push(grant);
            desk.stop();
        };
        let (desk, wire) = (Arc::new(Desk { on_slot: Box::new(on_slot), ..Desk::default() }), Wire::default());
        let ended = drive(&desk, &wire);
        assert!(matches!(ended.end, Err(Failure::Stopped)));
        let grant = kept.lock().unwrap().pop().unwrap();
        grant.give(desk.slot());
        assert_eq!(desk.notes(), ["back"]);
        drop(ended.driver);
    }
}

#[test]
fn a_request_for_a_slot_that_is_dropped_is_refused_for_a_second() {
    let (tell, told) = channel();
    let grant = || {
        let tell = tell.clone();
        Grant::new(move |answer| tell.send(answer.map(drop)).unwrap())
    };
    drop(grant());
    grant().later(Duration::from_secs(7));
    grant().give(Slot::free());
    drop(tell);
    let answers: Vec<_> = told.iter().collect();
    assert_eq!(answers, [Err(Duration::from_secs(1)), Err(Duration::from_secs(7)), Ok(())]);
}
