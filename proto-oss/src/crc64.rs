//! CRC-64 as the vendor sends it: `x-oss-hash-crc64ecma`, an unsigned decimal number.

use resumable_core::Digest;
pub use resumable_core::crc64::combine;

/// The number of an observed digest.
pub(crate) fn of_digest(digest: &Digest) -> Option<u64> {
    digest.as_bytes().try_into().ok().map(u64::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_combine() {
        let (first, second) = (14_865_968_487_149_912_872, 7_598_038_797_645_275_211);
        assert_eq!(combine(first, second, 5), 11_051_210_869_376_104_954);
        assert_eq!(combine(0, 11_051_210_869_376_104_954, 9), 11_051_210_869_376_104_954);
        assert_eq!(combine(11_051_210_869_376_104_954, 0, 0), 11_051_210_869_376_104_954);
        let parts = [5_409_316_634_556_368_277, 8_193_091_521_729_089_674, 4_886_849_400_726_045_893];
        let two = combine(parts[0], parts[1], 102_400);
        assert_eq!(two, 9_849_586_725_973_554_304);
        assert_eq!(combine(two, parts[2], 95_200), 10_356_266_839_035_167_742);
    }

    #[test]
    fn a_digest_of_another_length_is_no_number() {
        assert_eq!(of_digest(&Digest::new([0, 0, 0, 0, 0, 0, 1, 2])), Some(258));
        assert_eq!(of_digest(&Digest::new([1, 2])), None);
    }
}
