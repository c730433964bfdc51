//! Calls of code that the program brings: a panic of it ends an upload with an error, and loses nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::credentials::BoxError;

/// What `call` gives; a panic is an error that says with what.
pub(crate) fn catch<T>(call: impl FnOnce() -> Result<T, BoxError>) -> Result<T, BoxError> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().copied().map(str::to_owned);
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Err(text.map_or_else(|| "it panicked".into(), |text| format!("it panicked: {text}").into()))
    })
}
