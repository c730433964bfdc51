//! What is known of bytes: MD5 and CRC-64/XZ, and SHA-1 where a callback may ask for it.

use crc_fast::{CrcAlgorithm, Digest as Crc, checksum_combine};
use md5::Md5;
use sha1::Sha1;
use sha2::Digest as _;

const CRC: CrcAlgorithm = CrcAlgorithm::Crc64Xz;

/// Takes bytes as they come.
pub(super) struct Hashes {
    md5: Md5,
    crc64: Crc,
    sha1: Option<Sha1>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Digests {
    pub(super) md5: [u8; 16],
    pub(super) crc64: u64,
    pub(super) sha1: Option<[u8; 20]>,
}

impl Hashes {
    pub(super) fn new(with_sha1: bool) -> Hashes {
        Hashes { md5: Md5::new(), crc64: Crc::new(CRC), sha1: with_sha1.then(Sha1::new) }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        self.crc64.update(bytes);
        if let Some(sha1) = &mut self.sha1 {
            sha1.update(bytes);
        }
    }

    pub(super) fn finish(self) -> Digests {
        Digests {
            md5: self.md5.finalize().into(),
            crc64: self.crc64.finalize(),
            sha1: self.sha1.map(|sha1| sha1.finalize().into()),
        }
    }
}

/// The CRC-64 of bytes and those behind them.
pub(super) fn joined(first: u64, second: u64, second_length: u64) -> u64 {
    if second_length == 0 { first } else { checksum_combine(CRC, first, second, second_length) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crc(bytes: &[u8]) -> u64 {
        let mut hashes = Hashes::new(false);
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
        let mut hashes = Hashes::new(true);
        file.chunks(7000).for_each(|piece| hashes.update(piece));
        let whole = hashes.finish();
        assert_eq!(whole.crc64, 10_356_266_839_035_167_742);
        assert_eq!(hex::encode_upper(whole.sha1.expect("asked for")), "4EC42555F6A50309CCDB22AE377A2759856C0231");
        let mut first = Hashes::new(false);
        first.update(&file[..102_400]);
        assert_eq!(hex::encode_upper(first.finish().md5), "1A0F81547E5BA2E9C4A4B94A74731993");
    }
}
