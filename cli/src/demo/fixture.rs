//! Sample files, and whether two files are the same.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::Path;

const PIECE: usize = 256 * 1024;

/// Makes a file of `len` random bytes that depend on `seed` alone: no slice of it is like another.
pub(super) fn make(path: &Path, len: u64, seed: u64) -> io::Result<()> {
    let mut chance = fastrand::Rng::with_seed(seed);
    let mut file = BufWriter::with_capacity(PIECE, File::create(path)?);
    let mut piece = vec![0; PIECE];
    let mut left = len;
    while left > 0 {
        let room = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        chance.fill(&mut piece[..room]);
        file.write_all(&piece[..room])?;
        left -= room as u64;
    }
    file.into_inner().map(drop).map_err(io::IntoInnerError::into_error)
}

/// True if both files hold the same bytes.
pub(super) fn same(one: &Path, other: &Path) -> io::Result<bool> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut a, mut b) = (vec![0; PIECE], vec![0; PIECE]);
    loop {
        let count = one.read(&mut a)?;
        if count == 0 {
            return Ok(other.read(&mut b)? == 0);
        }
        match other.read_exact(&mut b[..count]) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            result => result?,
        }
        if a[..count] != b[..count] {
            return Ok(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_changed_byte_and_a_missing_one_are_seen() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("one"), folder.path().join("other"));
        make(&one, 600_000, 1).unwrap();
        make(&other, 600_000, 1).unwrap();
        assert!(same(&one, &other).unwrap());
        let mut bytes = fs::read(&other).unwrap();
        bytes[599_999] ^= 1;
        fs::write(&other, &bytes).unwrap();
        assert!(!same(&one, &other).unwrap());
        fs::write(&other, &bytes[..599_999]).unwrap();
        assert!(!same(&one, &other).unwrap());
    }

    #[test]
    fn no_slice_is_like_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sample");
        make(&path, 1 << 20, 7).unwrap();
        let bytes = fs::read(&path).unwrap();
        let mut slices: Vec<&[u8]> = bytes.chunks(4096).collect();
        slices.sort_unstable();
        slices.dedup();
        assert_eq!(slices.len(), 256);
    }
}
