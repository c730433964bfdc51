//! The `uploadparts` field of [`crate::upload_slice_init`] (page 436/6067).
//!
//! A JSON array of `{"offset":…,"datalen":…,"datasha":"…"}`, compact, one entry for every `every` bytes of the file;
//! offsets and lengths are in bytes. `datasha` is no digest of the part: it is the state of SHA-1 after all bytes up to
//! the part's end, without padding, as 40 hexadecimal digits of the five words, each little-endian. The last part has
//! the ordinary SHA-1 of the whole file instead, the same as the `sha` field. [`HashKind::Sha1Chain`] gives just that.
//!
//! The distance need not be the `slice_size`; the vendor's SDKs use 1 MiB. No SDK sends this field for an empty file.
//!
//! [`HashKind::Sha1Chain`]: resumable_core::HashKind::Sha1Chain

use alloc::string::String;
use core::fmt::Write as _;

use resumable_core::Digest;

/// The field's text, from the digest that `HashKind::Sha1Chain { every }` gives over the whole file.
///
/// # Errors
/// When the digest cannot be that of a file of this length.
pub fn uploadparts(every: u64, filesize: u64, chain: &Digest) -> Result<String, NotAChain> {
    let states = chain.as_bytes().chunks_exact(20);
    let parts = filesize.checked_div(every).ok_or(NotAChain)? + u64::from(!filesize.is_multiple_of(every));
    if !states.remainder().is_empty() || states.len() as u64 != parts.max(1) {
        return Err(NotAChain);
    }
    let mut text = String::with_capacity(2 + states.len() * LONGEST_ENTRY);
    let mut offset = 0;
    for state in states {
        let datalen = every.min(filesize - offset);
        let before = if offset == 0 { '[' } else { ',' };
        let mut digits = [0; 40];
        hex::encode_to_slice(state, &mut digits).map_err(|_| NotAChain)?;
        let datasha = core::str::from_utf8(&digits).map_err(|_| NotAChain)?;
        write!(text, "{before}{{\"offset\":{offset},\"datalen\":{datalen},\"datasha\":\"{datasha}\"}}")
            .map_err(|_| NotAChain)?;
        offset += datalen;
    }
    text.push(']');
    Ok(text)
}

/// An entry of a file of 64 GiB: 11 digits of offset, 8 of length, 40 of state, and 36 for the rest.
const LONGEST_ENTRY: usize = 96;

/// A digest that is not the SHA-1 chain of a file of the given length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the SHA-1 states do not belong to a file of this length")]
pub struct NotAChain;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_states_must_fit_the_length() {
        let states = |count: usize| Digest::new(vec![0; 20 * count]);
        for (filesize, count) in [(0, 1), (1, 1), (64, 1), (65, 2), (128, 2), (129, 3)] {
            assert!(uploadparts(64, filesize, &states(count)).is_ok(), "{filesize}");
            assert_eq!(uploadparts(64, filesize, &states(count + 1)), Err(NotAChain), "{filesize}");
            assert_eq!(uploadparts(64, filesize, &states(count - 1)), Err(NotAChain), "{filesize}");
        }
        assert_eq!(uploadparts(0, 64, &states(1)), Err(NotAChain));
        assert_eq!(uploadparts(64, 64, &Digest::new(vec![0; 21])), Err(NotAChain));
    }

    #[test]
    fn a_large_file_is_written_without_growing() {
        let text = uploadparts(1 << 20, 64 << 30, &Digest::new(vec![0xab; 20 * 65_536])).unwrap();
        assert!(text.len() <= 2 + 65_536 * LONGEST_ENTRY);
        assert!(text.ends_with(
            "{\"offset\":68718428160,\"datalen\":1048576,\"datasha\":\"abababababababababababababababababababab\"}]"
        ));
    }
}
