//! Text from a server, made fit for a message to a person.

use alloc::string::String;

/// No signature is shorter than this, in base64 characters; the vendor's request ids are.
const SIGNATURE_LIKE: usize = 64;

/// One line of printable characters, at most 200 of them, without anything that could be a signature.
pub fn printable(text: &str) -> String {
    resumable_core::excerpt::printable(text, SIGNATURE_LIKE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_left_out_and_a_request_id_is_not() {
        let signature =
            "MRwNITWcrKm/hsIAGIkyW86G4+1hPTEwMDU1MDA0Jms9QUtJRHRlc3RpZCZlPTE0NzAwMDAzMDAmdD0xNDcwMDAwMDAwJg==";
        assert_eq!(printable(&format!("Authorization:{signature}; no")), "Authorization:[…]; no");
        assert_eq!(printable(&format!("?sign={}&a", signature.replace('/', "%2F"))), "?[…]&a");
        let id = "id NTk5YzExMjJfMjViMjU4NjRfMTUyMV8xMjM0NTY=";
        assert_eq!(printable(id), id);
    }
}
