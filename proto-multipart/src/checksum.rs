//! The sums by which a store and the file are compared: CRCs, whose value for a whole follows from those of its parts.

use core::fmt;

use crc_fast::{CrcAlgorithm, checksum_combine};
use resumable_core::{Digest, HashKind, crc64};
use serde::{Deserialize, Serialize};

/// Which sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChecksumKind {
    /// CRC-64/XZ: OSS and COS.
    Crc64,
    /// CRC-64/NVME: S3.
    Crc64Nvme,
    /// CRC-32C of the whole: S3.
    Crc32c,
}

/// A sum and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// Which sum.
    pub kind: ChecksumKind,
    /// Its value.
    pub value: u64,
}

impl ChecksumKind {
    /// The digest of the machine's that it is.
    pub fn hash(self) -> HashKind {
        match self {
            Self::Crc64 => HashKind::Crc64,
            Self::Crc64Nvme => HashKind::Crc64Nvme,
            Self::Crc32c => HashKind::Crc32c,
        }
    }

    /// The sum of two pieces, one after the other, from those of the pieces; `second_len` is the second one's length in
    /// bytes. That of nothing is 0.
    pub fn combine(self, first: u64, second: u64, second_len: u64) -> u64 {
        match self {
            Self::Crc64 => crc64::combine(first, second, second_len),
            Self::Crc64Nvme => checksum_combine(CrcAlgorithm::Crc64Nvme, first, second, second_len),
            Self::Crc32c => checksum_combine(CrcAlgorithm::Crc32Iscsi, first, second, second_len),
        }
    }

    /// The length of its value, in bytes.
    pub fn bytes(self) -> usize {
        match self {
            Self::Crc64 | Self::Crc64Nvme => 8,
            Self::Crc32c => 4,
        }
    }

    /// The value of a digest of this kind; `None` for one of another length.
    pub fn of_digest(self, digest: &Digest) -> Option<u64> {
        number(digest.as_bytes()).filter(|_| digest.as_bytes().len() == self.bytes())
    }
}

impl Checksum {
    /// The digest of the machine's that it is.
    pub fn digest(self) -> (HashKind, Digest) {
        let bytes = self.value.to_be_bytes();
        (self.kind.hash(), Digest::new(&bytes[bytes.len() - self.kind.bytes()..]))
    }
}

/// The value of big-endian bytes, at most 8.
pub(crate) fn number(bytes: &[u8]) -> Option<u64> {
    let mut padded = [0; 8];
    let start = padded.len().checked_sub(bytes.len())?;
    padded[start..].copy_from_slice(bytes);
    Some(u64::from_be_bytes(padded))
}

impl fmt::Display for ChecksumKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Crc64 => "CRC-64",
            Self::Crc64Nvme => "CRC-64/NVME",
            Self::Crc32c => "CRC-32C",
        })
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.value)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;

    const KINDS: [ChecksumKind; 3] = [ChecksumKind::Crc64, ChecksumKind::Crc64Nvme, ChecksumKind::Crc32c];

    /// By the definition, bit by bit: the polynomial reflected, all ones at the beginning, all bits flipped at the end.
    fn by_definition(kind: ChecksumKind, bytes: &[u8]) -> u64 {
        let (polynomial, ones) = match kind {
            ChecksumKind::Crc64 => (0xc96c_5795_d787_0f42, u64::MAX),
            ChecksumKind::Crc64Nvme => (0x9a6c_9329_ac4b_c9b5, u64::MAX),
            ChecksumKind::Crc32c => (0x82f6_3b78, u64::from(u32::MAX)),
        };
        let shift = |sum: u64| (sum >> 1) ^ (if sum & 1 == 1 { polynomial } else { 0 });
        bytes.iter().fold(ones, |sum, byte| (0..8).fold(sum ^ u64::from(*byte), |sum, _| shift(sum))) ^ ones
    }

    proptest! {
        #[test]
        fn pieces_combine_to_the_sum_of_the_whole(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..6),
        ) {
            for kind in KINDS {
                let add = |sum, piece: &Vec<u8>| kind.combine(sum, by_definition(kind, piece), piece.len() as u64);
                let whole = by_definition(kind, &pieces.concat());
                prop_assert_eq!(pieces.iter().fold(0, add), whole, "{}", kind);
                let mut hasher = resumable_core::Hasher::new(kind.hash()).unwrap();
                pieces.iter().for_each(|piece| hasher.update(piece));
                prop_assert_eq!(kind.of_digest(&hasher.finish()), Some(whole), "{}", kind);
                prop_assert_eq!(kind.of_digest(&Checksum { kind, value: whole }.digest().1), Some(whole));
            }
        }

        #[test]
        fn combining_does_not_depend_on_the_grouping(a: u32, b: u32, c: u32, len_b in 0u64..1 << 50, len_c in 0u64..1 << 50) {
            let (a, b, c) = (u64::from(a), u64::from(b), u64::from(c));
            for kind in KINDS {
                let left = kind.combine(kind.combine(a, b, len_b), c, len_c);
                prop_assert_eq!(left, kind.combine(a, kind.combine(b, c, len_c), len_b + len_c), "{}", kind);
            }
        }
    }

    #[test]
    fn pieces_combine() {
        let combine = |first, second, len| ChecksumKind::Crc64.combine(first, second, len);
        let (first, second) = (14_865_968_487_149_912_872, 7_598_038_797_645_275_211);
        assert_eq!(combine(first, second, 5), 11_051_210_869_376_104_954);
        assert_eq!(combine(0, 11_051_210_869_376_104_954, 9), 11_051_210_869_376_104_954);
        assert_eq!(combine(11_051_210_869_376_104_954, 0, 0), 11_051_210_869_376_104_954);
        let parts = [5_409_316_634_556_368_277, 8_193_091_521_729_089_674, 4_886_849_400_726_045_893];
        let two = combine(parts[0], parts[1], 102_400);
        assert_eq!(two, 9_849_586_725_973_554_304);
        assert_eq!(combine(two, parts[2], 95_200), 10_356_266_839_035_167_742);
    }

    /// 5 MiB of which byte i is i mod 251, then `tail`: the values are of the vendor's own library.
    #[test]
    fn pieces_combine_as_s3_puts_them_together() {
        let value = |text| number(&STANDARD.decode(text).unwrap()).unwrap();
        let whole = ChecksumKind::Crc64Nvme.combine(value("bgp1IS1VSZg="), value("sAra2CkCEgw="), 4);
        assert_eq!(whole, value("/PCLBfvKYl8="));
        assert_eq!(ChecksumKind::Crc32c.combine(value("CatQ4g=="), value("B21LrQ=="), 4), value("dOe+Og=="));
        for kind in [ChecksumKind::Crc64Nvme, ChecksumKind::Crc32c] {
            assert_eq!((kind.combine(0, 7, 9), kind.combine(7, 0, 0)), (7, 7), "{kind}");
        }
    }

    #[test]
    fn a_digest_of_another_length_is_no_number() {
        assert_eq!(ChecksumKind::Crc64.of_digest(&Digest::new([0, 0, 0, 0, 0, 0, 1, 2])), Some(258));
        assert_eq!(ChecksumKind::Crc32c.of_digest(&Digest::new([0, 0, 1, 2])), Some(258));
        for kind in [ChecksumKind::Crc64, ChecksumKind::Crc64Nvme, ChecksumKind::Crc32c] {
            assert_eq!(kind.of_digest(&Digest::new([1, 2])), None);
            let checksum = Checksum { kind, value: 258 };
            assert_eq!(kind.of_digest(&checksum.digest().1), Some(258));
        }
    }
}
