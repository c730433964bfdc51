//! An order-free sum over parts.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A sum over `(number, size, tag)` of parts that does not depend on their order: 16 bytes whatever their number.
///
/// Two lists of parts have equal sums when they name the same parts; that is how a client tells whether what a
/// server lists is what it saw acknowledged, without remembering every part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally(#[serde(with = "hex::serde")] [u8; 16]);

impl Tally {
    /// Adds one part: its number, its size in bytes, and the vendor's tag for its content.
    pub fn add(&mut self, number: u64, size: u64, tag: &[u8]) {
        let mut hash = Sha256::new();
        hash.update(number.to_le_bytes());
        hash.update(size.to_le_bytes());
        hash.update(tag);
        let digest: [u8; 32] = hash.finalize().into();
        let (head, _) = digest.split_at(16);
        let term = u128::from_le_bytes(head.try_into().unwrap_or_default());
        self.0 = u128::from_le_bytes(self.0).wrapping_add(term).to_le_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(parts: &[(u64, u64, &str)]) -> Tally {
        let mut tally = Tally::default();
        parts.iter().for_each(|(number, size, tag)| tally.add(*number, *size, tag.as_bytes()));
        tally
    }

    #[test]
    fn order_does_not_matter_and_content_does() {
        let parts = [(1, 10, "a"), (2, 10, "b"), (3, 4, "c")];
        assert_eq!(tally(&parts), tally(&[parts[2], parts[0], parts[1]]));
        assert_ne!(tally(&parts), tally(&[(1, 10, "b"), (2, 10, "a"), (3, 4, "c")]));
        assert_ne!(tally(&parts), tally(&[(1, 10, "a"), (2, 11, "b"), (3, 4, "c")]));
        assert_ne!(tally(&parts), tally(&parts[..2]));
        assert_ne!(tally(&[(1, 1, "a"), (1, 1, "a")]), Tally::default());
    }
}
