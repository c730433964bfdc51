//! See [`resumable_fuzz::profile`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| resumable_fuzz::profile::run(input));
