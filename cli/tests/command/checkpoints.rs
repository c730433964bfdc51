//! Checkpoints that are no use: damaged, of another version, of another upload, in use. None of them loses anything.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use resumable::file::Folder;
use resumable_emulator::Config;
use serde_json::{Value, json};

use crate::kit::{APPID, BUCKET, Home, PART, as_first_format};

/// An upload that was broken off.
struct Broken {
    home: Home,
    file: PathBuf,
    checkpoint: PathBuf,
    whole: Vec<u8>,
    stored: u64,
}

impl Broken {
    fn new() -> Self {
        let home = Home::new();
        let file = home.file("big.bin", 12 * PART, 1);
        home.break_off(&file, "/x");
        let checkpoint = home.checkpoint();
        let whole = fs::read(&checkpoint).unwrap();
        let stored = home.emulator.totals().file_bytes;
        Self { home, file, checkpoint, whole, stored }
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.whole).unwrap()
    }

    /// With this in place of the checkpoint, every command ends with 1 and these words; the vendor is not asked, and
    /// what is in the folder stays.
    #[track_caller]
    fn is_refused(&self, content: impl AsRef<[u8]>, says: &[&str]) {
        let (content, name) = (content.as_ref(), self.checkpoint.to_str().unwrap());
        fs::write(&self.checkpoint, content).unwrap();
        let asked = self.home.emulator.totals().requests;
        self.home.put(&self.file, "/x", &[]).ends(1).says(&[name, "--restart"]).says(says);
        self.home.run(&["abort", &self.home.key()]).ends(1).says(&[name]).says(says);
        let list = self.home.run(&["list"]).ends(0);
        assert!(list.out.contains(name) && says.iter().all(|word| list.out.contains(word)), "{list:?}");
        assert_eq!(fs::read(&self.checkpoint).unwrap(), content, "it is left as it is");
        assert_eq!(self.home.emulator.totals().requests, asked);
        assert!(self.home.emulator.cos_v2().slices(APPID, BUCKET, "x").is_some());
    }

    /// With the right checkpoint in its place the upload goes on where it was.
    #[track_caller]
    fn put_back_it_resumes(self) {
        fs::write(&self.checkpoint, &self.whole).unwrap();
        let ran = self.home.put(&self.file, "/x", &[]).ends(0).says(&["resuming "]);
        assert_eq!(ran.result("bytes sent"), (12 * PART - self.stored).to_string());
        assert!(self.home.holds("/x", &self.file) && self.home.checkpoints().is_empty());
    }
}

/// What it says of damage: what happened, that nothing is lost, what to do.
const DAMAGED: &[&str] = &["is damaged (", "nothing is lost at the vendor", "move the file away"];

#[test]
fn an_empty_checkpoint_is_1() {
    let broken = Broken::new();
    broken.is_refused("", DAMAGED);
    broken.put_back_it_resumes();
}

/// After each kind of token: within and after names, texts, numbers, and before each bracket.
#[test]
fn a_checkpoint_cut_anywhere_is_1() {
    let broken = Broken::new();
    let text = String::from_utf8(broken.whole.clone()).unwrap();
    let mut seen = Vec::new();
    for (at, pair) in text.as_bytes().windows(2).enumerate() {
        let kind = pair.iter().map(|byte| if byte.is_ascii_alphanumeric() { b'a' } else { *byte }).collect::<Vec<_>>();
        if !seen.contains(&kind) {
            seen.push(kind);
            broken.is_refused(&text[..=at], DAMAGED);
        }
    }
    assert!(seen.len() > 10, "{seen:?}");
    broken.put_back_it_resumes();
}

#[test]
fn a_checkpoint_of_random_bytes_is_1() {
    let broken = Broken::new();
    let mut random = fastrand::Rng::with_seed(7);
    for len in [1, 16, 1000, 100_000] {
        let mut bytes = vec![0; len];
        random.fill(&mut bytes);
        broken.is_refused(&bytes, DAMAGED);
    }
    broken.is_refused(vec![0; broken.whole.len()], DAMAGED);
    broken.is_refused("[".repeat(100_000), DAMAGED);
    broken.put_back_it_resumes();
}

#[test]
fn a_checkpoint_of_another_shape_is_1() {
    let broken = Broken::new();
    for text in
        ["null", "{}", "[]", "7", "\"x\"", "{\"label\":{},\"checkpoint\":{}}", "{\"checkpoint\":{\"format\":1}}"]
    {
        broken.is_refused(text, DAMAGED);
    }
    broken.put_back_it_resumes();
}

