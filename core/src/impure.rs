//! What a pure crate must not do. Compiled by `cargo xtask ci pure` alone, which expects every line with a mark to be refused.

pub fn chance() -> [u64; 2] {
    let own = fastrand::Rng::new().u64(..); // refused
    let shared = fastrand::u64(..); // refused
    [own, shared]
}

pub fn clock() -> jiff::Timestamp {
    jiff::Timestamp::now() // refused
}

pub fn environment() -> (&'static str, Option<&'static str>) {
    let needed = env!("PATH"); // refused
    (needed, option_env!("HOME")) // refused
}

pub fn file() -> bool {
    crc_fast::checksum_file(crc_fast::CrcAlgorithm::Crc64Xz, "/etc/hosts", None).is_ok() // refused
}
