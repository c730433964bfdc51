//! See [`resumable_fuzz::form`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| resumable_fuzz::form::run(input));
