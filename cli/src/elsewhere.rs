//! Unfinished uploads that a new one may be the continuation of: of a file that was moved, or by another address of the
//! same object. What they have sent stays at the vendor until somebody resumes or cancels them.

use std::io::{self, IsTerminal as _, Write as _, stderr, stdin};
use std::path::Path;

use resumable::file::{Folder, Key, Label, Listed};
use resumable::machine::ResumeError;
use resumable::units::{show_part, show_size};
use resumable::{Related, Relation};

use crate::exit::{Problem, Stand};
use crate::transport::{Upload, either};
use crate::{abort, printable, say};

/// Up to this, what was sent is compared without asking: that takes seconds.
const CHEAP: u64 = 1 << 30;

/// All uploads that are not finished.
pub(crate) fn list(folder: &Path) -> Vec<Listed> {
    Folder::new(folder).list().unwrap_or_else(|error| {
        say::warn(&printable::text(&error.to_string()));
        Vec::new()
    })
}

/// What is done about them.
pub(crate) struct Unfinished {
    /// Where the new one leads.
    target: String,
    continues: Option<Continued>,
    /// Those that are left as they are.
    others: Vec<Related>,
}

/// The one that is continued.
enum Continued {
    /// Because the user says so.
    Asked(Key),
    /// If its content turns out to be the same.
    Moved(Box<Related>),
}

impl Unfinished {
    /// The one that is to be continued, by the first characters of its key.
    ///
    /// # Errors
    /// When there is no such upload.
    pub(crate) fn named<C>(upload: &resumable::Put<C>, folder: &Path, asked: &str) -> Result<Self, Problem> {
        let key = abort::find(folder, asked)?.key;
        Ok(Self { target: upload.target(), continues: Some(Continued::Asked(key)), others: Vec::new() })
    }

    /// There are none.
    pub(crate) fn none<C>(upload: &resumable::Put<C>) -> Self {
        Self { target: upload.target(), continues: None, others: Vec::new() }
    }

    /// Finds them among these, and what to do about them. A terminal asks where it is not plain what is meant, or takes
    /// long to find out. `upload` has its file.
    pub(crate) fn among<C>(listed: &[Listed], upload: &resumable::Put<C>, file: &Path, restarts: bool) -> Self {
        let target = upload.target();
        let own = Folder::key(upload.protocol(), &target, file);
        if listed.iter().any(|one| one.key == own) {
            return Self::none(upload);
        }
        let mut others = upload.related(listed);
        let wanted = others.iter().position(|one| !restarts && is_wanted(one));
        let continues = wanted.map(|at| others.remove(at)).map(|one| match one.relation {
            Relation::Moved => Continued::Moved(Box::new(one)),
            _ => Continued::Asked(one.key),
        });
        Self { target, continues, others }
    }

    /// Lets the upload continue the one that it is to.
    pub(crate) fn applied_to<'a>(&self, upload: Upload<'a>) -> Upload<'a> {
        match &self.continues {
            None => upload,
            Some(Continued::Asked(key)) => either!(upload, put => put.continue_from(&*key.to_string())),
            Some(Continued::Moved(one)) => either!(upload, put => put.continue_if_same(&*one.key.to_string())),
        }
    }

    /// What to say once the upload has begun: of those that are left, if it begins from nothing, and of the one that it
    /// continues.
    pub(crate) fn tell(&self, resumed: bool, label: &Label) {
        match &self.continues {
            Some(Continued::Moved(one)) if resumed => {
                let was = printable::text(&one.label.path);
                say::err(format!("this upload was started with {was}: comparing what was sent of it, to resume"));
            }
            _ if resumed => {}
            _ => self.others.iter().for_each(|other| self.tell_of(other, label)),
        }
    }

    /// What to say if the content is another one.
    pub(crate) fn tell_not_continued(&self, why: &str) {
        if let Some(Continued::Moved(one)) = &self.continues {
            let (key, was) = (&one.key, printable::text(&one.label.path));
            say::warn(&format!("this is not what was sent of {was} ({why}): uploading from the beginning"));
            say::err(format!("  To delete what was sent of it at the vendor: resumable abort {key}"));
        }
    }

    /// The one that is to be continued leads to another object.
    pub(crate) fn explain(&self, error: &resumable::Error) -> Option<Problem> {
        let (Some(Continued::Asked(key)), Some(ResumeError::Target { found, expected })) =
            (&self.continues, error.cause().downcast_ref())
        else {
            return None;
        };
        let problem = Problem::usage(format!(
            "the unfinished upload {key} leads to another object, so it cannot be resumed here"
        ));
        Some(
            problem
                .next(format!("there: {}", printable::text(found)))
                .next(format!("here:  {}", printable::text(expected))),
        )
    }

    fn tell_of(&self, one: &Related, label: &Label) {
        let Related { key, label: other, envelope, .. } = one;
        let stand = Stand { confirmed: envelope.confirmed, total: envelope.source.len };
        let path = printable::text(&other.path);
        let (there, here) = (printable::text(&envelope.target), printable::text(&self.target));
        match one.relation {
            Relation::Moved | Relation::Copied => {
                say::warn(&format!("an unfinished upload to this place exists: {key}, {stand} stored, of {path}"));
            }
            _ => {
                let what =
                    format!("an unfinished upload of this file to another place exists: {key}, {stand} stored there");
                say::warn(&what);
                say::err(format!("  there: {there}"));
                say::err(format!("  here:  {here}"));
            }
        }
        say::err(format!("  {}", to_resume(one, label)));
        say::err(format!(
            "  To delete its parts at the vendor, with the profile as it was then: resumable abort {key}"
        ));
    }
}

