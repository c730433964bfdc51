//! See [`resumable_fuzz::resume`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| resumable_fuzz::resume::run(input));
