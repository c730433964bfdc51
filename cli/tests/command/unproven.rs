//! What the vendors' pages leave open: whatever they do, the emulator can do it, and the upload ends well.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use resumable_emulator::oss::{CompleteAgain, MissingToken, MultipartEtag, NextMarker, StsJudged};
use resumable_emulator::p115::{
    CallbackAgain, Challenge, EmptyFile, FoldersInList, InitAgain, Missing, NameTaken, OldAccess, RefreshAgain,
    ResumeCallback, ResumeDone, ResumeFields, ResumeObject, ResumePickCode, SameContent, StaleSignKey, UnknownToken,
};
use resumable_emulator::{Config, Fault, Rule};

use crate::kit::PART;
use crate::{oss, p115};

type Change = fn(&mut Config);

/// Carries out `case` for each of these, a few at once.
fn each<T: Copy + Sync>(all: &[T], case: impl Fn(usize, T) + Sync) {
    let next = AtomicUsize::new(0);
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(one) = all.get(at) else { return };
            case(at, *one);
        }
    };
    thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(work))));
}

#[test]
fn whatever_115_does_an_upload_ends_well() {
    let choices: [Change; 20] = [
        |config| config.p115.switches.unknown_token = UnknownToken::Signature,
        |config| config.p115.switches.unknown_token = UnknownToken::Rotated,
        |config| config.p115.switches.old_access = OldAccess::Lives,
        |config| config.p115.switches.refresh_again = RefreshAgain::SamePair,
        |config| config.p115.switches.instant_upload = false,
        |config| config.p115.switches.empty_file = EmptyFile::Bytes,
        |config| config.p115.switches.challenge = Challenge::Never,
        |config| config.p115.switches.stale_sign_key = StaleSignKey::Again,
        |config| config.p115.switches.init_again = InitAgain::Same,
        |config| config.p115.switches.resume_object = ResumeObject::Fresh,
        |config| config.p115.switches.resume_pick_code = ResumePickCode::Fresh,
        |config| config.p115.switches.resume_fields = ResumeFields::Unchecked,
        |config| config.p115.switches.resume_done = ResumeDone::Answer,
        |config| config.p115.switches.resume_callback = ResumeCallback::Missing,
        |config| config.p115.switches.callback_again = CallbackAgain::Second,
        |config| config.p115.switches.callback_again = CallbackAgain::Refuse,
        |config| config.p115.switches.same_content = SameContent::Same,
        |config| config.p115.switches.name_taken = NameTaken::Replace,
        |config| config.p115.switches.missing = Missing::NotFound,
        |config| config.p115.switches.folders_in_list = FoldersInList::Always,
    ];
    each(&choices, |at, change| {
        let home = p115::home("ureq", change, "");
        let file = home.file("big.bin", 8 * PART, 1);
        home.emulator.inject(Rule::once("upload/init", Fault::ExpireToken));
        home.break_off(&file, "/dir/big.bin");
        home.emulator.inject(Rule::once("upload/resume", Fault::DropReply));
        home.emulator.inject(Rule::once("complete", Fault::DropReply));
        home.put(&file, "/dir/big.bin", &[]).ends(0).says(&["resuming "]);
        assert!(p115::keeps(&home, "dir/big.bin", &file), "{at}");
        home.emulator.inject(Rule::once("upload/init", Fault::DropReply));
        home.put(&file, "/dir/again.bin", &[]).ends(0);
        assert!(p115::keeps(&home, "dir/again.bin", &file), "{at}");
        let empty = home.file("empty", 0, 2);
        home.put(&empty, "/dir/empty", &[]).ends(0);
        assert!(p115::keeps(&home, "dir/empty", &empty), "{at}");
        assert!(home.checkpoints().is_empty(), "{at}");
    });
}

#[test]
fn whatever_oss_does_an_upload_ends_well() {
    let choices: [Change; 6] = [
        |config| config.oss.switches.complete_again = CompleteAgain::Success,
        |config| config.oss.switches.list_crc = false,
        |config| config.oss.switches.next_marker = NextMarker::WhenTruncated,
        |config| config.oss.switches.sts_judged = StsJudged::AtEnd,
        |config| config.oss.switches.missing_token = MissingToken::AccessDenied,
        |config| config.oss.switches.multipart_etag = MultipartEtag::Opaque,
    ];
    each(&choices, |at, change| {
        for lines in ["", "sequential = true"] {
            let home = oss::home_with("ureq", change, lines);
            let file = home.file("big.bin", 8 * PART + 1, 1);
            home.break_off(&file, "/big.bin");
            let stored = home.emulator.totals().file_bytes;
            home.emulator.inject(Rule::once("complete", Fault::DropReply));
            let ran = home.put(&file, "/big.bin", &[]).ends(0).says(&["resuming "]);
            assert_eq!(ran.result("bytes sent"), (8 * PART + 1 - stored).to_string(), "{at} {lines}");
            assert!(oss::keeps(&home, "big.bin", &file) && home.checkpoints().is_empty(), "{at} {lines}");
        }
    });
}

#[test]
fn a_clock_that_is_off_is_corrected_by_that_of_the_storage() {
    each(&[-1200, 1200], |_, offset| {
        let home = p115::home("ureq", |config| config.clock_offset = offset, "");
        let file = home.file("big.bin", 2 * PART, 3);
        home.put(&file, "/x", &[]).ends(0).says(&["clock"]);
        assert!(p115::keeps(&home, "x", &file), "{offset}");
        assert_eq!(home.asked("upload/init"), 1, "{offset}");
    });
}