#[test]
fn a_checkpoint_that_lacks_a_part_is_1() {
    let broken = Broken::new();
    let parts = broken.json()["checkpoint"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    // What cannot be seen without knowing the vendor is in the list as if nothing were wrong.
    for part in ["format", "protocol", "target", "source", "saved_unix", "confirmed"] {
        assert!(parts.iter().any(|name| name == part));
        let mut json = broken.json();
        json["checkpoint"].as_object_mut().unwrap().remove(part);
        broken.is_refused(json.to_string(), DAMAGED);
    }
    broken.put_back_it_resumes();
}

#[test]
fn a_checkpoint_of_a_newer_format_is_1_and_not_called_damaged() {
    let broken = Broken::new();
    for format in [3, 4_000_000_000_u64] {
        let mut json = broken.json();
        json["checkpoint"]["format"] = json!(format);
        // Another version may have other parts.
        json["checkpoint"]["session"] = json!({ "what": "comes next" });
        broken.is_refused(json.to_string(), &[&format!("has format {format}, but this version reads formats up to 2")]);
    }
    broken.put_back_it_resumes();
}

/// Every value of a checkpoint, edited by hand: whatever comes of it, nobody panics, no mixture is finished, and what
/// the vendor has is not lost.
#[test]
fn a_checkpoint_that_was_edited_loses_nothing() {
    let mut edited = Edited::new();
    let mut places = Vec::new();
    leaves(&edited.json["checkpoint"], String::from("/checkpoint"), &mut places);
    assert!(places.iter().any(|place| place == "/checkpoint/session/open/slice_size"), "{places:?}");
    let values = [json!(0), json!(u64::MAX), json!(-1), json!("x"), Value::Null];
    let calls =
        [json!("finish"), json!("upload"), json!("delete"), json!({ "data": { "offset": u64::MAX, "datalen": 1 } })];
    for place in &places {
        let empty = edited.json.pointer(place).unwrap().is_null();
        for value in values.iter().chain(calls.iter().filter(|_| empty)) {
            edited.runs_with(place, value);
        }
    }
}

fn leaves(value: &Value, at: String, into: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| leaves(value, format!("{at}/{name}"), into)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| leaves(value, format!("{at}/{index}"), into));
        }
        _ => into.push(at),
    }
}

/// A small upload that was broken off, in as many slices as a large one.
struct Edited {
    home: Home,
    config: Config,
    file: PathBuf,
    json: Value,
    checkpoint: PathBuf,
}

impl Edited {
    fn new() -> Self {
        const SLICE: u64 = 64 << 10;
        let mut config = Config::default();
        config.cos_v2.switches.slice_size = Some(SLICE);
        let mut home = Home::with(config.clone());
        home.configure("one_request_max = 0");
        let file = home.file("big.bin", 12 * SLICE, 1);
        home.break_off_after(&file, "/x", 3 * SLICE);
        home.unplug();
        copy(&home.path("data"), &home.path("as-it-was"));
        let checkpoint = home.checkpoint();
        let json = serde_json::from_slice(&fs::read(&checkpoint).unwrap()).unwrap();
        Self { home, config, file, json, checkpoint }
    }

    fn runs_with(&mut self, place: &str, value: &Value) {
        let (home, mut json) = (&mut self.home, self.json.clone());
        *json.pointer_mut(place).unwrap() = value.clone();
        fs::remove_dir_all(home.path("data")).unwrap();
        copy(&home.path("as-it-was"), &home.path("data"));
        fs::write(&self.checkpoint, json.to_string()).unwrap();
        home.plug_in_with(self.config.clone());
        let ran = home.put(&self.file, "/x", &["--patience", "0s"]);
        match ran.code {
            0 => assert!(home.holds("/x", &self.file), "{place} {value}: {ran:?}"),
            1 | 3 | 5 | 6 => {
                let object = home.emulator.cos_v2().read_object(APPID, BUCKET, "x").unwrap();
                let slices = home.emulator.cos_v2().slices(APPID, BUCKET, "x");
                assert!(object.is_none() && slices.is_some() && self.checkpoint.exists(), "{place} {value}: {ran:?}");
            }
            _ => panic!("{place} {value}: {ran:?}"),
        }
        home.unplug();
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let there = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &there);
        } else {
            fs::copy(entry.path(), there).unwrap();
        }
    }
}

#[test]
fn a_checkpoint_of_another_target_is_1() {
    let broken = Broken::new();
    let mut json = broken.json();
    as_first_format(&mut json);
    let target = json["checkpoint"]["target"].as_str().unwrap().replace("/x", "/y");
    json["checkpoint"]["target"] = json!(target);
    fs::write(&broken.checkpoint, json.to_string()).unwrap();
    let ran = broken.home.put(&broken.file, "/x", &[]).ends(1);
    ran.says(&["the checkpoint is for ", "/y, not for ", "/x", "Move that file away, or add --restart"]);
    broken.home.run(&["abort", &broken.home.key()]).ends(2).says(&["now points somewhere else", "/y"]);
    broken.put_back_it_resumes();
}

