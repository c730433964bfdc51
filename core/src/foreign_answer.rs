//! Answers whose body is not the vendor's.

use http::StatusCode;

use crate::protocol::Advice;

/// What to do about an answer whose body is not the vendor's: the page of a proxy, of something in the middle, of
/// another service, or half a body. Such a failure is transient, whatever its status, so patience
/// decides: it is no refusal of this call, and it does not say that the upload can never succeed. `changes`: the call may have had an effect.
///
/// Two statuses say more: a body that is too large (413) is so at every try, and too many calls (429) are throttled.
pub fn advice_on_foreign(status: StatusCode, changes: bool) -> Advice {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Advice::Fatal,
        StatusCode::TOO_MANY_REQUESTS => Advice::throttled(),
        // The proxy's own: what it refuses it does not pass on.
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => Advice::Unavailable,
        _ if changes => Advice::Unsure,
        _ => Advice::Unavailable,
    }
}

/// Whether a body is a page for people, where a vendor would say something for programs.
pub fn is_page(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with('<')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_bug_75_patience_decides_about_what_is_not_the_vendors() {
        for status in [200, 302, 400, 401, 403, 404, 451, 502, 511] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(advice_on_foreign(status, true), Advice::Unsure, "{status}");
            assert_eq!(advice_on_foreign(status, false), Advice::Unavailable, "{status}");
        }
        assert_eq!(advice_on_foreign(StatusCode::PROXY_AUTHENTICATION_REQUIRED, true), Advice::Unavailable);
    }

    #[test]
    fn a_page_begins_like_one() {
        assert!(is_page("\u{feff}\r\n <!doctype html>"));
        assert!(!is_page("HMAC signature does not match") && !is_page(""));
    }
}
