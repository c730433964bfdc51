//! A file as source, and a folder as checkpoint store.

mod disk;
mod key;
#[cfg(test)]
mod power;
pub mod private;
mod source;
mod store;
mod system;

pub use self::key::{InvalidKey, Key};
pub use self::source::FileSource;
pub use self::store::{CheckpointGuard, Folder, Holder, Label, ListError, Listed, LoadError, LockError};
pub(crate) use self::store::{read_record, record, unreadable};
