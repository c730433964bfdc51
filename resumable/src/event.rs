use resumable_core::{Receipt, Remains};

use crate::file::Key;

/// Something worth showing to a person.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// The upload begins, or goes on.
    Began {
        /// How many bytes an earlier run had sent; `None` if this is the first.
        resumed_from: Option<u64>,
        /// The source's length.
        total: u64,
    },
    /// The upload that this one was to continue is of another content: this one begins from nothing, and that one is left
    /// as it was.
    NotContinued {
        /// Its key.
        key: Key,
        /// What tells.
        why: String,
    },
    /// Before anything of the source is read or sent, the vendor is asked what stands at the destination.
    LookingUp {
        /// Where: as checkpoints name it.
        target: String,
    },
    /// What happens while it runs: progress, retries, renewed credentials.
    Machine(resumable_core::Event),
    /// A checkpoint could not be used, and the upload starts over.
    SetAside {
        /// What is wrong with it.
        why: String,
        /// Where it is now; `None` if the store has no place for it, and it is gone.
        to: Option<String>,
    },
    /// What an earlier upload left at the vendor is being removed, because this one starts over or it is given up.
    Removing,
    /// What an earlier upload left at the vendor was removed, because this one starts over. That is left.
    Removed(Remains),
    /// An upload that was to be given up turned out to be complete; the object is left there.
    WasComplete(Receipt),
    /// What an earlier upload left at the vendor could not be removed.
    NotRemoved {
        /// What the vendor said.
        why: String,
    },
    /// The record of what was sent could not be read or written. The upload does without it: the file may be sent again by a
    /// later run.
    NotRecorded {
        /// Why.
        why: String,
    },
    /// The upload is complete, and its checkpoint could not be removed. The next run finds the upload complete.
    CheckpointStays {
        /// What the store said.
        why: String,
    },
}
