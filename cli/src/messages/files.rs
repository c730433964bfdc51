//! What is wrong with what is uploaded, and where to.

use std::ffi::OsStr;
use std::path::Path;

use clap::Parser as _;
use resumable::SourceError;

use super::{block, problems};
use crate::args::Args;
use crate::local_file::refused;

pub(super) fn all() -> String {
    problems("The file", files()) + &block("The command line", &usage())
}

fn files() -> Vec<crate::exit::Problem> {
    let name = || "photos/big.bin".to_owned();
    let errors = [
        SourceError::Missing(name()),
        SourceError::Denied(name()),
        SourceError::NotRegular(name()),
        SourceError::FalseLength(name()),
        SourceError::Ended { at: 7, expected: 9 },
        SourceError::Written,
        SourceError::Read(std::io::Error::other("input/output error")),
    ];
    errors.iter().map(|error| refused(Path::new("photos/big.bin"), error)).collect()
}

/// What clap says of arguments that cannot be.
fn usage() -> String {
    let put = ["put", "big.bin"];
    let lines: [&[&str]; 14] = [
        &["upload"],
        &["put"],
        &["put", "big.bin", "work"],
        &["put", "big.bin", "work:"],
        &["put", "big.bin", "work:/x", "--limit-rate", "5"],
        &["put", "big.bin", "work:/x", "--limit-rate", "0"],
        &["put", "big.bin", "work:/x", "--limit-rate", "fast"],
        &["put", "big.bin", "work:/x", "--patience", "5"],
        &["put", "big.bin", "work:/x", "--window", "0"],
        &["put", "big.bin", "work:/x", "--transport", "curl"],
        &["demo", "--size", "much"],
        &["emulator", "--listen", "localhost:0"],
        &["emulator", "--listen", "8080", "--null"],
        &["profiles", "ftp"],
    ];
    assert!(lines.iter().any(|line| line.starts_with(&put)));
    lines.map(|line| format!("$ resumable {}\n{}\n", line.join(" "), said(line))).concat()
}

fn said(line: &[&str]) -> String {
    let args = std::iter::once("resumable").chain(line.iter().copied()).map(OsStr::new);
    Args::try_parse_from(args).err().map(|error| error.to_string()).unwrap_or_default()
}
