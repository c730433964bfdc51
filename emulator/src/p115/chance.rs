//! Whatever looks random: it comes from a seed, the time and a counter, so that the same run gives the same, and a later
//! process something else.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sha2::{Digest, Sha256};

#[derive(Debug)]
pub(super) struct Chance {
    seed: u64,
    serial: AtomicU64,
}

impl Chance {
    pub(super) fn new(seed: u64) -> Chance {
        Chance { seed, serial: AtomicU64::new(0) }
    }

    fn draw(&self, clock: Duration) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(self.seed.to_be_bytes());
        hasher.update(clock.as_nanos().to_be_bytes());
        hasher.update(self.serial.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        hasher.finalize().into()
    }

    /// So many hexadecimal digits in lower case, at most 64.
    pub(super) fn hex(&self, clock: Duration, digits: usize) -> String {
        let mut text = hex::encode(self.draw(clock));
        text.truncate(digits);
        text
    }

    /// The time in hexadecimal seconds, then chance: so many digits in all.
    pub(super) fn stamped_hex(&self, clock: Duration, digits: usize) -> String {
        let mut text = format!("{:08x}{}", clock.as_secs(), hex::encode(self.draw(clock)));
        text.truncate(digits);
        text
    }

    /// So many small letters and digits, at most 32.
    pub(super) fn letters(&self, clock: Duration, count: usize) -> String {
        const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let drawn = self.draw(clock);
        drawn.iter().take(count).map(|byte| char::from(LETTERS[usize::from(byte & 31)])).collect()
    }

    /// Below `bound`; 0 if that is 0.
    pub(super) fn below(&self, clock: Duration, bound: u64) -> u64 {
        let drawn = self.draw(clock);
        let number = drawn.iter().take(8).fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        number.checked_rem(bound).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(0x6955_8480);

    #[test]
    fn the_same_seed_and_time_give_the_same_in_the_same_order() {
        let run = |seed, clock| {
            let chance = Chance::new(seed);
            [chance.hex(clock, 40), chance.letters(clock, 17), chance.below(clock, 1000).to_string()]
        };
        assert_eq!(run(1, NOW), run(1, NOW));
        assert_ne!(run(1, NOW), run(2, NOW));
        assert_ne!(run(1, NOW), run(1, NOW + Duration::from_secs(1)));
    }

    #[test]
    fn texts_have_the_length_and_the_letters_that_were_asked_for() {
        let chance = Chance::new(1);
        let stamped = chance.stamped_hex(NOW, 24);
        assert!(stamped.len() == 24 && stamped.starts_with("69558480"), "{stamped}");
        assert_eq!((chance.hex(NOW, 40).len(), chance.letters(NOW, 17).len()), (40, 17));
        assert_eq!(chance.below(NOW, 0), 0);
        assert!((0..1000).all(|_| chance.below(NOW, 3) < 3));
    }
}
