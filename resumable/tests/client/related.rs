//! What an unfinished upload has to do with a new one, by what is said of both: nobody is asked.

use std::path::{Path, PathBuf};
use std::{fs, slice};

use resumable::file::Listed;
use resumable::machine::{Located, Options, Upload};
use resumable::profile::{Profile, Profiles};
use resumable::transport::Clock;
use resumable::{FileSource, Folder, Key, Label, MemoryStore, Relation, Source as _, oss};

use super::world::{BUCKET, World, content};

const PUBLIC: &str = "https://oss-cn-shenzhen.aliyuncs.com";
const INTERNAL: &str = "https://oss-cn-shenzhen-internal.aliyuncs.com";

fn profile() -> Profile {
    let text = format!(
        "[profiles.p]\nprotocol = 'oss'\nendpoint = '{PUBLIC}'\nbucket = '{BUCKET}'\naccess_key_id = 'i'\naccess_key_secret = 's'"
    );
    Profiles::parse(&text, "p.toml").unwrap().get("p").unwrap()
}

fn label(profile: &str, file: &Path, destination: &str) -> Label {
    Label { profile: profile.to_owned(), path: file.display().to_string(), destination: destination.to_owned() }
}

/// An upload of this file that was begun and is kept.
fn begun<P: Located>(state: &Path, to: P, label: &Label) -> Listed {
    let folder = Folder::new(state);
    let info = FileSource::open(&label.path).unwrap().info().unwrap();
    let upload = Upload::start(to, info, None, Options::new(1));
    let guard = folder.lock(&Key::new("begun").unwrap()).unwrap();
    guard.save(label, &upload.checkpoint(Clock::start().now())).unwrap();
    drop(guard);
    folder.list().unwrap().remove(0)
}

#[test]
fn it_is_of_the_same_object_or_of_the_same_name_or_a_stranger() {
    let room = tempfile::tempdir().unwrap();
    let at = |name: &str| -> PathBuf { room.path().canonicalize().unwrap().join(name) };
    let (new, gone, other, state) = (at("new"), at("gone"), at("other"), at("state"));
    fs::write(&new, content(10, 1)).unwrap();
    fs::write(&gone, content(10, 1)).unwrap();
    fs::write(&other, content(11, 1)).unwrap();
    let client =
        resumable::blocking::Client::builder().transport(World::new()).store(MemoryStore::new()).build().unwrap();
    let put = || client.put_to(&profile(), "f").unwrap().file(&new);
    let object = |endpoint: &str, key: &str| oss::at(endpoint, BUCKET, key).unwrap();
    let mut listed = Vec::new();
    for (endpoint, key, file, profile, destination, expected) in [
        (INTERNAL, "f", &new, "x", "x", Some(Relation::SameObject)),
        (INTERNAL, "f", &gone, "x", "x", Some(Relation::SameObject)),
        (INTERNAL, "f", &other, "x", "x", None),
        (INTERNAL, "g", &new, "x", "x", None),
        (INTERNAL, "g", &new, "p", "f", Some(Relation::Elsewhere)),
        (INTERNAL, "g", &new, "p", "g", None),
        (INTERNAL, "g", &new, "q", "f", None),
        (INTERNAL, "g", &gone, "p", "f", None),
        (PUBLIC, "f", &new, "p", "f", None),
        (PUBLIC, "f", &gone, "x", "x", Some(Relation::Moved)),
        (PUBLIC, "f", &other, "x", "x", None),
        (PUBLIC, "g", &new, "p", "f", Some(Relation::Elsewhere)),
        (PUBLIC, "g", &gone, "x", "x", None),
    ] {
        let one = begun(&state, object(endpoint, key), &label(profile, file, destination));
        listed.push((one, endpoint, key, file, expected));
    }
    fs::remove_file(&gone).unwrap();
    for (one, endpoint, key, file, expected) in &listed {
        let put = put().label(label("p", &new, "f"));
        let found: Vec<Relation> = put.related(slice::from_ref(one)).iter().map(|found| found.relation).collect();
        assert_eq!(found, expected.iter().copied().collect::<Vec<_>>(), "{endpoint} {key} {file:?}");
        assert_eq!(
            put.leads_to_same_object(&one.content.as_ref().unwrap().1.target),
            (*endpoint, *key) == (INTERNAL, "f")
        );
    }
    // Two without a profile are not the same by its name, and the upload's own place is none that it continues.
    let unnamed = begun(&state, object(INTERNAL, "g"), &label("", &new, "f"));
    assert!(put().label(label("", &new, "f")).related(&[unnamed]).is_empty());
    let own = begun(&state, object(INTERNAL, "f"), &label("p", &new, "f"));
    assert!(put().key("begun").related(&[own]).is_empty());
}
