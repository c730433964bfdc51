//! See [`resumable_fuzz::reply`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| resumable_fuzz::reply::run(input));
