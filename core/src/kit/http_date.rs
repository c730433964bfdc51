//! Dates in HTTP headers.

use std::time::{Duration, UNIX_EPOCH};

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

/// A date that ends in `GMT`, as time since 1970.
///
/// Other forms are refused on purpose: the `Date` of the COS samples is in asctime form, which HTTP reads as GMT,
/// but it is Beijing time, eight hours off.
pub fn parse_gmt_date(text: &str) -> Option<Duration> {
    let text = text.trim();
    if !text.ends_with("GMT") {
        return None;
    }
    httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()
}

/// How long the answer asks to wait: `Retry-After` in seconds, or as a date, which is counted from the answer's own
/// `Date` where that is trustworthy and from `unix` (the time since 1970) otherwise.
pub fn retry_after(headers: &HeaderMap, unix: Duration) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = parse_gmt_date(text)?;
    let sent = headers.get(DATE).and_then(|date| date.to_str().ok()).and_then(parse_gmt_date);
    Some(until.saturating_sub(sent.unwrap_or(unix)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: Duration = Duration::from_secs(1_445_412_480);

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_gmt_is_believed() {
        assert_eq!(parse_gmt_date("Wed, 21 Oct 2015 07:28:00 GMT"), Some(T));
        assert_eq!(parse_gmt_date("Wed Oct 21 07:28:00 2015"), None);
        assert_eq!(parse_gmt_date("Wed Oct 21 07:28:00 GMT"), None);
        assert_eq!(parse_gmt_date(""), None);
    }

    #[test]
    fn retry_after_comes_in_seconds_and_as_a_date() {
        let wait = |pairs| retry_after(&headers(pairs), T.saturating_sub(Duration::from_secs(100)));
        assert_eq!(wait(&[("retry-after", "17")]), Some(Duration::from_secs(17)));
        assert_eq!(wait(&[("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT")]), Some(Duration::from_secs(100)));
        let own_date = [("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"), ("date", "Wed, 21 Oct 2015 07:27:50 GMT")];
        assert_eq!(retry_after(&headers(&own_date), T), Some(Duration::from_secs(10)));
        assert_eq!(wait(&[("retry-after", "Wed, 21 Oct 2015 07:00:00 GMT")]), Some(Duration::ZERO));
        assert_eq!(wait(&[("retry-after", "soon")]), None);
        assert_eq!(wait(&[("retry-after", "-3")]), None);
        assert_eq!(wait(&[]), None);
    }
}
