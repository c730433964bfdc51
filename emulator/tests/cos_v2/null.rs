//! A store that keeps no bytes: what is still checked, and what is believed.

use crate::client::*;
use resumable_emulator::{Emulator, NullStorage};

fn null() -> Emulator {
    Emulator::new(tiny(|_| {}), Box::new(NullStorage::new())).expect("an emulator")
}

#[test]
fn an_upload_without_a_digest() {
    let (emulator, file) = (null(), bytes(200));
    let session = init(&emulator, &file, 64).session();
    finish(&emulator, &session, 200).is(409, -4019);
    for (index, slice) in file.chunks(64).enumerate().rev() {
        data(&emulator, &session, index * 64, slice).is(200, 0);
    }
    data(&emulator, &session, 0, &file[..64]).is(200, 0);
    assert_eq!(emulator.totals().file_bytes, 200);
    finish(&emulator, &session, 200).is(200, 0);
    let stat = call(&emulator, &[Text("op", "stat")]);
    assert_eq!((&stat.data()["filesize"], stat.data().get("sha")), (&200.into(), None));
    delete(&emulator, URL, 1).is(200, 0);
    delete(&emulator, URL, 2).is(404, -197);
}

#[test]
fn slices_are_verified_as_they_come() {
    let (emulator, file) = (null(), bytes(200));
    let digest = sha(&file);
    let session = init_sha(&emulator, URL, &file, 64, 64).session();
    data_sha(&emulator, &session, 64, &file[..64], &digest).is(409, -4016);
    for (index, slice) in file.chunks(64).enumerate() {
        data_sha(&emulator, &session, index * 64, slice, &digest).is(200, 0);
    }
    finish_sha(&emulator, &session, &file).is(200, 0);
    assert_eq!(call(&emulator, &[Text("op", "stat")]).data()["sha"], digest.as_str());
    let twin = init_sha(&emulator, "/files/v2/10055004/accesslog/twin", &file, 64, 64);
    assert!(twin.data().get("access_url").is_some());
}

#[test]
fn one_request_and_no_byte_of_it_afterwards() {
    let emulator = null();
    upload(&emulator, URL, b"hello").is(200, 0);
    assert_eq!(call(&emulator, &[Text("op", "stat")]).data()["sha"], sha(b"hello").as_str());
    assert!(emulator.cos_v2().read_object("10055004", "accesslog", "d/f.bin").is_err());
}
