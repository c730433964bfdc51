//! What the display shows, as lines for a terminal of a given size.

use std::time::Duration;

use console::{measure_text_width, truncate_str};
use resumable::units::{percent, show_number, show_rate, show_size};

use super::model::{Doing, Model, Trouble, Upload};

/// A bar shorter than this says nothing.
const LEAST_BAR: usize = 8;
/// More than this is not easier to read.
const MOST_BAR: usize = 60;
/// Sizes up to `1023.9 KiB` and `1023 bytes`.
const SIZE: usize = 10;
/// What is not known.
const UNKNOWN: &str = "–";

/// The lines for a terminal of so many rows and columns: none is wider than `columns - 1`.
pub(super) fn block(model: &Model, now: Duration, rows: usize, columns: usize) -> Vec<String> {
    let width = columns.saturating_sub(1);
    let lines = match model.only() {
        Some(upload) => one(upload, now, width),
        None if model.is_single() => Vec::new(),
        None => many(model, now, rows, width),
    };
    lines.into_iter().map(|line| truncate_str(line.trim_end(), width, "…").into_owned()).collect()
}

fn one(upload: &Upload, now: Duration, width: usize) -> Vec<String> {
    let doing = upload.doing(now);
    if doing == Doing::Starting {
        return Vec::new();
    }
    let trouble = upload.trouble().filter(|_| doing.is_troubled());
    let why = trouble.map(|trouble| format!("  {}", in_trouble(trouble, now)));
    [running(upload, doing, now, width)].into_iter().chain(why).collect()
}

/// As many uploads as fit, the trouble that they have, and how far all of them are.
fn many(model: &Model, now: Duration, rows: usize, width: usize) -> Vec<String> {
    let running: Vec<&Upload> = model.running().filter(|upload| upload.doing(now) != Doing::Starting).collect();
    let fits = (rows / 2).max(3) - 2;
    let shown = if running.len() > fits { fits.saturating_sub(1) } else { running.len() };
    let name = (width / 3).min(32);
    let mut lines: Vec<String> = running[..shown]
        .iter()
        .map(|upload| {
            let title = cell(upload.name(), name);
            format!("{title}  {}", self::running(upload, upload.doing(now), now, width.saturating_sub(name + 2)))
        })
        .collect();
    if running.len() > shown {
        lines.push(format!("… and {} more", running.len() - shown));
    }
    let troubled = running.iter().filter(|upload| upload.doing(now).is_troubled());
    let newest = troubled.filter_map(|upload| upload.trouble()).max_by_key(|trouble| trouble.since);
    lines.extend(newest.map(|trouble| format!("  {}", in_trouble(trouble, now))));
    lines.push(all(model, now, width));
    lines
}

/// How far one upload is.
fn running(upload: &Upload, doing: Doing, now: Duration, width: usize) -> String {
    let (done, total) = upload.amount();
    if doing == Doing::Completing {
        let sent = format!("completing at the vendor, {} sent", show_size(total));
        return if measure_text_width(&sent) > width { "completing at the vendor".to_owned() } else { sent };
    }
    let share = if upload.is_known() { upload.share().to_string() } else { UNKNOWN.to_owned() };
    let head = format!("{:<8} {share:>3} %", doing.word());
    let amounts = Amounts { share: upload.share(), done, total };
    match (doing, upload.trouble()) {
        (Doing::Waiting, Some(trouble)) => {
            let next = compact(trouble.next.saturating_sub(now));
            fitted(&head, amounts, &[&format!("next try in {next}")], width)
        }
        (Doing::Retrying, _) => fitted(&head, amounts, &[], width),
        _ => {
            let (speed, left) = (speed(upload.speed(now)), left(upload.left(now)));
            fitted(&head, amounts, &[&speed, &left], width)
        }
    }
}

