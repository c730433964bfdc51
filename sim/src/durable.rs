//! Where a checkpoint is kept: the library's own steps, on a disk that may lose its power among them.

use std::path::Path;

use fastrand::Rng;

use self::power::Model;

#[expect(dead_code, reason = "the library needs more of it")]
#[path = "../../resumable/src/file/disk.rs"]
mod disk;
#[expect(dead_code, reason = "the library's tests need more of it")]
#[path = "../../resumable/src/file/power.rs"]
mod power;

const PATH: &str = "/state/resumable/upload.json";
/// More calls than a save makes.
const CALLS: usize = 8;

/// A file that is replaced as a whole.
#[derive(Clone, Debug)]
pub(crate) struct Durable {
    disk: Model,
    /// What may be there after a loss of power: what the last save left, and what those began that were broken off since.
    may_be: Vec<Option<Vec<u8>>>,
}

impl Durable {
    pub(crate) fn new() -> Self {
        let disk = Model::new();
        disk::make_folder(&disk, disk::above(Path::new(PATH))).expect("a disk with power");
        Self { disk, may_be: vec![None] }
    }

    /// What a process finds.
    pub(crate) fn read(&self) -> Option<Vec<u8>> {
        self.disk.read(Path::new(PATH))
    }

    pub(crate) fn save(&mut self, bytes: &[u8]) {
        disk::replace(&self.disk, Path::new(PATH), bytes).expect("a disk with power");
        self.may_be = vec![Some(bytes.to_vec())];
    }

    /// The process dies in the middle of it, or shortly before or after.
    pub(crate) fn break_off(&mut self, bytes: &[u8], chance: &mut Rng) {
        self.disk.power_for(chance.usize(0..CALLS));
        let _ = disk::replace(&self.disk, Path::new(PATH), bytes);
        self.disk.power_for(usize::MAX);
        self.may_be.push(Some(bytes.to_vec()));
    }

    pub(crate) fn remove(&mut self) {
        disk::remove(&self.disk, Path::new(PATH)).expect("a disk with power");
        self.may_be = vec![None];
    }

    /// The power goes, and comes back. False if what is there then is nothing that may be.
    pub(crate) fn lose_power(&mut self, chance: &mut Rng) -> bool {
        self.disk = self.disk.cut(&mut |among| chance.usize(0..among));
        let there = self.read();
        let may_be = self.may_be.contains(&there);
        self.may_be = vec![there];
        may_be
    }
}

#[cfg(test)]
mod tests {
    use super::disk::{Disk as _, aside};
    use super::*;

    fn saved() -> Durable {
        let mut durable = Durable::new();
        durable.save(b"the first");
        durable
    }

    /// Whether any loss of power finds it out, when a save is done by these steps and said to be durable.
    fn is_found_out(steps: fn(&Model)) -> bool {
        (0..50).any(|seed| {
            let mut durable = saved();
            steps(&durable.disk);
            durable.may_be = vec![Some(b"the second".to_vec())];
            !durable.lose_power(&mut Rng::with_seed(seed))
        })
    }

    fn write_aside(disk: &Model, syncs: bool) {
        let mut file = disk.create(&aside(Path::new(PATH))).unwrap();
        disk.write(&mut file, b"the second").unwrap();
        if syncs {
            disk.sync(&file).unwrap();
        }
        disk.rename(&aside(Path::new(PATH)), Path::new(PATH)).unwrap();
    }

    #[test]
    fn a_save_that_leaves_out_a_sync_is_found_out() {
        assert!(is_found_out(|disk| write_aside(disk, true)), "the folder is not synced");
        assert!(is_found_out(|disk| {
            write_aside(disk, false);
            disk.sync_folder(disk::above(Path::new(PATH))).unwrap();
        }));
        assert!(!is_found_out(|disk| {
            write_aside(disk, true);
            disk.sync_folder(disk::above(Path::new(PATH))).unwrap();
        }));
    }

    #[test]
    fn what_was_saved_outlives_saves_that_are_broken_off() {
        let mut found = std::collections::BTreeSet::new();
        for seed in 0..300 {
            let (mut durable, mut chance) = (saved(), Rng::with_seed(seed));
            durable.break_off(b"the second", &mut chance);
            durable.break_off(b"the third", &mut chance);
            assert!(durable.lose_power(&mut chance), "{seed}: {:?}", durable.read());
            found.insert(durable.read());
        }
        assert_eq!(found.len(), 3, "each of them was there once");
    }
}
