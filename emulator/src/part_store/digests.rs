//! What is known of bytes: MD5 and CRC-64/XZ always, and others where somebody may ask for them.

use std::collections::BTreeMap;

use crc_fast::{CrcAlgorithm, Digest as Crc, checksum_combine};
use md5::Md5;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

const CRC: CrcAlgorithm = CrcAlgorithm::Crc64Xz;

/// What can be computed beside MD5 and CRC-64/XZ.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Algorithm {
    Crc64Nvme,
    Crc32,
    Crc32c,
    Sha1,
    Sha256,
}

/// Takes bytes as they come.
pub(crate) struct Hashes {
    md5: Md5,
    crc64: Crc,
    further: Vec<(Algorithm, Further)>,
}

enum Further {
    Crc(Crc),
    Sha1(Sha1),
    Sha256(Sha256),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Digests {
    pub(crate) md5: [u8; 16],
    /// CRC-64/XZ.
    pub(crate) crc64: u64,
    /// What else was asked for, big-endian where it is a number.
    pub(crate) further: BTreeMap<Algorithm, Vec<u8>>,
}

impl Algorithm {
    pub(crate) const ALL: [Algorithm; 5] =
        [Algorithm::Crc64Nvme, Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Sha1, Algorithm::Sha256];

    /// Absent for one that is no CRC.
    fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Algorithm::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Algorithm::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Algorithm::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Algorithm::Sha1 | Algorithm::Sha256 => None,
        }
    }

    fn begin(self) -> Further {
        match self {
            Algorithm::Sha1 => Further::Sha1(Sha1::new()),
            Algorithm::Sha256 => Further::Sha256(Sha256::new()),
            _ => Further::Crc(Crc::new(self.crc().unwrap_or(CRC))),
        }
    }

    /// Bytes of a digest.
    pub(crate) fn width(self) -> usize {
        match self {
            Algorithm::Crc64Nvme => 8,
            Algorithm::Crc32 | Algorithm::Crc32c => 4,
            Algorithm::Sha1 => 20,
            Algorithm::Sha256 => 32,
        }
    }

    /// Of bytes that are all here.
    pub(crate) fn of(self, bytes: &[u8]) -> Vec<u8> {
        let mut further = self.begin();
        further.update(bytes);
        further.finish(self)
    }

    /// Of some bytes and those behind them; none where that cannot be known from both.
    pub(crate) fn joined(self, first: &[u8], second: &[u8], second_length: u64) -> Option<Vec<u8>> {
        let crc = self.crc()?;
        let number = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let joined = match second_length {
            0 => number(first),
            _ => checksum_combine(crc, number(first), number(second), second_length),
        };
        Some(self.bytes(joined))
    }

    fn bytes(self, number: u64) -> Vec<u8> {
        number.to_be_bytes()[8 - self.width().min(8)..].to_vec()
    }
}

impl Further {
    fn update(&mut self, bytes: &[u8]) {
        match self {
            Further::Crc(it) => it.update(bytes),
            Further::Sha1(it) => it.update(bytes),
            Further::Sha256(it) => it.update(bytes),
        }
    }

    fn finish(self, algorithm: Algorithm) -> Vec<u8> {
        match self {
            Further::Crc(it) => algorithm.bytes(it.finalize()),
            Further::Sha1(it) => it.finalize().to_vec(),
            Further::Sha256(it) => it.finalize().to_vec(),
        }
    }
}

impl Hashes {
    pub(crate) fn new(further: &[Algorithm]) -> Hashes {
        let further = further.iter().map(|algorithm| (*algorithm, algorithm.begin())).collect();
        Hashes { md5: Md5::new(), crc64: Crc::new(CRC), further }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        self.crc64.update(bytes);
        for (_, further) in &mut self.further {
            further.update(bytes);
        }
    }

    pub(crate) fn finish(self) -> Digests {
        Digests {
            md5: self.md5.finalize().into(),
            crc64: self.crc64.finalize(),
            further: self.further.into_iter().map(|(name, it)| (name, it.finish(name))).collect(),
        }
    }
}

/// The CRC-64/XZ of bytes and those behind them.
pub(crate) fn joined(first: u64, second: u64, second_length: u64) -> u64 {
    if second_length == 0 { first } else { checksum_combine(CRC, first, second, second_length) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crc(bytes: &[u8]) -> u64 {
        let mut hashes = Hashes::new(&[]);
        hashes.update(bytes);
        hashes.finish().crc64
    }

    #[test]
    fn the_vectors_of_the_reference() {
        assert_eq!(crc(b"123456789"), 11_051_210_869_376_104_954);
        assert_eq!(crc(b""), 0);
        assert_eq!(crc(b"a"), 3_675_645_893_302_102_789);
        assert_eq!(crc(b"hello world"), 5_981_764_153_023_615_706);
        assert_eq!(crc(&[0; 8]), 13_144_445_341_178_972_864);
        let (first, second) = (14_865_968_487_149_912_872, 7_598_038_797_645_275_211);
        assert_eq!(joined(first, second, 5), 11_051_210_869_376_104_954);
        assert_eq!([joined(first, 0, 0), joined(0, second, 5)], [first, second]);
    }

    #[test]
    fn the_reference_file() {
        let file: Vec<u8> = (0..300_000u32).map(|at| u8::try_from(at % 251).expect("a byte")).collect();
        let mut hashes = Hashes::new(&[Algorithm::Sha1]);
        file.chunks(7000).for_each(|piece| hashes.update(piece));
        let whole = hashes.finish();
        assert_eq!(whole.crc64, 10_356_266_839_035_167_742);
        assert_eq!(hex::encode_upper(&whole.further[&Algorithm::Sha1]), "4EC42555F6A50309CCDB22AE377A2759856C0231");
        let mut first = Hashes::new(&[]);
        first.update(&file[..102_400]);
        assert_eq!(hex::encode_upper(first.finish().md5), "1A0F81547E5BA2E9C4A4B94A74731993");
    }

    #[test]
    fn each_further_digest_of_a_known_text() {
        for (algorithm, expected) in [
            (Algorithm::Crc64Nvme, "ae8b14860a799888"),
            (Algorithm::Crc32, "cbf43926"),
            (Algorithm::Crc32c, "e3069283"),
            (Algorithm::Sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
            (Algorithm::Sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
        ] {
            let whole = algorithm.of(b"123456789");
            assert_eq!((hex::encode(&whole).as_str(), whole.len()), (expected, algorithm.width()), "{algorithm:?}");
            let joined = algorithm.joined(&algorithm.of(b"1234"), &algorithm.of(b"56789"), 5);
            assert_eq!(joined, algorithm.crc().map(|_| whole.clone()), "{algorithm:?}");
            let joined = algorithm.joined(&whole, &algorithm.of(b""), 0);
            assert_eq!(joined, algorithm.crc().map(|_| whole), "{algorithm:?}");
        }
    }
}
