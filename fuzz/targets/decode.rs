//! See [`resumable_fuzz::decode`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| resumable_fuzz::decode::run(input));
