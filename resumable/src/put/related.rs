//! Unfinished uploads that a new one may be the continuation of: of a file that was moved, or by another address.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use resumable_core::{Comparison, Envelope, SourceInfo};
use resumable_transport::Source as _;

use super::{Input, Put};
use crate::file::{FileSource, Folder, Holder, Key, Label, Listed};

/// An unfinished upload that another one may be the continuation of ([`Put::continue_from`]).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Related {
    /// Its key.
    pub key: Key,
    /// What it was begun as.
    pub label: Label,
    /// Where it leads, and how far it is.
    pub envelope: Envelope,
    /// Who works on it now.
    pub holder: Option<Holder>,
    /// What it has to do with the new one.
    pub relation: Relation,
}

/// What an unfinished upload has to do with a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Relation {
    /// It leads to the same object. Its file is no longer where it was, and what is known of it without reading it (length
    /// and ends) fits the new one's: that was moved, renamed or mounted elsewhere.
    Moved,
    /// It leads to the same object. Its file is still there, and the new one's may be a copy of it.
    Copied,
    /// It leads to the same object by another address, like another endpoint of its bucket; its file is the same one, or
    /// was moved.
    SameObject,
    /// It is of the same file and of a profile and a path of the same name, which led elsewhere then.
    Elsewhere,
}

/// The new upload, as far as it can be related to others.
struct New<'a, C> {
    put: &'a Put<C>,
    path: PathBuf,
    target: String,
    key: Key,
    /// Looked at when it is needed.
    info: std::cell::OnceCell<Option<SourceInfo>>,
}

pub(super) fn of<C>(put: &Put<C>, unfinished: &[Listed]) -> Vec<Related> {
    let Some(Input::File(given)) = &put.settings.input else { return Vec::new() };
    let Ok(path) = given.canonicalize() else { return Vec::new() };
    let target = put.target();
    let own = || Folder::key(put.protocol(), &target, &path);
    let key = put.settings.key.as_ref().and_then(|key| key.clone().ok()).unwrap_or_else(own);
    let new = New { put, path, target, key, info: std::cell::OnceCell::new() };
    let mut found: Vec<Related> = unfinished.iter().filter_map(|one| new.related(one)).collect();
    found.sort_by_key(|one| std::cmp::Reverse(one.envelope.confirmed));
    found
}

impl<C> New<'_, C> {
    fn related(&self, one: &Listed) -> Option<Related> {
        let (label, envelope) = one.content.as_ref().ok()?;
        if one.key == self.key || envelope.protocol != self.put.protocol() {
            return None;
        }
        let relation = self.relation(label, envelope)?;
        let (label, envelope) = (label.clone(), envelope.clone());
        Some(Related { key: one.key.clone(), label, envelope, holder: one.holder, relation })
    }

    fn relation(&self, label: &Label, envelope: &Envelope) -> Option<Relation> {
        let is_same_file = label.path == self.path.display().to_string();
        if envelope.target == self.target {
            // Of the same file under another key: a program that keeps it under several knows why.
            return if is_same_file { None } else { self.moved(label, envelope) };
        }
        if self.put.leads_to_same_object(&envelope.target) {
            let is_ours = is_same_file || self.moved(label, envelope) == Some(Relation::Moved);
            return is_ours.then_some(Relation::SameObject);
        }
        let named = self.put.settings.label.as_ref();
        let is_same_name = named.is_some_and(|named| {
            (&named.profile, &named.destination) == (&label.profile, &label.destination) && !named.profile.is_empty()
        });
        (is_same_file && is_same_name).then_some(Relation::Elsewhere)
    }

    /// Whether the new file may be what the other upload was begun with.
    fn moved(&self, label: &Label, envelope: &Envelope) -> Option<Relation> {
        let looks_same = |info: &SourceInfo| !matches!(envelope.source.compare(info), Comparison::Changed(_));
        let now = self.info.get_or_init(|| look(&self.path)).as_ref().filter(|info| looks_same(info));
        now?;
        let there = Path::new(&label.path);
        match fs::metadata(there) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                Some(Relation::Moved)
            }
            Ok(_) if is_same_file(there, &self.path) => Some(Relation::Moved),
            Ok(_) if look(there).is_some_and(|other| !looks_same(&other)) => Some(Relation::Moved),
            _ => Some(Relation::Copied),
        }
    }
}

fn look(path: &Path) -> Option<SourceInfo> {
    FileSource::open(path).and_then(|source| source.info()).ok()
}

/// Whether two paths lead to one file, as through two mounts.
#[cfg(unix)]
fn is_same_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let place = |path: &Path| fs::metadata(path).map(|metadata| (metadata.dev(), metadata.ino())).ok();
    place(one).is_some_and(|one| Some(one) == place(other))
}

#[cfg(not(unix))]
fn is_same_file(_: &Path, _: &Path) -> bool {
    false
}
