//! What goes wrong in other clients of this API, through the machine.

mod far;

use far::{Server, Trouble, World, content, slices, start};
use resumable_core::{Failure, How};

/// The vendor's SDK for Node never calls back when the answer to the last slice has no `url`.
#[test]
fn field_bug_41_an_answer_to_the_last_slice_without_url_hangs_for_ever() {
    let mut world = World::new(Server::new(), content(40));
    world.server.tells = false;
    let run = start(world, slices());
    assert_eq!(run.asked(), ["init", "slice@0", "slice@16", "slice@32", "init S1+a/b=="]);
    assert_eq!(run.complete().how, How::Parts);
}

/// Nor is there a wait without an end when the vendor never gives one.
#[test]
fn field_bug_41_a_vendor_that_never_gives_an_address_is_an_error() {
    let mut world = World::new(Server::new(), content(40));
    (world.server.tells, world.server.completes) = (false, false);
    assert!(matches!(start(world, slices()).failure(), Failure::Exhausted { .. }));
    let mut world = World::new(Server::new(), content(40));
    for request in 0..200 {
        world = world.with(request, Trouble::Says(200, r#"{"code":0,"data":{"session":"S","offset":0}}"#.into()));
    }
    let mut run = start(world, slices());
    run.world.troubles.clear();
    run.failure();
}

/// The vendor's SDK for PHP sends the absolute local path as the name of the file part.
#[test]
fn field_bug_42_no_local_path_goes_out_as_a_file_name() {
    let mut small = slices();
    small.one_request_max = 100;
    for options in [slices(), small] {
        let run = start(World::new(Server::new(), content(40)), options);
        for body in &run.bodies {
            assert!(!String::from_utf8_lossy(body).contains("filename"));
        }
        run.complete();
    }
}
