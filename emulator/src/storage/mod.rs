//! Where bytes live. The emulator decides, a [`Storage`] keeps.
//!
//! A body being received goes into a [`Spool`]. A spool becomes part of a *draft* (the file of an unfinished session) or
//! an object; a draft becomes an object. Nothing else is ever visible under an object's name.

mod disk;
mod held;
mod journal;
mod memory;
mod name;
mod null;
mod pieces;

use std::io;
use std::time::Duration;

pub use disk::DiskStorage;
pub use memory::MemoryStorage;
pub use name::ObjectName;
pub(crate) use name::is_file_name;
pub use null::NullStorage;
pub(crate) use pieces::{Assembled, ReadAt, are_all, assemble, pieces};

/// Keeps bodies, drafts and objects. The id of a draft is a text of letters, digits and dashes that begins
/// with the name of its service.
///
/// An error of kind `AlreadyExists`, `NotADirectory` or `IsADirectory` says that a name is taken by a folder, or a folder's
/// by a file.
pub trait Storage: Send + Sync {
    /// A place for a body that is about to arrive.
    ///
    /// # Errors
    /// The store cannot take one.
    fn spool(&self) -> io::Result<Box<dyn Spool>>;

    /// Whether drafts and objects can be read again. If not, nobody tries.
    fn keeps_bytes(&self) -> bool {
        true
    }

    /// Reads from a draft; fewer bytes than asked for only at its end.
    ///
    /// # Errors
    /// The draft is missing or cannot be read.
    fn read_draft(&self, draft: &str, offset: u64, buf: &mut [u8]) -> io::Result<usize>;

    /// Forgets a draft and its journal, if there is one.
    fn drop_draft(&self, draft: &str);

    /// Makes a draft of exactly `length` bytes the object, atomically, replacing an older one.
    ///
    /// # Errors
    /// The name is taken, or the store fails; the draft is then still there.
    fn publish_draft(&self, draft: &str, length: u64, object: &ObjectName) -> io::Result<()>;

    /// Whether drafts outlive the process, so that a journal is worth writing.
    fn keeps_drafts(&self) -> bool {
        false
    }

    /// Appends a line to a draft's journal.
    ///
    /// # Errors
    /// The store fails.
    fn record(&self, _draft: &str, _line: &str) -> io::Result<()> {
        Ok(())
    }

    /// The drafts an earlier process left, with their journals.
    ///
    /// # Errors
    /// The store cannot be read.
    fn drafts(&self) -> io::Result<Vec<StoredDraft>> {
        Ok(Vec::new())
    }

    /// Reads from an object; fewer bytes than asked for only at its end.
    ///
    /// # Errors
    /// The object is missing or cannot be read.
    fn read_object(&self, object: &ObjectName, offset: u64, buf: &mut [u8]) -> io::Result<usize>;

    /// A whole object, all at once; `None` if it is missing.
    ///
    /// # Errors
    /// The object cannot be read.
    fn read_whole(&self, object: &ObjectName) -> io::Result<Option<Vec<u8>>> {
        let (mut bytes, mut chunk) = (Vec::new(), vec![0; 64 * 1024]);
        loop {
            match self.read_object(object, bytes.len() as u64, &mut chunk) {
                Ok(0) => return Ok(Some(bytes)),
                Ok(read) => bytes.extend_from_slice(&chunk[..read]),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }

    /// Makes `to` an object with the bytes of `from`, atomically.
    ///
    /// # Errors
    /// `from` is missing, the name is taken, or the store fails.
    fn copy_object(&self, from: &ObjectName, to: &ObjectName) -> io::Result<()>;

    /// Removes an object.
    ///
    /// # Errors
    /// The object is missing or the store fails.
    fn remove_object(&self, object: &ObjectName) -> io::Result<()>;

    /// The objects of a service that an earlier process left.
    ///
    /// # Errors
    /// The store cannot be read.
    fn objects(&self, _service: &'static str) -> io::Result<Vec<StoredObject>> {
        Ok(Vec::new())
    }
}

/// A body being received. Dropped, it leaves nothing behind.
pub trait Spool: Send {
    /// Appends bytes.
    ///
    /// # Errors
    /// The store fails.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Reads back; fewer bytes than asked for only at the end.
    ///
    /// # Errors
    /// The store fails.
    fn read(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;

    /// Puts all of it into a draft at `offset`; the draft comes into being if need be.
    ///
    /// # Errors
    /// The store fails.
    fn into_draft(self: Box<Self>, draft: &str, offset: u64) -> io::Result<()>;

    /// Makes it the object, atomically, replacing an older one.
    ///
    /// # Errors
    /// The name is taken, or the store fails.
    fn into_object(self: Box<Self>, object: &ObjectName) -> io::Result<()>;
}

/// A draft found at the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDraft {
    /// Its id.
    pub id: String,
    /// The lines of its journal; a line that was cut short is not among them.
    pub journal: Vec<String>,
}

/// An object found at the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredObject {
    /// Its name.
    pub name: ObjectName,
    /// Its length in bytes.
    pub length: u64,
    /// When it was written, since the Unix epoch.
    pub modified: Duration,
}