fn all(model: &Model, now: Duration, width: usize) -> String {
    let totals = model.totals();
    let files = match totals.files {
        Some(files) => format!("{} of {} files", show_number(totals.done_files), show_number(files)),
        None => format!("{} files", show_number(totals.done_files)),
    };
    let share = totals.bytes.map(|bytes| share_of(totals.done_bytes, bytes));
    let head = format!("{files} {:>3} %", share.map_or(UNKNOWN.to_owned(), |share| share.to_string()));
    let amounts = Amounts {
        share: share.unwrap_or(0),
        done: totals.done_bytes,
        total: totals.bytes.unwrap_or(totals.done_bytes),
    };
    let (speed, left) = (speed(model.speed(now)), left(model.left(now)));
    fitted(&head, amounts, &[&speed, &left], width)
}

/// Bytes that are done, of how many.
#[derive(Clone, Copy)]
struct Amounts {
    share: u64,
    done: u64,
    total: u64,
}

/// As much as fits: the bar goes first, then the total, then the tails from the last one.
fn fitted(head: &str, amounts: Amounts, tails: &[&str], width: usize) -> String {
    let Amounts { share, done, total } = amounts;
    let done = format!("{:>SIZE$}", show_size(done));
    let amount = format!("{done} of {}", show_size(total));
    let tail = |count: usize| tails[..count].iter().fold(String::new(), |line, tail| format!("{line}  {tail}"));
    let whole = format!("{amount}{}", tail(tails.len()));
    let room = width.saturating_sub(measure_text_width(head) + 4 + measure_text_width(&whole));
    if room >= LEAST_BAR {
        return format!("{head} [{}] {whole}", bar(share, room.min(MOST_BAR)));
    }
    let without_total = (0..=tails.len()).rev().map(|count| format!("{head} {done}{}", tail(count)));
    let only = tails.first().map_or(head.to_owned(), |tail| format!("{head}  {tail}"));
    let mut lines = [format!("{head} {whole}")].into_iter().chain(without_total).chain([only, head.to_owned()]);
    lines.find(|line| measure_text_width(line) <= width).unwrap_or_else(|| head.to_owned())
}

fn bar(share: u64, width: usize) -> String {
    let filled = usize::try_from(share.min(100)).unwrap_or(100) * width / 100;
    let mut bar = "=".repeat(filled);
    if filled < width {
        bar.push('>');
    }
    format!("{bar:<width$}")
}

/// Why nothing moves. What is short comes first: the reason is cut where it does not fit.
fn in_trouble(trouble: &Trouble, now: Duration) -> String {
    let tries = if trouble.tries > 1 { format!("{} tries", trouble.tries) } else { "1 try".to_owned() };
    let end = trouble.gives_up.map(|at| format!(", giving up in {}", compact(at.saturating_sub(now))));
    format!("{tries}{}: {}", end.unwrap_or_default(), trouble.why)
}

fn speed(speed: Option<u64>) -> String {
    let speed = speed.map_or(UNKNOWN.to_owned(), show_rate);
    format!("{speed:>0$}", SIZE + 2)
}

fn left(left: Option<Duration>) -> String {
    left.map_or(format!("{UNKNOWN:>7}     "), |left| format!("{:>7} left", compact(left)))
}

/// A text in a column of this width.
fn cell(text: &str, width: usize) -> String {
    let cut = truncate_str(text, width, "…");
    let room = width.saturating_sub(measure_text_width(&cut));
    format!("{cut}{}", " ".repeat(room))
}

/// A time in a line that is drawn again and again: `22s`, `2m 05s`, `3h 20m`, `2d 03h`.
fn compact(time: Duration) -> String {
    let secs = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    match secs {
        0..60 => format!("{secs}s"),
        60..3600 => format!("{}m {:02}s", secs / 60, secs % 60),
        3600..86_400 => format!("{}h {:02}m", secs / 3600, secs % 3600 / 60),
        _ => format!("{}d {:02}h", secs / 86_400, secs % 86_400 / 3600),
    }
}

