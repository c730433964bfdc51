//! `uploadparts`: what v2's init promises about every part (reference §5.6).
//!
//! A part's `datasha` is not its digest. It is SHA-1's inner state after all bytes up to the part's end, five words
//! dumped little-endian, without padding; the last part's is the ordinary SHA-1 of the whole file. So a part can be
//! checked alone, starting from the state its predecessor claims.

use std::io;

use serde::{Deserialize, Serialize};
use sha1::block_api::compress;

use super::code::{self, Code};
use super::sha::{Sha, parse_hex};
use crate::storage::{ReadAt, pieces};

const BLOCK: usize = 64;

/// One part, as claimed at init.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) offset: u64,
    pub(crate) length: u64,
    claim: Sha,
    pub(crate) verified: bool,
}

#[derive(Deserialize, Serialize)]
struct Claimed {
    offset: u64,
    datalen: u64,
    datasha: String,
}

/// All parts of a file, in order and without gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UploadParts {
    parts: Vec<Part>,
}

impl UploadParts {
    pub(crate) fn parse(text: &str, file_size: u64, sha: &Sha) -> Result<UploadParts, Code> {
        let claimed: Vec<Claimed> = serde_json::from_str(text).map_err(|_| code::UPLOADPARTS)?;
        let parts = claimed.iter().map(Part::new).collect::<Option<Vec<_>>>();
        let parts = UploadParts { parts: parts.ok_or(code::UPLOADPARTS)? };
        parts.check_shape(file_size)?;
        match parts.parts.last() {
            Some(last) if last.claim == *sha => Ok(parts),
            _ => Err(code::PARAMETER.because("ERROR_CGI_PARAM: last datasha is not sha")),
        }
    }

    fn check_shape(&self, file_size: u64) -> Result<(), Code> {
        let bad = Err(code::PARAMETER.because("ERROR_CGI_PARAM: uploadparts do not fit the file"));
        let mut end = 0u64;
        for part in &self.parts {
            if part.offset != end || part.length == 0 {
                return bad;
            }
            let Some(next) = end.checked_add(part.length) else {
                return bad;
            };
            // Only whole blocks have a state.
            if next < file_size && !next.is_multiple_of(BLOCK as u64) {
                return bad;
            }
            end = next;
        }
        if end == file_size { Ok(()) } else { bad }
    }

    /// For the journal: the field as init would send it.
    pub(crate) fn to_text(&self) -> String {
        let claimed: Vec<Claimed> = self.parts.iter().map(Part::claimed).collect();
        serde_json::to_string(&claimed).unwrap_or_default()
    }

    pub(crate) fn get(&self, index: usize) -> Option<&Part> {
        self.parts.get(index)
    }

    pub(crate) fn all_verified(&self) -> bool {
        self.parts.iter().all(|part| part.verified)
    }

    /// The parts that share bytes with a range.
    pub(crate) fn touching(&self, start: u64, end: u64) -> std::ops::Range<usize> {
        let first = self.parts.partition_point(|part| part.offset + part.length <= start);
        let last = self.parts.partition_point(|part| part.offset < end);
        first..last
    }

    pub(crate) fn set_verified(&mut self, index: usize, verified: bool) {
        if let Some(part) = self.parts.get_mut(index) {
            part.verified = verified;
        }
    }

    /// What a part's bytes must lead to.
    pub(crate) fn claim(&self, index: usize) -> Option<Claim> {
        let part = self.parts.get(index)?.clone();
        let start = match index.checked_sub(1).and_then(|before| self.parts.get(before)) {
            Some(before) => Chain::claimed(&before.claim),
            None => Chain::START,
        };
        Some(Claim { start, part, is_last: index + 1 == self.parts.len() })
    }
}

/// What one part's bytes must lead to, and from where.
pub(crate) struct Claim {
    start: Chain,
    part: Part,
    is_last: bool,
}

impl Claim {
    /// Whether the bytes lead from the predecessor's claim to the part's own. `read` reads at offsets of the file.
    pub(crate) fn holds(&self, read: &mut ReadAt<'_>) -> io::Result<bool> {
        self.start.run(&self.part, self.is_last, read)
    }
}

impl Part {
    fn new(claimed: &Claimed) -> Option<Part> {
        Some(Part {
            offset: claimed.offset,
            length: claimed.datalen,
            claim: parse_hex(&claimed.datasha)?,
            verified: false,
        })
    }

    fn claimed(&self) -> Claimed {
        Claimed { offset: self.offset, datalen: self.length, datasha: hex::encode(self.claim) }
    }
}

/// SHA-1 between two blocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Chain([u32; 5]);

impl Chain {
    const START: Chain = Chain([0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]);

    fn claimed(claim: &Sha) -> Chain {
        let mut words = [0; 5];
        for (word, bytes) in words.iter_mut().zip(claim.as_chunks::<4>().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        Chain(words)
    }

    fn dump(self, to_bytes: fn(u32) -> [u8; 4]) -> Sha {
        let mut sha = [0; 20];
        for (bytes, word) in sha.as_chunks_mut::<4>().0.iter_mut().zip(self.0) {
            *bytes = to_bytes(word);
        }
        sha
    }

    fn run(mut self, part: &Part, is_last: bool, read: &mut ReadAt<'_>) -> io::Result<bool> {
        let mut tail = Vec::new();
        pieces((part.offset, part.length), read, &mut |piece| {
            let (blocks, rest) = piece.as_chunks::<BLOCK>();
            compress(&mut self.0, blocks);
            tail = rest.to_vec();
            Ok(())
        })?;
        let digest = if is_last { self.pad(&tail, part.offset + part.length) } else { self.dump(u32::to_le_bytes) };
        Ok(digest == part.claim)
    }

    /// The digest of a file of `length` bytes that ends with `tail`.
    fn pad(mut self, tail: &[u8], length: u64) -> Sha {
        let mut last = [[0u8; BLOCK]; 2];
        last[0][..tail.len()].copy_from_slice(tail);
        last[0][tail.len()] = 0x80;
        let used = if tail.len() < BLOCK - 8 { 1 } else { 2 };
        last[used - 1][BLOCK - 8..].copy_from_slice(&length.wrapping_mul(8).to_be_bytes());
        compress(&mut self.0, &last[..used]);
        self.dump(u32::to_be_bytes)
    }
}

#[cfg(test)]
#[path = "parts_tests.rs"]
mod tests;
