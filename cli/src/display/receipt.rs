//! The result of an upload, for people.

use std::time::Duration;

use resumable::machine::{Digest, HashKind, How};
use resumable::units::{show_count, show_rate, show_size, show_time};
use resumable::{Progress, Receipt, printable};

use super::model::Names;

/// Everything that is known of an upload that is complete.
#[derive(Clone, Copy)]
pub(super) struct Done<'a> {
    pub(super) names: &'a Names,
    pub(super) receipt: &'a Receipt,
    pub(super) progress: &'a Progress,
    /// How long it took.
    pub(super) took: Duration,
    /// How long of that it sent; `None` if it sent nothing.
    pub(super) sending: Option<Duration>,
}

impl Done<'_> {
    /// Bytes per second, on average, while it sent; `None` where that says nothing.
    pub(super) fn speed(&self) -> Option<u64> {
        let millis = self.sending?.as_millis();
        let sent = u128::from(self.progress.stats.bytes_sent);
        if sent == 0 || millis == 0 {
            return None;
        }
        Some(u64::try_from(sent * 1000 / millis).unwrap_or(u64::MAX))
    }

    /// The result of the one upload of a command, a fact a line. What is not known is left out.
    pub(super) fn lines(&self) -> Vec<String> {
        let Self { names, receipt, progress, .. } = self;
        let stats = progress.stats;
        let digested = receipt.digest.iter().filter_map(digest).map(|(kind, _)| kind.len() + 1);
        let width = digested.fold("requests:".len(), usize::max);
        let row = |name: &str, text: &str| format!("{:<width$} {}", format!("{name}:"), printable::text(text));
        let mut lines =
            vec![row("uploaded", &names.destination), row("size", &exact(progress.total)), row("how", &self.how())];
        if stats.bytes_sent != progress.total || progress.resumed_from > 0 {
            lines.push(row("sent", &format!("{} in this run", exact(stats.bytes_sent))));
        }
        let average = self.speed().map(|speed| format!(", {} on average", show_rate(speed))).unwrap_or_default();
        lines.push(row("time", &format!("{}{average}", show_time(self.took))));
        lines.push(row("requests", &requests(stats.requests, stats.retries)));
        lines.extend(receipt.url.iter().map(|url| row("url", url)));
        lines.extend(receipt.id.iter().map(|id| row("id", id)));
        lines.extend(receipt.digest.iter().filter_map(digest).map(|(kind, digest)| row(kind, &digest)));
        lines.extend(receipt.rows.iter().map(|(name, text)| row(name, text)));
        lines
    }

    /// Of how many parts it is; `None` where this run does not know: it sent some of them twice, or not all.
    pub(super) fn parts(&self) -> Option<u64> {
        let stats = self.progress.stats;
        let once = stats.bytes_sent == self.progress.total && stats.retries == 0 && stats.restarts == 0;
        Some(stats.parts).filter(|_| self.receipt.how == How::Parts && once && self.progress.resumed_from == 0)
    }

    fn how(&self) -> String {
        let parts = self.parts().map(|parts| format!("in {}", show_count(parts, "part", "parts")));
        parts.unwrap_or_else(|| how(self.receipt.how).to_owned())
    }

    /// The result of one upload of many.
    pub(super) fn line(&self) -> String {
        let Self { names, receipt, progress, .. } = self;
        let how = match receipt.how {
            How::Parts | How::OneRequest => String::new(),
            other => format!(", {}", how(other)),
        };
        let named = receipt.url.as_deref().or(receipt.id.as_deref());
        let named = named.map(|named| format!(": {named}")).unwrap_or_default();
        let taken = receipt.rows.iter().find(|(row, _)| row == "name").map(|(_, name)| name);
        let taken = taken.filter(|name| !names.destination.ends_with(name.as_str()));
        let taken = taken.map(|name| format!(", as {name}")).unwrap_or_default();
        let size = show_size(progress.total);
        printable::text(&format!("{} -> {} ({size}{how}{taken}){named}", names.file, names.destination))
    }
}

/// How it came to be complete.
pub(super) fn how(how: How) -> &'static str {
    match how {
        How::Instant => "instant (the vendor already had this content)",
        How::OneRequest => "in one request",
        How::Parts => "in parts",
        How::AlreadyThere => "already there",
        How::SentBefore => "sent before, and not changed since; --force sends it again",
        _ => "complete",
    }
}

fn requests(requests: u64, retries: u64) -> String {
    match retries {
        0 => requests.to_string(),
        1 => format!("{requests}, 1 retry"),
        _ => format!("{requests}, {retries} retries"),
    }
}

/// A size to read, and to count with.
fn exact(bytes: u64) -> String {
    match bytes {
        1 => "1 byte".to_owned(),
        0..1024 => format!("{bytes} bytes"),
        _ => format!("{} ({bytes} bytes)", show_size(bytes)),
    }
}

/// A digest's name and value, in the form in which the vendors show it.
pub(super) fn digest((kind, digest): &(HashKind, Digest)) -> Option<(&'static str, String)> {
    match kind {
        HashKind::Sha1 => Some(("sha1", digest.to_hex())),
        HashKind::Crc64Nvme => Some(("crc64nvme", digest.to_hex())),
        HashKind::Crc32c => Some(("crc32c", digest.to_hex())),
        HashKind::Crc64 => {
            let crc64 = <[u8; 8]>::try_from(digest.as_bytes()).map(u64::from_be_bytes);
            Some(("crc64", crc64.map_or_else(|_| digest.to_hex(), |crc64| crc64.to_string())))
        }
        _ => None,
    }
}
