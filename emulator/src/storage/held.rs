//! Bytes that were received and belong to nobody yet, in memory.

use std::io;

/// The bytes of a body, in the order they came.
#[derive(Debug, Default)]
pub(super) struct Held {
    bytes: Vec<u8>,
}

impl Held {
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub(super) fn read(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        copy(&self.bytes, offset, buf)
    }
}

/// Copies what there is from an offset on.
pub(super) fn copy(bytes: &[u8], offset: u64, buf: &mut [u8]) -> io::Result<usize> {
    let start = usize::try_from(offset).map_err(io::Error::other)?;
    let rest = bytes.get(start..).unwrap_or_default();
    let length = rest.len().min(buf.len());
    buf[..length].copy_from_slice(&rest[..length]);
    Ok(length)
}
