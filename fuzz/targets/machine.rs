//! See [`resumable_fuzz::machine`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| resumable_fuzz::machine::run(input));
