//! What version 0.1.0 wrote before names in the code changed is read as it was. The files in `saved/` are that version's own: an
//! upload of each vendor that was killed, and the profiles that `emulator --config-out` wrote.

use std::fs;
use std::path::PathBuf;

use resumable::cos_v1::CosV1;
use resumable::cos_v2::CosV2;
use resumable::machine::{Checkpoint, Protocol};
use resumable::oss::Oss;
use resumable::p115::P115;
use resumable::xfyun::Xfyun;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::kit::Home;

const VENDORS: [&str; 5] = ["115", "cos-v1", "cos-v2", "oss", "xfyun"];

fn saved(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/command/saved").join(name)
}

#[derive(Deserialize)]
struct Stored {
    checkpoint: Box<RawValue>,
}

/// It is read, and written again byte for byte: no name has changed in either direction.
fn is_kept<P: Protocol>(vendor: &str) {
    let text = fs::read_to_string(saved(&format!("{vendor}.json"))).unwrap();
    let stored: Stored = serde_json::from_str(&text).unwrap();
    let bytes = stored.checkpoint.get().as_bytes();
    let checkpoint = Checkpoint::<P>::from_bytes(bytes).unwrap_or_else(|error| panic!("{vendor}: {error}"));
    assert_eq!(String::from_utf8(checkpoint.to_bytes()).unwrap(), stored.checkpoint.get(), "{vendor}");
}

#[test]
fn checkpoints_of_every_vendor_keep_their_names() {
    is_kept::<P115>("115");
    is_kept::<CosV1>("cos-v1");
    is_kept::<CosV2>("cos-v2");
    is_kept::<Oss>("oss");
    is_kept::<Xfyun>("xfyun");
}

#[test]
fn uploads_are_listed() {
    let home = Home::new();
    let folder = home.state();
    fs::create_dir_all(&folder).unwrap();
    for (at, vendor) in VENDORS.iter().enumerate() {
        fs::copy(saved(&format!("{vendor}.json")), folder.join(format!("{at:016x}.json"))).unwrap();
    }
    let list = home.run(&["list"]).ends(0);
    for vendor in VENDORS {
        assert!(list.out.contains(&format!("emu-{vendor}")), "{list:?}");
    }
}

#[test]
fn profiles_of_every_vendor_are_read() {
    let home = Home::new();
    let config = saved("profiles.toml");
    for vendor in VENDORS {
        let to = format!("emu-{vendor}:/d/none.bin");
        let put = |config: &str| home.run(&["--config", config, "put", "none.bin", &to]);
        put(config.to_str().unwrap()).ends(3);
        let text = fs::read_to_string(&config).unwrap().replace("endpoint", "end_point");
        let wrong = home.file("wrong.toml", 0, 1);
        fs::write(&wrong, text).unwrap();
        put(wrong.to_str().unwrap()).ends(2).says(&["end_point"]);
    }
}
