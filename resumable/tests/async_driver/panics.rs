//! Whoever panics, the upload is saved first, and the caller hears it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use resumable::drive::asynchronous::Driver;

use crate::world::{Defect, Memory, Program, Trouble, World, content};

/// Runs a world that panics, and says with what.
fn panic_of(world: &mut World) -> String {
    let panic = catch_unwind(AssertUnwindSafe(|| world.run().is_ok())).unwrap_err();
    (*panic.downcast_ref::<&str>().unwrap()).to_owned()
}

fn resumes(world: &World) {
    assert!(world.program.saved.lock().unwrap().is_some());
    let mut next = world.next_process();
    next.run().unwrap();
    assert_eq!(next.object(), Some(content()));
}

#[test]
fn a_transport_that_panics() {
    let mut world = World::new().in_trouble(Trouble::Panic);
    assert_eq!(panic_of(&mut world), "a defect in the transport");
    resumes(&world);
}

#[test]
fn a_source_that_panics_while_it_is_hashed() {
    let source = Memory { panics: 0, ..Memory::new(content()) };
    let mut world = World::with(source, Program::default(), Driver::new());
    assert_eq!(panic_of(&mut world), "a defect in the source");
    resumes(&world);
}

#[test]
fn a_source_that_panics_while_it_is_sent() {
    let source = Memory { panics: 50, ..Memory::new(content()) };
    let mut world = World::with(source, Program::default(), Driver::new());
    world.hash_first = false;
    assert_eq!(panic_of(&mut world), "a defect in the source");
    assert!(world.wire.server.lock().unwrap().count("part") > 0);
    resumes(&world);
}

#[test]
fn a_source_that_panics_when_it_is_looked_at() {
    let source = Memory { panics_in_info: true, ..Memory::new(content()) };
    let mut world = World::with(source, Program::default(), Driver::new());
    assert_eq!(panic_of(&mut world), "a defect in the source");
    resumes(&world);
}

#[test]
fn a_host_that_panics() {
    let program = Program { defect: Defect::Credential, ..Program::default() };
    let mut world = World::with(Memory::new(content()), program, Driver::new());
    assert_eq!(panic_of(&mut world), "a defect in the host");
    resumes(&world);
}

#[test]
fn a_store_that_panics_is_not_asked_for_ever() {
    let program = Program { defect: Defect::Save, ..Program::default() };
    let mut world = World::with(Memory::new(content()), program, Driver::new());
    assert_eq!(panic_of(&mut world), "a defect in the store");
}
