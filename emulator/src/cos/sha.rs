//! SHA-1 values as the wire writes them.

use std::io;

use sha1::{Digest, Sha1};

/// A SHA-1 value.
pub(crate) type Sha = [u8; 20];

const CHUNK: usize = 64 * 1024;

/// 40 hexadecimal digits, in either case.
pub(crate) fn parse_hex(text: &str) -> Option<Sha> {
    let mut sha = [0; 20];
    let digits = text.as_bytes();
    if digits.len() != 2 * sha.len() {
        return None;
    }
    for (byte, pair) in sha.iter_mut().zip(digits.as_chunks::<2>().0) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(sha)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// Lower-case hexadecimal digits.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|nibble| char::from(DIGITS[usize::from(nibble)])).collect()
}

/// Hashes `length` bytes from `offset` on.
pub(crate) fn update(
    hasher: &mut Sha1,
    offset: u64,
    length: u64,
    read: &mut dyn FnMut(u64, &mut [u8]) -> io::Result<usize>,
) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK.min(usize::try_from(length).unwrap_or(CHUNK))];
    let mut done = 0;
    while done < length {
        let wanted = usize::try_from(length - done).map_or(CHUNK, |rest| rest.min(CHUNK));
        let chunk = &mut chunk[..wanted];
        if read(offset + done, chunk)? < wanted {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        hasher.update(&*chunk);
        done += wanted as u64;
    }
    Ok(())
}

/// The digest of a whole thing.
pub(crate) fn of(length: u64, read: &mut dyn FnMut(u64, &mut [u8]) -> io::Result<usize>) -> io::Result<Sha> {
    let mut hasher = Sha1::new();
    update(&mut hasher, 0, length, read)?;
    Ok(hasher.finalize().into())
}