#[test]
fn a_checkpoint_of_another_protocol_is_1() {
    let broken = Broken::new();
    let mut json = broken.json();
    as_first_format(&mut json);
    json["checkpoint"]["protocol"] = json!("cos-v3/1");
    fs::write(&broken.checkpoint, json.to_string()).unwrap();
    let ran = broken.home.put(&broken.file, "/x", &[]).ends(1);
    ran.says(&["the checkpoint is of protocol cos-v3/1, not cos-v2/1", "move the file away", "add --restart"]);
    broken.put_back_it_resumes();
}

#[test]
fn a_source_that_was_renamed_is_resumed() {
    let broken = Broken::new();
    let renamed = broken.home.path("renamed.bin");
    fs::rename(&broken.file, &renamed).unwrap();
    let ran = broken.home.put(&renamed, "/x", &[]).ends(0).says(&["this upload was started with ", "resuming "]);
    assert_eq!(ran.result("bytes sent"), (12 * PART - broken.stored).to_string());
    assert!(broken.home.holds("/x", &renamed) && broken.home.checkpoints().is_empty());
}

/// A copy is another upload, whose bytes the vendor still knows; the old checkpoint stays.
#[test]
fn a_copy_of_a_source_is_another_upload_and_costs_nothing() {
    let broken = Broken::new();
    let renamed = broken.home.path("renamed.bin");
    fs::copy(&broken.file, &renamed).unwrap();
    let ran = broken.home.put(&renamed, "/x", &[]).ends(0).says(&["uploading "]);
    assert_eq!(ran.result("bytes sent"), (12 * PART - broken.stored).to_string());
    assert!(broken.home.holds("/x", &renamed));
    assert_eq!(fs::read(&broken.checkpoint).unwrap(), broken.whole);
    let ran = broken.home.run(&["abort", &broken.home.key()]).ends(0);
    assert!(ran.result("left at the vendor").contains("finished object"), "{ran:?}");
    assert!(broken.home.holds("/x", &renamed));
}

/// The checkpoint of one upload under the name of another.
#[test]
fn a_checkpoint_that_was_renamed_is_1() {
    let broken = Broken::new();
    let other = broken.home.file("other.bin", 12 * PART, 2);
    broken.home.break_off(&other, "/other");
    let path = broken.home.checkpoints().into_iter().find(|path| *path != broken.checkpoint).unwrap();
    fs::copy(&broken.checkpoint, &path).unwrap();
    broken.home.put(&other, "/other", &[]).ends(1).says(&["the checkpoint is for ", "/x", "/other", "--restart"]);
    fs::remove_file(&path).unwrap();
    broken.home.put(&other, "/other", &[]).ends(0);
    assert!(broken.home.holds("/other", &other));
    broken.put_back_it_resumes();
}

/// The checkpoint of another source that goes to the same place.
#[test]
fn a_checkpoint_of_another_source_is_3() {
    let broken = Broken::new();
    let other = broken.home.file("other.bin", 11 * PART, 2);
    let target = broken.json()["checkpoint"]["target"].as_str().unwrap().to_owned();
    let path = broken.home.state().join(format!("{}.json", Folder::key("cos-v2/1", &target, &other)));
    fs::copy(&broken.checkpoint, &path).unwrap();
    broken.home.put(&other, "/x", &[]).ends(3).says(&["the file changed", "then: 12,582,912", "now:  11,534,336"]);
    fs::remove_file(&path).unwrap();
    broken.put_back_it_resumes();
}

#[test]
fn a_folder_where_the_checkpoint_should_be_is_1() {
    let broken = Broken::new();
    fs::remove_file(&broken.checkpoint).unwrap();
    fs::create_dir(&broken.checkpoint).unwrap();
    let name = broken.checkpoint.to_str().unwrap();
    broken.home.put(&broken.file, "/x", &[]).ends(1).says(&[name, "cannot be read: it is a folder"]);
    broken.home.run(&["list"]).ends(0);
    fs::remove_dir(&broken.checkpoint).unwrap();
    broken.put_back_it_resumes();
}

/// Another program may hold the lock without saying who it is.
#[test]
fn a_checkpoint_in_use_by_who_knows_whom_is_8() {
    let broken = Broken::new();
    let lock = File::options().write(true).open(broken.checkpoint.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let ran = broken.home.put(&broken.file, "/x", &[]).ends(8);
    ran.says(&["another process is working on this upload", "Let it finish", &broken.home.key()]);
    broken.home.run(&["abort", &broken.home.key()]).ends(8);
    // Not only our handle: a process that another test is starting has a copy for a moment.
    lock.unlock().unwrap();
    broken.put_back_it_resumes();
}
