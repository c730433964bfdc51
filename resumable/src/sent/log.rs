//! The file of a record: lines that are appended under a lock, and rewritten when too many of them count no more.
//!
//! ```text
//! 1f2e… {"format":1,"generation":"8c…"}           the first line: another generation is another file
//! 77ab… {"key":"0123…","sent":{…}}                an upload that is complete
//! 5d04… {"key":"0123…"}                           it is forgotten
//! ```
//!
//! Each line begins with a checksum over the rest of it. Readers need no lock: they read whole lines from where they stopped.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use resumable_core::{HashKind, SourceInfo};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Sent, SentError};
use crate::file::Key;
use crate::file::private;

/// The format of the file.
pub(super) const FORMAT: u32 = 1;

/// Its name in the folder.
const FILE: &str = "sent.jsonl";
/// The lock beside it.
const LOCK: &str = "sent.lock";

/// No line is longer: a label has a bound, and so has what a vendor says. What is longer is none of ours.
const LONGEST_LINE: u64 = 256 * 1024;

/// So many lines that count no more are always borne.
const SLACK: usize = 1000;

/// How often, and how long apart, the lock is tried. Who holds it writes a line.
const TRIES: u32 = 2000;
const PAUSE: Duration = Duration::from_millis(5);

/// The record, as far as it was read.
pub(super) struct Log {
    folder: PathBuf,
    path: PathBuf,
    generation: Option<String>,
    /// Up to where it was read: whole lines.
    read_to: u64,
    lines: usize,
    damaged: usize,
    /// Where the last line of each upload is.
    places: HashMap<Key, Place>,
    /// Which upload stands at each destination.
    targets: HashMap<String, Key>,
    /// Where a line has the SHA-1 of a content of this length and these ends: the last one.
    contents: HashMap<Content, Place>,
}

#[derive(Clone, Copy)]
struct Place {
    offset: u64,
    len: u64,
}

/// What was written, and may not be durable yet.
#[must_use = "it is durable after `sync()`"]
pub(super) struct Written(File);

impl Written {
    pub(super) fn sync(self) -> io::Result<()> {
        self.0.sync_data()
    }
}

#[derive(Serialize, Deserialize)]
struct First {
    format: u32,
    #[serde(default)]
    generation: String,
}

#[derive(Serialize)]
struct Line<'a> {
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<&'a Sent>,
}

#[derive(Deserialize)]
struct Whole {
    sent: Option<Sent>,
}

/// What has to be known of a line at first.
#[derive(Deserialize)]
struct Outline {
    key: String,
    sent: Option<Destination>,
}

#[derive(Deserialize)]
struct Destination {
    target: String,
    #[serde(default)]
    replaces: bool,
    source: Content,
    digest: Option<(HashKind, IgnoredAny)>,
}

/// What tells apart nearly all contents.
#[derive(PartialEq, Eq, Hash, Deserialize)]
struct Content {
    len: u64,
    sample: String,
}

impl Log {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            path: folder.join(FILE),
            generation: None,
            read_to: 0,
            lines: 0,
            damaged: 0,
            places: HashMap::new(),
            targets: HashMap::new(),
            contents: HashMap::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn damaged(&self) -> usize {
        self.damaged
    }

    pub(super) fn find(&mut self, key: &Key) -> Result<Option<Sent>, SentError> {
        let Some(mut file) = self.refresh()? else { return Ok(None) };
        let Some(place) = self.places.get(key) else { return Ok(None) };
        self.line(&mut file, *place)
    }

    /// The last upload of a content of this length and these ends whose SHA-1 is known, wherever it went.
    pub(super) fn find_content(&mut self, source: &SourceInfo) -> Result<Option<Sent>, SentError> {
        let Some(mut file) = self.refresh()? else { return Ok(None) };
        let content = Content { len: source.len, sample: hex::encode(source.sample) };
        let Some(place) = self.contents.get(&content) else { return Ok(None) };
        self.line(&mut file, *place)
    }

    fn line(&self, file: &mut BufReader<File>, place: Place) -> Result<Option<Sent>, SentError> {
        let line = read_line(file, place).map_err(|error| self.failed(error))?;
        // What was good a moment ago and is not any more counts as not sent.
        Ok(checked(&line).and_then(|text| serde_json::from_slice::<Whole>(text).ok()).and_then(|whole| whole.sent))
    }

