//! What is drawn in more than one place.

use fastrand::Rng;

/// One of these.
pub(crate) fn pick<T: Copy>(chance: &mut Rng, among: &[T]) -> T {
    among[chance.usize(0..among.len())]
}

/// The length of a file of so many parts, of a vendor that takes at most `most` parts of at most `largest` bytes: parts
/// that are all full or not, no byte, one byte; and now and then more parts than the vendor takes, or hardly.
pub(crate) fn file_of_parts(chance: &mut Rng, part: u64, most: u64, largest: u64) -> u64 {
    let parts = pick(chance, &[1, 2, 3, 3, 4, 5, 8, 20]);
    match chance.u8(0..64) {
        0 | 1 => 0,
        2 | 3 => 1,
        4 => pick(chance, &[1, most - 1, most]) * largest + chance.u64(0..2),
        5..22 => parts * part,
        22..38 => parts * part + 1,
        38..52 => parts * part - 1,
        _ => chance.u64(1..parts * part + part),
    }
}
