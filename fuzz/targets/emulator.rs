//! See [`resumable_fuzz::emulator`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| resumable_fuzz::emulator::run(input));