    pub(super) fn add(&mut self, key: &Key, sent: &Sent) -> Result<Written, SentError> {
        self.append(&Line { key: key.as_str(), sent: Some(sent) })
    }

    /// `None` if there is nothing to forget.
    pub(super) fn forget(&mut self, key: &Key) -> Result<Option<Written>, SentError> {
        self.refresh()?;
        if !self.places.contains_key(key) {
            return Ok(None);
        }
        self.append(&Line { key: key.as_str(), sent: None }).map(Some)
    }

    /// Reads what was written since the last time. `None` if there is no file.
    pub(super) fn refresh(&mut self) -> Result<Option<BufReader<File>>, SentError> {
        let file = match private::open(&self.path, OpenOptions::new().read(true)) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                *self = Self::new(&self.folder);
                return Ok(None);
            }
            other => other.map_err(|error| self.failed(error))?,
        };
        let mut file = BufReader::new(file);
        self.read(&mut file)?;
        Ok(Some(file))
    }

    fn read(&mut self, file: &mut BufReader<File>) -> Result<(), SentError> {
        let (first, len) = self.first(file)?;
        if self.generation.as_ref() != Some(&first.generation) {
            *self = Self { generation: Some(first.generation), read_to: len, ..Self::new(&self.folder) };
        }
        file.seek(SeekFrom::Start(self.read_to)).map_err(|error| self.failed(error))?;
        let mut line = Vec::new();
        loop {
            line.clear();
            file.take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(|error| self.failed(error))?;
            let len = line.len() as u64;
            if line.pop() != Some(b'\n') && len < LONGEST_LINE {
                // The end, or somebody is writing right now.
                return Ok(());
            }
            self.learn(&line, Place { offset: self.read_to, len });
            self.read_to += len;
        }
    }

    fn first(&self, file: &mut BufReader<File>) -> Result<(First, u64), SentError> {
        let mut line = Vec::new();
        file.take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(|error| self.failed(error))?;
        let len = line.len() as u64;
        let whole = line.pop() == Some(b'\n');
        let first = checked(&line).filter(|_| whole).and_then(|text| serde_json::from_slice::<First>(text).ok());
        match first {
            None => Err(SentError::Damaged { path: self.path.clone() }),
            Some(First { format, .. }) if format > FORMAT => {
                Err(SentError::Newer { path: self.path.clone(), found: format })
            }
            Some(first) => Ok((first, len)),
        }
    }

    fn learn(&mut self, line: &[u8], place: Place) {
        self.lines += 1;
        let outline = checked(line).and_then(|text| serde_json::from_slice::<Outline>(text).ok());
        let known = outline.and_then(|outline| Some((Key::new(outline.key).ok()?, outline.sent)));
        match known {
            None => self.damaged += 1,
            Some((key, None)) => drop(self.places.remove(&key)),
            Some((key, Some(Destination { target, replaces, source, digest }))) => {
                self.places.insert(key.clone(), place);
                if matches!(digest, Some((HashKind::Sha1, _))) {
                    self.contents.insert(source, place);
                }
                // What stood at that place is not there any more.
                if let Some(before) =
                    self.targets.insert(target, key.clone()).filter(|before| replaces && *before != key)
                {
                    self.places.remove(&before);
                }
            }
        }
    }

    fn append(&mut self, line: &Line<'_>) -> Result<Written, SentError> {
        private::make_folder(&self.folder).map_err(|error| self.failed(error))?;
        let _lock = self.lock()?;
        if self.refresh()?.is_none() {
            self.rewrite()?;
        }
        if self.lines > 2 * self.places.len() + SLACK {
            self.rewrite()?;
        }
        let text = sealed(line).map_err(|error| self.failed(error))?;
        self.write(&text).map_err(|error| self.failed(error))
    }

    /// Who locks for so long hangs, and is not waited for.
    fn lock(&self) -> Result<File, SentError> {
        let lock = private::open_lock(&self.folder.join(LOCK)).map_err(|error| self.failed(error))?;
        for _ in 0..TRIES {
            match lock.try_lock() {
                Ok(()) => return Ok(lock),
                Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
                Err(TryLockError::Error(error)) => return Err(self.failed(error)),
            }
        }
        Err(self.failed(io::Error::new(ErrorKind::TimedOut, "another process keeps it locked")))
    }

    /// What a process that was killed has written of a line goes away first.
    fn write(&mut self, text: &[u8]) -> io::Result<Written> {
        let mut file = private::open(&self.path, OpenOptions::new().write(true))?;
        file.set_len(self.read_to)?;
        file.seek(SeekFrom::Start(self.read_to))?;
        if let Err(error) = file.write_all(text) {
            // A full disk leaves no half of a line.
            let _ = file.set_len(self.read_to);
            return Err(error);
        }
        self.learn(&text[..text.len() - 1], Place { offset: self.read_to, len: text.len() as u64 });
        self.read_to += text.len() as u64;
        Ok(Written(file))
    }

    /// Puts a file with the lines that count in place of the one that is there. Damaged lines go.
    fn rewrite(&mut self) -> Result<(), SentError> {
        let text = self.lines_that_count().map_err(|error| self.failed(error))?;
        private::replace(&self.path, &text).map_err(|error| self.failed(error))?;
        let damaged = self.damaged;
        self.generation = None;
        self.refresh()?;
        self.damaged += damaged;
        Ok(())
    }

    fn lines_that_count(&self) -> io::Result<Vec<u8>> {
        let generation = getrandom::u64().map_err(io::Error::other)?;
        let mut text = sealed(&First { format: FORMAT, generation: format!("{generation:016x}") })?;
        if self.places.is_empty() {
            return Ok(text);
        }
        let mut places: Vec<Place> = self.places.values().copied().collect();
        places.sort_unstable_by_key(|place| place.offset);
        let mut file = BufReader::new(private::open(&self.path, OpenOptions::new().read(true))?);
        for place in places {
            text.extend(read_line(&mut file, place)?);
            text.push(b'\n');
        }
        Ok(text)
    }

    fn failed(&self, error: io::Error) -> SentError {
        SentError::Io { path: self.path.clone(), error }
    }
}

