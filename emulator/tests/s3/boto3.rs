//! The vendor's own SDK against the listener: `boto3` of Python, with the checksums it adds by itself and without.

#![cfg(feature = "listener")]

use resumable_emulator::{Config, Fault, Rule};

use crate::sdk::{Sdk, Served};

fn serve() -> Option<Served> {
    Served::to(Sdk::Python("boto3"), Config::default())
}

#[track_caller]
fn run(served: &Served, what: &str) {
    served.run("s3/boto3_client.py", what, &served.ready("s3"));
}

#[test]
fn boto3_uploads_lists_aborts_and_reads_back() {
    let Some(served) = serve() else { return };
    run(&served, "everything");
}

#[test]
fn boto3_finds_the_region_and_is_told_of_wrong_keys() {
    let Some(served) = serve() else { return };
    run(&served, "keys_and_regions");
}

#[test]
fn boto3_goes_on_where_it_was_interrupted() {
    let Some(served) = serve() else { return };
    served.emulator.inject(Rule::once("upload_part", Fault::DropReply).skip(2));
    run(&served, "interrupted");
    assert_eq!((served.count("upload_part"), served.count("complete")), (3, 0));
    run(&served, "resumed");
    assert_eq!((served.count("upload_part"), served.count("initiate")), (5, 1));
}

#[test]
fn boto3_proves_the_whole_object_by_its_checksum() {
    let Some(served) = serve() else { return };
    run(&served, "whole_checksum");
}

/// Servers that take the condition and do not look at it let two writers win.
#[test]
fn field_bug_119_a_condition_is_kept_by_put_and_by_complete() {
    let Some(served) = serve() else { return };
    run(&served, "conditions");
}

/// Some take any text.
#[test]
fn field_bug_120_a_checksum_that_is_not_the_contents_is_refused() {
    let Some(served) = serve() else { return };
    run(&served, "checksums");
}
