//! A choice for each behaviour of the 115 server that nobody has proven.

use serde::{Deserialize, Serialize};

use crate::switch::{RepeatedField, switch};

/// One choice per behaviour that is a guess in the reference. A client should survive all of them.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Switches {
    /// An access token that was never given out (`invalid`).
    pub unknown_token: UnknownToken,
    /// The access token before a refresh (`ends`).
    pub old_access: OldAccess,
    /// A refresh token that was used already (`refuse`).
    pub refresh_again: RefreshAgain,
    /// Content of the same SHA-1 and length as a file in the drive needs no bytes (`true`).
    pub instant_upload: bool,
    /// A file without a byte that no file in the drive equals (`instant`).
    pub empty_file: EmptyFile,
    /// Which bytes a challenge asks for (`random`).
    pub challenge: Challenge,
    /// What becomes of a challenge that was met (`instant`).
    pub challenge_met: ChallengeMet,
    /// A `sign_key` that is unknown, used or too old (`wrong`).
    pub stale_sign_key: StaleSignKey,
    /// Init with the `pick_code` of a task that is unfinished (`fresh`).
    pub init_again: InitAgain,
    /// Which object resume answers (`same`).
    pub resume_object: ResumeObject,
    /// The `pick_code` that resume answers (`same`).
    pub resume_pick_code: ResumePickCode,
    /// Whether size, SHA-1 and target of a resume have to be the task's (`checked`).
    pub resume_fields: ResumeFields,
    /// Resume of a task whose file is in the drive (`refuse`).
    pub resume_done: ResumeDone,
    /// The `callback` of a resume (`present`).
    pub resume_callback: ResumeCallback,
    /// A second callback for a task whose file is in the drive (`same`).
    pub callback_again: CallbackAgain,
    /// What the answer to a callback tells of the file (`full`).
    pub callback_data: CallbackData,
    /// The same content under the same name in the same folder (`number`).
    pub same_content: SameContent,
    /// Other content under a name that a file has (`number`).
    pub name_taken: NameTaken,
    /// `get_info` or a list of what does not exist (`empty`).
    pub missing: Missing,
    /// Folders in a list (`asked`).
    pub folders_in_list: FoldersInList,
    /// A field that a request has more than once (`refuse`).
    pub repeated_field: RepeatedField,
}

impl Default for Switches {
    fn default() -> Self {
        Switches {
            unknown_token: UnknownToken::Invalid,
            old_access: OldAccess::Ends,
            refresh_again: RefreshAgain::Refuse,
            instant_upload: true,
            empty_file: EmptyFile::Instant,
            challenge: Challenge::Random,
            challenge_met: ChallengeMet::Instant,
            stale_sign_key: StaleSignKey::Wrong,
            init_again: InitAgain::Fresh,
            resume_object: ResumeObject::Same,
            resume_pick_code: ResumePickCode::Same,
            resume_fields: ResumeFields::Checked,
            resume_done: ResumeDone::Refuse,
            resume_callback: ResumeCallback::Present,
            callback_again: CallbackAgain::Same,
            callback_data: CallbackData::Full,
            same_content: SameContent::Number,
            name_taken: NameTaken::Number,
            missing: Missing::Empty,
            folders_in_list: FoldersInList::Asked,
            repeated_field: RepeatedField::Refuse,
        }
    }
}

switch! {
    /// The refusal of an access token that was never given out.
    UnknownToken {
        /// 40140125.
        Invalid,
        /// 40140124.
        Signature,
        /// 40140126.
        Rotated,
    }
}
switch! {
    /// An access token after its refresh token was used.
    OldAccess {
        /// 40140126 from then on.
        Ends,
        /// It is good until its time is over.
        Lives,
    }
}
switch! {
    /// A refresh token that comes again.
    RefreshAgain {
        /// 40140116.
        Refuse,
        /// The same answer once more, as long as the pair in it is the latest.
        SamePair,
    }
}
switch! {
    /// Init for a file without a byte.
    EmptyFile {
        /// It is there at once.
        Instant,
        /// It has to be uploaded like any other.
        Bytes,
    }
}
switch! {
    /// The range of a challenge.
    Challenge {
        /// Anywhere in the file.
        Random,
        /// `0-0`.
        FirstByte,
        /// The last byte.
        LastByte,
        /// From the first byte to the last.
        WholeFile,
        /// There is no challenge: known content is there at once.
        Never,
    }
}
switch! {
    /// The answer to a `sign_val` that is right.
    ChallengeMet {
        /// Status 2.
        Instant,
        /// Status 1: the bytes are wanted all the same.
        Bytes,
        /// Status 6 with a new challenge, the first time; then status 2.
        FailedOnce,
        /// Status 6 without anything to go on with.
        Failed,
    }
}
switch! {
    /// The answer to a `sign_key` that means nothing.
    StaleSignKey {
        /// Status 8, as for a wrong `sign_val`.
        Wrong,
        /// Status 7, as if there had been none.
        Again,
    }
}
switch! {
    /// Init that names an unfinished task.
    InitAgain {
        /// A task and an object of its own.
        Fresh,
        /// That task.
        Same,
    }
}
switch! {
    /// The object of a task that is resumed.
    ResumeObject {
        /// The one that init gave.
        Same,
        /// A new one each time.
        Fresh,
    }
}
switch! {
    /// The name of a task that is resumed.
    ResumePickCode {
        /// The one that was sent.
        Same,
        /// A new one, that takes the place of the old.
        Fresh,
    }
}
switch! {
    /// Size, SHA-1 and target of a resume.
    ResumeFields {
        /// 990002 if they are not the task's.
        Checked,
        /// They only have to be there.
        Unchecked,
    }
}
switch! {
    /// Resume of what is uploaded.
    ResumeDone {
        /// As if there had never been such a task.
        Refuse,
        /// The task is described as before.
        Answer,
    }
}
switch! {
    /// The `callback` in a resume's answer.
    ResumeCallback {
        /// The task's.
        Present,
        /// None, which makes the answer useless.
        Missing,
    }
}
switch! {
    /// A callback for a file that is in the drive.
    CallbackAgain {
        /// The same file is answered once more.
        Same,
        /// Another entry is made.
        Second,
        /// 10002.
        Refuse,
    }
}
switch! {
    /// The `data` of the answer to a callback.
    CallbackData {
        /// Length and SHA-1 beside the ids.
        Full,
        /// The ids and the name alone.
        Id,
    }
}
switch! {
    /// A file in whose place the very same is.
    SameContent {
        /// A second one with a number: `name(1).bin`.
        Number,
        /// The one that is there.
        Same,
    }
}
switch! {
    /// A file in whose place another is.
    NameTaken {
        /// It gets a number: `name(1).bin`.
        Number,
        /// It takes the place.
        Replace,
    }
}
switch! {
    /// An id or a path that nothing has.
    Missing {
        /// Success, and `data` is an empty array.
        Empty,
        /// 430004.
        NotFound,
    }
}
switch! {
    /// Folders among the files of a list.
    FoldersInList {
        /// With `show_dir=1`.
        Asked,
        /// Always.
        Always,
    }
}