/// A line without its end.
fn read_line(file: &mut BufReader<File>, place: Place) -> io::Result<Vec<u8>> {
    let mut line = vec![0; usize::try_from(place.len.saturating_sub(1)).map_err(io::Error::other)?];
    file.seek(SeekFrom::Start(place.offset))?;
    file.read_exact(&mut line)?;
    Ok(line)
}

/// A line with its checksum and its end.
fn sealed(content: &impl Serialize) -> io::Result<Vec<u8>> {
    let json = serde_json::to_vec(content)?;
    let mut line = format!("{} ", sum(&json)).into_bytes();
    line.extend(json);
    line.push(b'\n');
    if line.len() as u64 >= LONGEST_LINE {
        return Err(io::Error::new(ErrorKind::InvalidInput, "the entry is too long"));
    }
    Ok(line)
}

/// What a line says, if it is as it was written.
fn checked(line: &[u8]) -> Option<&[u8]> {
    let (found, json) = line.split_at_checked(SUM)?;
    let json = json.strip_prefix(b" ")?;
    (found == sum(json).as_bytes()).then_some(json)
}

/// The digits of a checksum.
const SUM: usize = 16;

fn sum(json: &[u8]) -> String {
    hex::encode(&Sha256::digest(json)[..SUM / 2])
}

#[cfg(test)]
mod tests {
    use std::fs;

    use resumable_core::{Digest, How, Modified, Receipt};

    use super::super::SentRecord;
    use super::*;
    use crate::file::Label;

    fn key(number: usize) -> Key {
        Key::new(format!("k{number}")).unwrap()
    }

    fn sent(at: u64) -> Sent {
        let label = Label { profile: "p".to_owned(), path: "/f".to_owned(), destination: "d".to_owned() };
        let mut receipt = Receipt::new(How::Parts);
        receipt.url = Some("http://bucket/f".to_owned());
        Sent::new(("oss", "bucket/f".to_owned()), label, SourceInfo::new(5, [9; 32]), &receipt, at)
    }

    fn room() -> (tempfile::TempDir, PathBuf) {
        let room = tempfile::tempdir().unwrap();
        let folder = room.path().join("sent");
        (room, folder)
    }

