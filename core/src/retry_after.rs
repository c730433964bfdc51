//! How long an answer asks to wait.

use core::time::Duration;

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

use crate::calendar::parse_gmt_date;

/// How long the answer asks to wait: `Retry-After` in seconds, or as a date, which is counted from the answer's own
/// `Date` where that is trustworthy and from `unix` (the time since 1970) otherwise.
pub(crate) fn retry_after(headers: &HeaderMap, unix: Duration) -> Option<Duration> {
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