/// How to resume one of them.
fn to_resume(one: &Related, label: &Label) -> String {
    let Related { key, label: other, holder, .. } = one;
    match (holder, one.relation) {
        (Some(holder), _) => format!("Process {} is working on it.", holder.pid),
        (None, Relation::Elsewhere) if other.profile == label.profile => {
            let profile = printable::text(&other.profile);
            format!(
                "To resume it, stop this upload, set endpoint in profile \"{profile}\" back, and run the same command."
            )
        }
        (None, Relation::Elsewhere) => {
            let (profile, destination) = (printable::text(&other.profile), printable::text(&other.destination));
            format!("To resume it, stop this upload, and put the file to {profile}:{destination} instead.")
        }
        (None, _) => format!("To resume it here, stop this upload, and add --continue {key} to the same command."),
    }
}

/// Whether this one is to be continued.
fn is_wanted(one: &Related) -> bool {
    let (stored, was) = (one.envelope.confirmed, printable::text(&one.label.path));
    match one.relation {
        _ if one.holder.is_some() => false,
        Relation::Moved if stored <= CHEAP => true,
        Relation::Moved => {
            let size = show_size(stored);
            is_agreed(
                &format!("{was} looks like this file, and {size} of it were sent. Read them again and resume?"),
                true,
            )
        }
        Relation::SameObject => {
            let stand = show_part(stored, one.envelope.source.len);
            let there = printable::text(&one.envelope.target);
            is_agreed(
                &format!("{stand} of this file were sent to {there}, which is the same object. Resume here?"),
                false,
            )
        }
        _ => false,
    }
}

/// Asks on a terminal; elsewhere, `otherwise`.
fn is_agreed(question: &str, otherwise: bool) -> bool {
    if !(stdin().is_terminal() && stderr().is_terminal()) {
        return otherwise;
    }
    answer(question, &mut stdin().lock()).unwrap_or(otherwise)
}

/// Yes unless no is said; `None` if nobody answers.
fn answer(question: &str, from: &mut impl io::BufRead) -> Option<bool> {
    loop {
        let _ = write!(anstream::stderr().lock(), "{question} [Y/n] ");
        let _ = anstream::stderr().lock().flush();
        let mut line = String::new();
        if from.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().to_lowercase().as_str() {
            "" | "y" | "yes" => return Some(true),
            "n" | "no" => return Some(false),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_is_meant_unless_no_is_said() {
        let said = |text: &str| answer("Resume?", &mut text.as_bytes());
        for text in ["\n", "y\n", "Yes\n", "what\n\n"] {
            assert_eq!(said(text), Some(true), "{text:?}");
        }
        for text in ["n\n", " NO \n", "maybe\nn\n"] {
            assert_eq!(said(text), Some(false), "{text:?}");
        }
        assert_eq!(said(""), None);
    }
}
