//! CRC-64/XZ of pieces of one content, put together without reading them again.

/// The polynomial x^64 + x^62 + … + 1 of ECMA-182, reflected: bit 63 stands for x^0.
const POLYNOMIAL: u64 = 0xc96c_5795_d787_0f42;

/// x^(2^n) for each n that the length of a content in bits can have.
const POWERS: [u64; 67] = {
    let mut powers = [1 << 62; 67];
    let mut n = 1;
    while n < powers.len() {
        powers[n] = multiply(powers[n - 1], powers[n - 1]);
        n += 1;
    }
    powers
};

/// The product of two polynomials, modulo the one of the CRC.
const fn multiply(a: u64, mut b: u64) -> u64 {
    let mut product = 0;
    let mut bit = 64;
    while bit > 0 {
        bit -= 1;
        product ^= b & (a >> bit & 1).wrapping_neg();
        b = b >> 1 ^ POLYNOMIAL & (b & 1).wrapping_neg();
    }
    product
}

/// What a piece with this CRC-64 adds to that of a content in which `after` bytes follow it. The CRC-64 of a content is
/// the exclusive or of what its pieces add, in any order; whatever is missing counts as nothing.
pub fn shifted(crc64: u64, after: u64) -> u64 {
    let mut shifted = crc64;
    let mut left = after;
    while left > 0 {
        let bit = left.trailing_zeros();
        shifted = multiply(POWERS[bit as usize + 3], shifted);
        left &= left - 1;
    }
    shifted
}

/// The CRC-64 of two pieces, one after the other, from those of the pieces; `second_len` is the second one's length in
/// bytes. That of nothing is 0.
pub fn combine(first: u64, second: u64, second_len: u64) -> u64 {
    shifted(first, second_len) ^ second
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use crc_fast::{CrcAlgorithm, checksum, checksum_combine};
    use proptest::prelude::*;

    use super::*;

    fn crc64(bytes: &[u8]) -> u64 {
        checksum(CrcAlgorithm::Crc64Xz, bytes)
    }

    /// Of short pieces as of those that nobody has; two of them have a sum, also in bits.
    fn length() -> impl Strategy<Value = u64> {
        prop_oneof![0u64..100, (any::<u64>(), 4u32..64).prop_map(|(len, by)| len >> by)]
    }

    #[test]
    fn lengths_beyond_what_can_be_tried() {
        for len in [1, 4096, 5 << 30, (5 << 30) + 77, 1 << 50, u64::MAX >> 3] {
            assert_eq!(
                combine(crc64(b"a"), crc64(b"b"), len),
                checksum_combine(CrcAlgorithm::Crc64Xz, crc64(b"a"), crc64(b"b"), len)
            );
        }
    }

    proptest! {
        #[test]
        fn the_laws_of_combining(a: u64, b: u64, c: u64, len_b in length(), len_c in length()) {
            prop_assert_eq!(combine(a, b, len_b), checksum_combine(CrcAlgorithm::Crc64Xz, a, b, len_b), "as others do it");
            prop_assert_eq!((combine(a, 0, 0), combine(0, a, len_b)), (a, a), "nothing before and nothing after");
            let left = combine(combine(a, b, len_b), c, len_c);
            prop_assert_eq!(left, combine(a, combine(b, c, len_c), len_b + len_c), "in any grouping");
            prop_assert_eq!(shifted(shifted(a, len_b), len_c), shifted(a, len_b + len_c));
            prop_assert_eq!(shifted(a ^ b, len_b), shifted(a, len_b) ^ shifted(b, len_b));
        }

        #[test]
        fn pieces_in_any_order_add_up(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..8), turn in 0usize..8) {
            let whole: Vec<u8> = pieces.concat();
            let mut at = 0;
            let mut added: Vec<u64> = pieces.iter().map(|piece| {
                at += piece.len();
                shifted(crc64(piece), (whole.len() - at) as u64)
            }).collect();
            let count = added.len().max(1);
            added.rotate_left(turn % count);
            prop_assert_eq!(added.into_iter().fold(0, |sum, piece| sum ^ piece), crc64(&whole));
        }
    }
}
