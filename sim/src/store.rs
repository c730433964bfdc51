//! The checkpoint store: the text of the newest checkpoint that would survive a loss of power.

use resumable_core::{Checkpoint, Protocol};

/// A checkpoint stays below this, whatever the file's size.
pub const CHECKPOINT_BYTES: usize = 16 * 1024;

/// A durable store for one checkpoint, as its bytes.
#[derive(Clone, Debug, Default)]
pub struct Store {
    durable: Option<String>,
}

impl Store {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a text durable, in place of any older one.
    pub fn put(&mut self, text: String) {
        self.durable = Some(text);
    }

    /// Removes what there is.
    pub fn clear(&mut self) {
        self.durable = None;
    }

    /// What a new process finds.
    pub fn get(&self) -> Option<&str> {
        self.durable.as_deref()
    }
}

/// A checkpoint as it is written to disk.
///
/// # Errors
/// When it cannot be serialised.
pub fn write<P: Protocol>(checkpoint: &Checkpoint<P>) -> Result<String, String> {
    String::from_utf8(checkpoint.to_bytes()).map_err(|error| format!("a checkpoint cannot be written: {error}"))
}

/// A checkpoint as it is read from disk.
///
/// # Errors
/// When it cannot be read back.
pub fn read<P: Protocol>(text: &str) -> Result<Checkpoint<P>, String> {
    Checkpoint::from_bytes(text.as_bytes()).map_err(|error| format!("a checkpoint cannot be read back: {error}"))
}
