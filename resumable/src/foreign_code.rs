//! Calls of code that the program brings: a panic of it ends an upload with an error, and loses nothing.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use resumable_core::SourceInfo;
use resumable_transport::{Source, SourceError};

use crate::credentials::BoxError;

/// What `call` gives; a panic is an error that says whose it was, and with what.
pub(crate) fn catch<T>(whose: &str, call: impl FnOnce() -> Result<T, BoxError>) -> Result<T, BoxError> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| Err(panicked(whose, &*panic)))
}

/// A panic as an error.
pub(crate) fn panicked(whose: &str, panic: &(dyn Any + Send)) -> BoxError {
    let text = panic.downcast_ref::<&str>().copied().map(str::to_owned);
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.map_or_else(|| format!("{whose} panicked"), |text| format!("{whose} panicked: {text}")).into()
}

/// The same for the store of checkpoints.
pub(crate) fn of_store<T>(call: impl FnOnce() -> Result<T, BoxError>) -> Result<T, BoxError> {
    catch("the store of checkpoints", call)
}

/// A source whose defects are errors.
pub(crate) struct Caught<S>(pub(crate) S);

impl<S: Source> Caught<S> {
    fn caught<T>(&self, call: impl FnOnce(&S) -> Result<T, SourceError>) -> Result<T, SourceError> {
        catch("the source", || Ok(call(&self.0)))
            .unwrap_or_else(|panic| Err(SourceError::Read(io::Error::other(panic))))
    }
}

fn believable(count: usize, room: usize) -> Result<usize, SourceError> {
    if count <= room {
        return Ok(count);
    }
    let why = format!("the source says that it has read {count} bytes where it was asked for {room}");
    Err(SourceError::Read(io::Error::other(why)))
}

impl<S: Source> Source for Caught<S> {
    fn info(&self) -> Result<SourceInfo, SourceError> {
        self.caught(Source::info)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, SourceError> {
        let room = buffer.len();
        self.caught(|source| source.read_at(offset, buffer)).and_then(|count| believable(count, room))
    }

    fn read_now(&self, offset: u64, buffer: &mut [u8]) -> Result<Option<usize>, SourceError> {
        let room = buffer.len();
        let read = self.caught(|source| source.read_now(offset, buffer))?;
        read.map(|count| believable(count, room)).transpose()
    }
}
