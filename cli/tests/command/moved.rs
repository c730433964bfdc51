//! Files that were moved or renamed between two runs.

use std::fs;

use resumable_emulator::Config;

use crate::kit::{Home, PART, Service, over_each_transport, until};
use crate::oss::keeps;

over_each_transport! {
    of crate::moved::oss:
    a_file_that_was_renamed_is_resumed_and_told,
    a_file_of_another_content_is_uploaded_from_the_beginning_and_told,
}

const LEN: u64 = 16 * PART;

fn a_file_that_was_renamed_is_resumed_and_told(home: &Home) {
    let (file, new) = (home.file("old.bin", LEN, 1), home.path("new.bin"));
    home.break_off(&file, "/x");
    let (key, stored) = (home.key(), home.emulator.totals().file_bytes);
    fs::rename(&file, &new).unwrap();
    let was = file.to_str().unwrap();
    let ran = home.put(&new, "/x", &[]).ends(0).says(&[&format!("this upload was started with {was}"), "resuming "]);
    assert_eq!(ran.result("bytes sent"), (LEN - stored).to_string());
    assert!(keeps(home, "x", &new) && home.checkpoints().is_empty());
    home.run(&["abort", &key]).ends(2).says(&["There are none"]);
}

/// A vendor that takes several unfinished uploads to one place.
pub(crate) fn oss() -> Home {
    let home = Home::of(Service::Oss, Config::default());
    home.configure("part_size = '1MiB'\none_request_max = '0'");
    home
}

fn a_file_of_another_content_is_uploaded_from_the_beginning_and_told(home: &Home) {
    let (file, new) = (home.file("old.bin", LEN, 2), home.path("new.bin"));
    let running = home.begin(&file, "/x");
    until("more than its beginning is known to be sent", || {
        home.checkpoints().len() == 1 && home.confirmed() >= 2 * PART
    });
    running.kill();
    home.settle();
    let key = home.key();
    // Its ends are the same, and what was sent is not, whichever parts that is.
    let mut other = fs::read(&file).unwrap();
    (0..16).for_each(|part| other[usize::try_from(part * PART + PART / 2).unwrap()] ^= 1);
    fs::write(&new, &other).unwrap();
    fs::remove_file(&file).unwrap();
    let ran = home.put(&new, "/x", &["--continue", &key]).ends(3);
    assert_eq!(home.key(), key, "{ran:?}");
    home.put(&new, "/x", &[])
        .ends(0)
        .says(&["warning: this is not what was sent of ", &format!("resumable abort {key}")]);
    assert!(keeps(home, "x", &new));
    assert_eq!(home.key(), key, "it is left for whoever wants to cancel it");
}

#[test]
fn a_copy_is_uploaded_from_the_beginning_unless_the_user_says_so() {
    let home = Home::new();
    let (file, copy) = (home.file("old.bin", LEN, 3), home.path("copy.bin"));
    home.break_off(&file, "/x");
    let (key, stored) = (home.key(), home.emulator.totals().file_bytes);
    fs::copy(&file, &copy).unwrap();
    let run = home.begin(&copy, "/x");
    let told = run.said();
    assert!(
        told.contains("warning: an unfinished upload to this place exists")
            && told.contains(&format!("--continue {key}"))
    );
    run.kill();
    home.settle();
    let own = home.checkpoints().into_iter().find(|path| !path.to_str().unwrap().contains(&key)).unwrap();
    fs::remove_file(own).unwrap();
    let ran = home.put(&copy, "/x", &["--continue", &key]).ends(0).says(&["resuming "]);
    assert!(ran.result("bytes sent").parse::<u64>().unwrap() < LEN && stored > 0, "{ran:?}");
    assert!(home.holds("/x", &copy) && home.checkpoints().is_empty());
}
