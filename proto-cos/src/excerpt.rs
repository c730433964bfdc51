//! Text from a server, made fit for a message to a person.

use alloc::string::String;

/// The length of a `SecretKey`, in base64 characters. A signature is longer.
const KEY_LIKE: usize = 32;

/// No signature is shorter than this, in base64 characters; the vendor's names of sessions are.
const SIGNATURE_LIKE: usize = 64;

/// One line of printable characters, at most 200 of them, without anything that could be a key or a signature.
pub fn printable(text: &str) -> String {
    resumable_core::excerpt::printable(text, KEY_LIKE)
}

/// The same for a session's name, which looks like a key.
pub(crate) fn printable_session(text: &str) -> String {
    resumable_core::excerpt::printable(text, SIGNATURE_LIKE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_left_out_and_a_session_is_not() {
        let signature =
            "MRwNITWcrKm/hsIAGIkyW86G4+1hPTEwMDU1MDA0Jms9QUtJRHRlc3RpZCZlPTE0NzAwMDAzMDAmdD0xNDcwMDAwMDAwJg==";
        assert_eq!(printable(&format!("Authorization:{signature}; no")), "Authorization:[…]; no");
        assert_eq!(printable(&format!("?sign={}&a", signature.replace('/', "%2F"))), "?[…]&a");
        let session = "48d44422-3188-4c6c-b122-6f780742f125+CpzDLtEHAA==";
        assert_eq!(printable_session(session), session);
        assert_eq!(printable_session(signature), "[…]");
    }

    #[test]
    fn a_key_is_left_out_and_the_name_of_an_error_is_not() {
        assert_eq!(printable("key Xk3vR9mQ2wT7zL5cB8nJ4hF6dS1gP0yA!"), "key […]!");
        let name = "ERROR_PROXY_AUTH_SIGN_NOT_YET_VALID_HERE";
        assert_eq!(printable(name), name);
    }
}
