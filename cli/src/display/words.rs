//! Events of an upload, as lines for people.

use std::time::Duration;

use resumable::units::{show_count, show_range, show_time};
use resumable::{Event, Remains, machine};

use crate::abort;

/// What happened to an upload, in a line; `None` if it is not worth one.
pub(super) fn of(event: &Event) -> Option<String> {
    Some(match event {
        Event::Machine(event) => return note(event),
        Event::SetAside { why, to } => {
            let now = to.as_deref().map(|to| format!("; it was moved to {to}")).unwrap_or_default();
            format!("{why}{now}; parts of its upload may remain at the vendor")
        }
        Event::Removing => "deleting the earlier upload at the vendor".to_owned(),
        Event::Removed(Remains::Nothing) => "the earlier upload was deleted at the vendor".to_owned(),
        Event::Removed(left) => {
            format!("the earlier upload was discarded; left at the vendor: {}", abort::words(*left))
        }
        Event::WasComplete(receipt) => {
            let url = receipt.url.as_ref().map(|url| format!(" at {url}")).unwrap_or_default();
            format!("the earlier upload turned out to be complete{url}; it stays there")
        }
        Event::NotRemoved { why } => {
            format!("the earlier upload could not be deleted, parts may remain at the vendor: {why}")
        }
        _ => return None,
    })
}

/// Calls without an answer that may have left something that nobody can name.
pub(super) fn orphans(orphans: u32) -> String {
    let requests = show_count(orphans.into(), "request", "requests");
    format!(
        "{requests} got no answer and may have left another copy or an unfinished upload at the vendor; it cannot be found from here"
    )
}

/// What happened, and what is done about it; `None` if that is not worth a line of its own.
fn note(event: &machine::Event) -> Option<String> {
    use machine::Event;
    Some(match event {
        Event::Restarting { why } => format!("{why}; what the vendor does not have is sent again"),
        Event::UrlLost { why } => {
            format!("{why}; the object is complete, but its url is lost, so it is sent once more")
        }
        Event::Rehashing { why } => format!("{why}; reading the whole file once more"),
        Event::ClockCorrected { behind } => {
            let (by, which) = (
                show_time(Duration::from_secs(behind.unsigned_abs())),
                if *behind < 0 { "ahead of" } else { "behind" },
            );
            format!("this machine's clock is {by} {which} the vendor's; requests use the vendor's time")
        }
        _ => return None,
    })
}

/// A call that is tried again. `why` without the request's name.
pub(super) fn retrying(why: &str, event: &machine::Event) -> Option<String> {
    let machine::Event::Retrying { bytes, after, tries, gives_up, .. } = event else { return None };
    let part = bytes.as_ref().map(|bytes| format!("bytes {}", show_range(bytes.start, bytes.end)));
    let more = (*tries > 1).then(|| format!("{tries} tries so far"));
    let end = gives_up.filter(|_| *tries > 1).map(|after| format!("giving up in {}", show_time(after)));
    let about: Vec<String> = part.into_iter().chain(more).chain(end).collect();
    let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
    Some(format!("{why}; retrying in {}{about}", show_time(*after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retry(tries: u32) -> machine::Event {
        machine::Event::Retrying {
            call: "UploadPart",
            bytes: Some(30 << 20..31 << 20),
            why: "no answer: reset".to_owned(),
            request_id: None,
            after: Duration::from_millis(1_500),
            tries,
            gives_up: Some(Duration::from_secs(3_600)),
        }
    }

    #[test]
    fn trouble_is_told_with_what_is_done_about_it() {
        assert_eq!(
            retrying("no answer: reset", &retry(1)).unwrap(),
            "no answer: reset; retrying in 1.5 s (bytes 30.0–31.0 MiB)"
        );
        assert_eq!(
            retrying("no answer: reset", &retry(17)).unwrap(),
            "no answer: reset; retrying in 1.5 s (bytes 30.0–31.0 MiB, 17 tries so far, giving up in 1 h)"
        );
        let lost = note(&machine::Event::UrlLost { why: "no such upload".to_owned() }).unwrap();
        assert_eq!(lost, "no such upload; the object is complete, but its url is lost, so it is sent once more");
        let clock = note(&machine::Event::ClockCorrected { behind: -3600 }).unwrap();
        assert!(clock.contains("1 h ahead of"), "{clock}");
        assert_eq!(note(&machine::Event::Hashing { done: 0, total: 1 }), None);
    }
}