    #[test]
    fn a_sha1_is_that_of_the_very_same_content_wherever_it_went() {
        const AT: Option<Modified> = Some(Modified { secs: 10, nanos: 0 });
        let (_room, folder) = room();
        let record = SentRecord::open(&folder).unwrap();
        let looks = |looked_at| SourceInfo {
            modified: AT,
            changed: AT,
            looked_at: Some(Modified { secs: looked_at, nanos: 0 }),
            id: Some(7),
            ..SourceInfo::new(5, [9; 32])
        };
        let (sha1, crc) = (Digest::new([1; 20]), Digest::new([2; 8]));
        let of = |at, source: SourceInfo, digest| Sent { source, digest: Some(digest), ..sent(at) };
        assert_eq!(record.sha1_of(&looks(20)).unwrap(), None);
        record.add(&key(1), &of(1, looks(20), (HashKind::Sha1, sha1.clone()))).unwrap();
        record.add(&key(2), &of(2, looks(20), (HashKind::Crc64, crc))).unwrap();
        record.forget(&key(1)).unwrap();
        assert_eq!(
            record.sha1_of(&looks(30)).unwrap(),
            Some(sha1.clone()),
            "it is the content's, not the destination's"
        );
        for other in [
            SourceInfo { sample: [8; 32], ..looks(30) },
            SourceInfo { len: 6, ..looks(30) },
            SourceInfo { id: Some(8), ..looks(30) },
            SourceInfo { modified: None, ..looks(30) },
            SourceInfo { changed: Some(Modified { secs: 11, nanos: 0 }), ..looks(30) },
        ] {
            assert_eq!(record.sha1_of(&other).unwrap(), None, "{other:?}");
        }
        record.add(&key(3), &of(3, looks(11), (HashKind::Sha1, sha1))).unwrap();
        assert_eq!(record.sha1_of(&looks(30)).unwrap(), None, "it was looked at too soon after its last change");
    }

    #[test]
    fn what_was_added_is_found_by_every_process_and_what_is_forgotten_is_not() {
        let (_room, folder) = room();
        let (one, other) = (SentRecord::open(&folder).unwrap(), SentRecord::open(&folder).unwrap());
        assert!(one.is_empty() && one.find(&key(1)).unwrap().is_none());
        assert!(!folder.exists(), "what is only read makes nothing");
        one.add(&key(1), &sent(1)).unwrap();
        other.add(&key(2), &sent(2)).unwrap();
        one.add(&key(1), &sent(3)).unwrap();
        assert_eq!(other.find(&key(1)).unwrap(), Some(sent(3)), "the last one counts");
        assert_eq!(one.find(&key(2)).unwrap(), Some(sent(2)));
        other.forget(&key(1)).unwrap();
        other.forget(&key(7)).unwrap();
        assert_eq!(one.find(&key(1)).unwrap(), None);
        let later = SentRecord::open(&folder).unwrap();
        assert_eq!((later.len(), later.damaged()), (1, 0));
        assert_eq!(later.find(&key(2)).unwrap(), Some(sent(2)));
    }

    #[test]
    fn what_was_replaced_at_its_place_does_not_count_as_sent() {
        let (_room, folder) = room();
        let record = SentRecord::open(&folder).unwrap();
        record.add(&key(1), &sent(1)).unwrap();
        record.add(&key(2), &sent(2)).unwrap();
        assert_eq!(record.len(), 2, "each under a name of its own");
        record.add(&key(3), &Sent { replaces: true, ..sent(3) }).unwrap();
        assert_eq!(record.find(&key(2)).unwrap(), None);
        record.add(&key(3), &Sent { replaces: true, ..sent(4) }).unwrap();
        assert_eq!(SentRecord::open(&folder).unwrap().find(&key(3)).unwrap().unwrap().at, 4);
    }

    #[test]
    fn many_writers_lose_nothing() {
        let (_room, folder) = room();
        thread::scope(|scope| {
            for writer in 0..4 {
                let folder = &folder;
                scope.spawn(move || {
                    let record = SentRecord::open(folder).unwrap();
                    (0..25).for_each(|at| record.add(&key(100 * writer + at), &sent(at as u64)).unwrap());
                });
            }
        });
        let record = SentRecord::open(&folder).unwrap();
        assert_eq!((record.len(), record.damaged()), (100, 0));
        assert_eq!(record.find(&key(324)).unwrap(), Some(sent(24)));
    }

