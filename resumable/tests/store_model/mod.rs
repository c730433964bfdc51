//! The folder of checkpoints against a model of it: uploads are locked, saved, read, removed and let go, some by processes that
//! are killed, in any order.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use resumable::file::{CheckpointGuard, Folder, Key, Label, LockError};

use crate::{Vendor, checkpoint, key, names};

/// How many histories are drawn, and how long they are at most.
const CASES: u32 = 20;
const STEPS: usize = 40;
/// How many uploads there are.
const UPLOADS: usize = 4;

#[derive(Clone, Copy, Debug)]
enum Step {
    Lock(usize),
    /// Somebody else tries to lock it: it takes a tenth of a second to know that it is held.
    LockToo(usize),
    Save(usize, u64),
    Remove(usize),
    LetGo(usize),
    /// A process is killed while it saves: what it wrote aside stays, and its lock is open.
    KillWhileSaving(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let upload = 0..UPLOADS;
    prop_oneof![
        12 => upload.clone().prop_map(Step::Lock),
        1 => upload.clone().prop_map(Step::LockToo),
        12 => (upload.clone(), 1u64..1_000).prop_map(|(upload, at)| Step::Save(upload, at)),
        6 => upload.clone().prop_map(Step::Remove),
        6 => upload.clone().prop_map(Step::LetGo),
        3 => upload.prop_map(Step::KillWhileSaving),
    ]
}

fn name(upload: usize) -> Key {
    // One is the beginning of another.
    key(["a", "a-b", "a_", "B"][upload])
}

fn label(upload: usize) -> Label {
    Label { profile: format!("p{upload}"), path: format!("/f{upload}"), destination: "/d".to_owned() }
}

#[derive(Default)]
struct Model {
    /// When the checkpoint was made that is kept.
    kept: BTreeMap<usize, u64>,
    /// What lies aside.
    aside: BTreeSet<usize>,
    held: BTreeMap<usize, CheckpointGuard>,
}

impl Model {
    fn take(&mut self, step: Step, path: &Path) -> Result<(), TestCaseError> {
        match step {
            Step::Lock(upload) if !self.held.contains_key(&upload) => {
                self.held.insert(upload, Folder::new(path).lock(&name(upload)).unwrap());
                self.aside.remove(&upload);
            }
            Step::LockToo(upload) if self.held.contains_key(&upload) => {
                let refused = Folder::new(path).lock(&name(upload)).err();
                let holder = matches!(refused, Some(LockError::Held(Some(holder))) if holder.pid == std::process::id());
                prop_assert!(holder, "{refused:?}");
            }
            Step::Save(upload, at) => {
                if let Some(guard) = self.held.get(&upload) {
                    guard.save(&label(upload), &checkpoint(at)).unwrap();
                    self.kept.insert(upload, at);
                }
            }
            Step::Remove(upload) => {
                if let Some(guard) = self.held.get(&upload) {
                    guard.remove().unwrap();
                    self.kept.remove(&upload);
                }
            }
            Step::LetGo(upload) => drop(self.held.remove(&upload)),
            Step::KillWhileSaving(upload) => {
                if self.held.remove(&upload).is_some() {
                    fs::write(path.join(format!("{}.json.part", name(upload))), "{\"label\":").unwrap();
                    fs::write(path.join(format!("{}.lock", name(upload))), "{\"pid\":1}").unwrap();
                    self.aside.insert(upload);
                }
            }
            Step::Lock(_) | Step::LockToo(_) => {}
        }
        Ok(())
    }

    /// The list, what each guard reads, and the files that are there.
    fn check(&self, path: &Path) -> Result<(), TestCaseError> {
        let mut listed = BTreeMap::new();
        for found in Folder::new(path).list().unwrap() {
            let upload = (0..UPLOADS).find(|upload| name(*upload) == found.key).expect("no other upload");
            let (said, envelope) = found.content.expect("a checkpoint");
            prop_assert_eq!(said, label(upload));
            prop_assert_eq!(found.holder.map(|it| it.pid), self.held.get(&upload).map(|_| std::process::id()));
            listed.insert(upload, envelope.saved_unix.as_secs());
        }
        prop_assert_eq!(&listed, &self.kept);
        for (upload, guard) in &self.held {
            let read = guard.load::<Vendor>().unwrap();
            let kept = self.kept.get(upload).map(|at| (label(*upload), Duration::from_secs(*at)));
            prop_assert_eq!(read.map(|(label, checkpoint)| (label, checkpoint.saved_unix())), kept);
        }
        if cfg!(unix) && path.exists() {
            let locks = self.held.keys().chain(&self.aside).map(|upload| format!("{}.lock", name(*upload)));
            let aside = self.aside.iter().map(|upload| format!("{}.json.part", name(*upload)));
            let kept = self.kept.keys().map(|upload| format!("{}.json", name(*upload)));
            let expected: BTreeSet<String> = locks.chain(aside).chain(kept).collect();
            prop_assert_eq!(names(path), expected.into_iter().collect::<Vec<_>>());
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn the_folder_holds_what_the_model_holds(steps in prop::collection::vec(step(), 1..STEPS)) {
        let keep = tempfile::tempdir().unwrap();
        let path = keep.path().join("state");
        let mut model = Model::default();
        for step in steps {
            model.take(step, &path)?;
            model.check(&path)?;
        }
    }
}
