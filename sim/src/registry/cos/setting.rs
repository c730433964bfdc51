//! One case's choices: the client's options, switches and limits of the emulator, and what is there before.

use fastrand::Rng;

use super::Before;
use crate::chance::pick;

/// The slice sizes of the tiny vendor.
pub(crate) const TINY: [u64; 3] = [64, 128, 192];
/// The tiny vendor's `op=upload` takes at most so much.
pub(crate) const TINY_ONE_REQUEST: u64 = 300;
/// How far the server's clock may be ahead, in seconds.
pub(crate) const OFFSETS: [i64; 24] =
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, -20, 500, 3_000, -3_000, 9_000, -9_000, 200_000];
/// One case in so many has the vendor's real limits.
pub(crate) const REAL_EVERY: u32 = 4000;

/// What a case is made of; options, switches and limits are a version's own.
#[derive(Clone, Debug)]
pub struct Setting<Options, Switches, Limits> {
    /// The file's length.
    pub size: u64,
    /// The object's key.
    pub key: &'static str,
    /// The client's options.
    pub options: Options,
    /// The emulator's switches.
    pub switches: Switches,
    /// The vendor's limits.
    pub limits: Limits,
    /// How far the server's clock is ahead, in seconds.
    pub clock_offset: i64,
    /// What is there before the upload begins.
    pub before: Before,
}

impl<Options, Switches: Default, Limits> Setting<Options, Switches, Limits> {
    /// Nothing there before, no surprises.
    pub(crate) fn calm(size: u64, options: Options, limits: Limits) -> Self {
        let (switches, before) = (Switches::default(), Before::Nothing);
        Self { size, key: "f.bin", options, switches, limits, clock_offset: 0, before }
    }
}

/// The length of a file in slices of this size.
pub(crate) fn file(chance: &mut Rng, slice: u64) -> u64 {
    let slices = pick(chance, &[1, 2, 3, 3, 4, 5, 8, 20]);
    match chance.u8(0..16) {
        0 => 0,
        1 => 1,
        2..6 => slices * slice,
        6..10 => slices * slice + 1,
        10..14 => slices * slice - 1,
        _ => chance.u64(1..slices * slice + slice),
    }
}