    #[test]
    fn half_a_line_costs_that_line_alone() {
        let (_room, folder) = room();
        let record = SentRecord::open(&folder).unwrap();
        (0..3).for_each(|at| record.add(&key(at), &sent(0)).unwrap());
        let path = folder.join(FILE);
        let whole = fs::read(&path).unwrap();
        for cut in 1..100 {
            fs::write(&path, &whole[..whole.len() - cut]).unwrap();
            let record = SentRecord::open(&folder).unwrap();
            assert_eq!((record.len(), record.find(&key(2)).unwrap()), (2, None), "{cut}");
            record.add(&key(3), &sent(4)).unwrap();
            let record = SentRecord::open(&folder).unwrap();
            assert_eq!((record.len(), record.damaged()), (3, 0), "half a line is gone, {cut}");
            assert_eq!(record.find(&key(3)).unwrap(), Some(sent(4)));
        }
    }

    #[test]
    fn a_line_that_was_changed_does_not_count_and_is_told() {
        let (_room, folder) = room();
        let record = SentRecord::open(&folder).unwrap();
        (0..3).for_each(|at| record.add(&key(at), &sent(0)).unwrap());
        let path = folder.join(FILE);
        let whole = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = whole.lines().collect();
        let edited = lines[2].replace("\"len\":5", "\"len\":6");
        assert_ne!(edited, lines[2]);
        fs::write(&path, format!("{}\n{}\n{edited}\n\nrubbish\n{}\n", lines[0], lines[1], lines[3])).unwrap();
        let record = SentRecord::open(&folder).unwrap();
        assert_eq!((record.len(), record.damaged()), (2, 3));
        assert_eq!(record.find(&key(1)).unwrap(), None);
        assert_eq!(record.find(&key(2)).unwrap(), Some(sent(0)));
    }

    #[test]
    fn a_newer_or_a_strange_file_is_left_alone() {
        let (_room, folder) = room();
        let record = SentRecord::open(&folder).unwrap();
        record.add(&key(1), &sent(1)).unwrap();
        let newer = sealed(&First { format: 2, generation: "x".to_owned() }).unwrap();
        for (text, expected) in [(newer, "has format 2"), (b"hello\n".to_vec(), "damaged"), (Vec::new(), "damaged")] {
            fs::write(folder.join(FILE), &text).unwrap();
            let refusals = [
                SentRecord::open(&folder).map(drop),
                record.find(&key(1)).map(drop),
                record.add(&key(2), &sent(2)),
                record.forget(&key(1)),
            ];
            for refusal in refusals {
                let said = refusal.unwrap_err().to_string();
                assert!(said.contains(expected) && said.contains(FILE), "{said}");
            }
            assert_eq!(fs::read(folder.join(FILE)).unwrap(), text);
        }
    }

    #[test]
    fn it_does_not_grow_with_what_counts_no_more() {
        let (_room, folder) = room();
        let (record, reader) = (SentRecord::open(&folder).unwrap(), SentRecord::open(&folder).unwrap());
        let mut log = Log::new(&folder);
        record.add(&key(0), &sent(0)).unwrap();
        // Not synced: it would take long.
        (0..2 * SLACK).for_each(|at| drop(log.add(&key(1), &sent(at as u64)).unwrap()));
        assert_eq!(reader.find(&key(1)).unwrap(), Some(sent(2 * SLACK as u64 - 1)));
        assert_eq!(reader.find(&key(0)).unwrap(), Some(sent(0)));
        let lines = fs::read_to_string(folder.join(FILE)).unwrap().lines().count();
        assert!(lines < SLACK + 10, "{lines}");
        let names = fs::read_dir(&folder).unwrap().count();
        assert_eq!(names, 2, "the file and its lock");
    }

    #[cfg(unix)]
    #[test]
    fn it_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_room, folder) = room();
        let record = SentRecord::open(&folder).unwrap();
        record.add(&key(1), &sent(1)).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&folder.join(FILE))), (0o700, 0o600));
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(SentRecord::open(&folder), Err(SentError::Exposed { .. })));
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
        assert!(!format!("{:?} {record:?}", sent(1)).contains("http"), "a url may be a secret");
    }
}
