//! One file, or standard input.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use resumable::{Event, Label};

use super::told::Told;
use super::{Run, path_for};
use crate::args::Destination;
use crate::display::Plan;
use crate::elsewhere::{self, Unfinished};
use crate::exit::Problem;
use crate::printable;
use crate::transport::{Upload, ask, either};

impl Run<'_> {
    /// Uploads this file.
    pub(super) fn one(&self, file: &Path, destination: &Destination) -> Result<(), Problem> {
        let path = path_for(destination, file)?;
        if self.args.dry_run {
            return self.plan_one(file, path);
        }
        let upload = self.upload(&path)?;
        let name = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
        let upload = either!(upload, put => put.file(file));
        let again = &self.args.again;
        let others = if let Some(asked) = &again.continue_from {
            ask!(&upload, put => Unfinished::named(put, &self.folder, asked))?
        } else {
            let listed = elsewhere::list(&self.folder);
            ask!(&upload, put => Unfinished::among(&listed, put, &name, again.restart))
        };
        self.send_one(upload, others, &name.display().to_string(), path, file)
    }

    /// Uploads standard input, once it was written down.
    pub(super) fn stdin(&self, destination: &Destination) -> Result<(), Problem> {
        if destination.keeps_names() {
            let path = printable::text(&destination.path);
            return Err(Problem::usage(format!("standard input has no name that {} could keep", self.shown(&path)))
                .next("Write the full path of the object."));
        }
        if self.args.dry_run {
            return Err(Problem::usage(
                "what standard input holds is not known before it is read: --dry-run shows nothing",
            ));
        }
        let place = printable::path(&std::env::temp_dir());
        self.display.note(&format!("standard input is written to a temporary file in {place} first"));
        let upload = self.upload(&destination.path)?;
        let upload = either!(upload, put => put.spool(std::io::stdin()));
        let others = match self.args.again.continue_from.as_deref() {
            Some(asked) => ask!(&upload, put => Unfinished::named(put, &self.folder, asked))?,
            None => ask!(&upload, put => Unfinished::none(put)),
        };
        self.send_one(upload, others, "standard input", destination.path.clone(), Path::new("standard input"))
    }

    fn send_one(
        &self,
        upload: Upload<'_>,
        others: Unfinished,
        name: &str,
        destination: String,
        file: &Path,
    ) -> Result<(), Problem> {
        let label = Label { profile: self.profile.name().to_owned(), path: name.to_owned(), destination };
        let upload = others.applied_to(upload);
        let upload = either!(upload, put => put.label(label.clone()));
        let told = Told::new(name.to_owned(), label, others, ask!(&upload, put => put.handle()), &self.display);
        told.shown();
        self.arm(&told);
        let (shown, delivered, display) = (Arc::clone(&told), Arc::clone(&told), self.display.clone());
        let upload = either!(upload, put => put
            .on_event(move |event| {
                if let Event::Began { total, .. } = event {
                    display.plan(Plan { files: 1, bytes: *total });
                }
                shown.show(event);
            })
            .deliver(move |receipt| delivered.deliver(receipt)));
        let result = upload.send();
        self.display.end();
        self.over(&told, file, &result);
        let ended = match result {
            Ok(_) => Ok(()),
            Err(error) if error.is_skipped() => {
                told.leave(0);
                self.display.note(&error.to_string());
                Ok(())
            }
            Err(error) => {
                let problem = told.explain(&error, file, &self.folder);
                told.shown().failed(&problem);
                Err(problem)
            }
        };
        self.display.summary(&self.display.counted()).and(ended)
    }

    /// The first Ctrl-C ends it so that it can be resumed, once what is in flight has arrived.
    fn arm(&self, told: &Arc<Told>) {
        let told = Arc::clone(told);
        self.interrupt.arm_with(move |signal| {
            let (within, text) = told.pace.stopping(signal);
            told.handle.drain(within);
            told.display.note(&text);
        });
    }
}
