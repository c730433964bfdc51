//! What a client of v1 sends.

use resumable_emulator::Emulator;

use super::{Answer, File, Part, Text, call_at, sha};

pub const URL: &str = "/files/v1/10055004/accesslog/d/f.bin";

pub fn call(emulator: &Emulator, parts: &[Part<'_>]) -> Answer {
    call_at(emulator, URL, parts)
}

/// Init for a file, with further fields.
pub fn init_with(emulator: &Emulator, url: &str, file: &[u8], more: &[(&str, &str)]) -> Answer {
    let (digest, length) = (sha(file), file.len().to_string());
    let mut parts = vec![Text("op", "upload_slice"), Text("sha", &digest), Text("filesize", &length)];
    parts.extend(more.iter().map(|(name, value)| Text(name, value)));
    call_at(emulator, url, &parts)
}

pub fn init(emulator: &Emulator, file: &[u8]) -> Answer {
    init_with(emulator, URL, file, &[])
}

pub fn slice(emulator: &Emulator, session: &str, offset: usize, bytes: &[u8]) -> Answer {
    let offset = offset.to_string();
    call(emulator, &[Text("op", "upload_slice"), Text("session", session), Text("offset", &offset), File(bytes)])
}

/// Slices of 64 bytes, from one slice to another; the last answer.
pub fn slices(emulator: &Emulator, session: &str, file: &[u8], which: impl IntoIterator<Item = usize>) -> Answer {
    let each = which.into_iter().map(|index| {
        let answer = slice(emulator, session, index * 64, &file[index * 64..(index * 64 + 64).min(file.len())]);
        assert_eq!(answer.data()["offset"], index * 64);
        answer
    });
    each.last().expect("a slice")
}

pub fn upload(emulator: &Emulator, url: &str, file: &[u8]) -> Answer {
    call_at(emulator, url, &[Text("op", "upload"), File(file)])
}

pub fn stat(emulator: &Emulator) -> Answer {
    call(emulator, &[Text("op", "stat")])
}

pub fn stored(emulator: &Emulator) -> Option<Vec<u8>> {
    emulator.cos_v1().read_object("10055004", "accesslog", "d/f.bin").expect("memory")
}

/// The slices of each unfinished upload.
pub fn unfinished(emulator: &Emulator) -> Vec<Vec<(u64, u64)>> {
    emulator.cos_v1().slices("10055004", "accesslog", "d/f.bin")
}
