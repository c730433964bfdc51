//! The resumable command: upload big files, and go on after an interruption.
fn main() {}