/// In per cent, rounded down. The whole is 100 % only when all of it is done; of nothing, nothing is known before.
pub(super) fn share_of(done: u64, total: u64) -> u64 {
    if total == 0 { 0 } else { percent(done, total).min(100) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use resumable::{Event, machine};

    use super::super::model::{Names, Plan};
    use super::*;

    const MIB: u64 = 1 << 20;

    fn at(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    fn names(file: &str) -> Arc<Names> {
        Arc::new(Names { file: file.to_owned(), destination: format!("work:/{file}") })
    }

    fn progress(confirmed: u64, in_flight: u64) -> Event {
        Event::Machine(machine::Event::Progress {
            confirmed: confirmed * MIB,
            in_flight: in_flight * MIB,
            total: 400 * MIB,
        })
    }

    fn hashing(done: u64) -> Event {
        Event::Machine(machine::Event::Hashing { done: done * MIB, total: 400 * MIB })
    }

    fn retrying(id: &str, tries: u32) -> Event {
        Event::Machine(machine::Event::Retrying {
            call: "UploadPart",
            bytes: None,
            why: format!("UploadPart was refused: the service is not available (HTTP 503, request id {id})"),
            request_id: Some(id.to_owned()),
            after: at(4),
            tries,
            gives_up: Some(at(3600)),
        })
    }

    /// One upload after these events, each a second after the one before.
    fn after(events: &[Event]) -> (Model, Duration) {
        let mut model = Model::default();
        let id = model.begin(names("big.bin"));
        model.apply(id, &Event::Began { resumed_from: None, total: 400 * MIB }, at(100));
        for (second, event) in (100..).zip(events) {
            model.apply(id, event, at(second));
        }
        (model, at(99 + events.len() as u64))
    }

    fn shown(events: &[Event], columns: usize) -> Vec<String> {
        let (model, now) = after(events);
        block(&model, now, 24, columns)
    }

    #[test]
    fn what_is_not_known_is_a_dash() {
        assert_eq!(
            shown(&[progress(0, 0)], 100),
            ["sending    0 % [>                             ]    0 bytes of 400.0 MiB             –        –"]
        );
        let resumed = shown(&[progress(128, 0)], 100);
        assert!(resumed[0].contains(" 32 % [=========>") && resumed[0].ends_with("–        –"), "{resumed:?}");
    }

    #[test]
    fn the_speed_is_that_of_this_run() {
        let lines = shown(&[progress(128, 0), progress(130, 0), progress(132, 0)], 100);
        assert_eq!(
            lines,
            ["sending   33 % [=========>                    ]  132.0 MiB of 400.0 MiB     2.0 MiB/s   2m 14s left"]
        );
    }

    #[test]
    fn numbers_keep_their_places() {
        let places = |line: &str| {
            let of = |what: &str| line.find(what).unwrap();
            (line.chars().count(), of("]"), of(" of "), of("/s"), of(" left"))
        };
        let mut lines = Vec::new();
        for step in [1, 9, 10, 90] {
            lines.extend(shown(&[progress(0, 0), progress(step, 0), progress(2 * step, 0)], 100));
        }
        let first = places(&lines[0]);
        assert!(lines.iter().all(|line| places(line) == first), "{lines:#?}");
    }

    #[test]
    fn every_width_fits() {
        let states: [&[Event]; 6] = [
            &[progress(0, 0)],
            &[hashing(3), hashing(300)],
            &[progress(128, 0), progress(390, 2)],
            &[progress(390, 2), retrying("a", 1)],
            &[progress(390, 2), progress(390, 0), retrying("a", 1), retrying("b", 2)],
            &[progress(390, 10)],
        ];
        for events in states {
            for columns in 10..150 {
                for line in shown(events, columns) {
                    assert!(measure_text_width(&line) < columns, "{columns}: {line:?}");
                }
            }
        }
        let narrow = |columns| shown(&[progress(128, 0), progress(130, 0)], columns).remove(0);
        assert_eq!(narrow(80), "sending   32 % [===>      ]  130.0 MiB of 400.0 MiB     2.0 MiB/s   2m 15s left");
        assert_eq!(narrow(70), "sending   32 %  130.0 MiB of 400.0 MiB     2.0 MiB/s   2m 15s left");
        assert_eq!(narrow(60), "sending   32 %  130.0 MiB     2.0 MiB/s   2m 15s left");
        assert_eq!(narrow(40), "sending   32 %  130.0 MiB     2.0 MiB/s");
    }

    #[test]
    fn an_outage_is_one_line_that_is_redrawn() {
        let mut events = vec![progress(100, 8), progress(100, 0)];
        events.extend((1..=17).map(|tries| retrying(&format!("id-{tries}"), tries)));
        let lines = shown(&events, 120);
        assert_eq!(lines.len(), 2, "{lines:#?}");
        assert!(lines[0].starts_with("waiting   25 % [") && lines[0].ends_with("next try in 4s"), "{lines:#?}");
        let why = "UploadPart was refused: the service is not available (HTTP 503)";
        assert_eq!(lines[1], format!("  17 tries, giving up in 1h 00m: {why}"));
        assert!(!lines[0].contains("left") && !lines[0].contains("/s"), "nothing moves: {lines:#?}");
    }

    #[test]
    fn a_retry_is_no_progress_until_it_gets_further() {
        let failed = [progress(100, 8), progress(100, 0), retrying("a", 1)];
        let word = |more: &[Event]| {
            let line = shown(&[&failed[..], more].concat(), 100).remove(0);
            line.split(' ').next().unwrap().to_owned()
        };
        assert_eq!(word(&[]), "waiting");
        assert_eq!(word(&[progress(100, 1)]), "retrying");
        assert_eq!(word(&[progress(100, 8)]), "retrying", "as far as before");
        assert_eq!(word(&[progress(100, 9)]), "sending");
        assert_eq!(word(&[progress(104, 0)]), "sending");
    }

    #[test]
    fn not_all_is_done_before_the_vendor_says_so() {
        let share = |confirmed, in_flight| {
            let (model, _) = after(&[progress(confirmed, in_flight)]);
            model.only().unwrap().share()
        };
        assert_eq!((share(399, 0), share(0, 400), share(399, 1), share(400, 0)), (99, 99, 99, 100));
        assert_eq!(shown(&[progress(392, 8)], 80), ["completing at the vendor, 400.0 MiB sent"]);
        assert_eq!(shown(&[progress(400, 0)], 40), ["completing at the vendor"]);
    }

    #[test]
    fn many_uploads_take_a_line_each_and_one_for_all() {
        let mut model = Model::default();
        model.plan(Plan { files: 5_000, bytes: 4_000 * MIB });
        for number in 0..6 {
            let id = model.begin(names(&format!("照片-{number}.jpg")));
            model.apply(id, &progress(0, 0), at(0));
            model.apply(id, &progress(4, 0), at(4));
        }
        model.end(1, None);
        let lines = block(&model, at(4), 24, 100);
        assert_eq!(lines.len(), 6, "{lines:#?}");
        assert!(lines[0].starts_with("照片-1.jpg  ") && lines[0].contains("sending    1 %"), "{lines:#?}");
        assert!(lines[5].starts_with("1 of 5,000 files  10 % ["), "{lines:#?}");
        assert!(lines[5].contains("420.0 MiB of 3.9 GiB     6.0 MiB/s"), "{lines:#?}");
        let small = block(&model, at(4), 8, 60);
        assert_eq!((small.len(), &*small[1]), (3, "… and 4 more"), "{small:#?}");
        assert!(small.iter().all(|line| measure_text_width(line) < 60), "{small:#?}");
    }

    #[test]
    fn times_are_short_and_never_too_short() {
        for (millis, text) in [
            (0, "0s"),
            (100, "1s"),
            (59_001, "1m 00s"),
            (125_000, "2m 05s"),
            (12_000_000, "3h 20m"),
            (270_000_000, "3d 03h"),
        ] {
            assert_eq!(compact(Duration::from_millis(millis)), text);
        }
    }
}
