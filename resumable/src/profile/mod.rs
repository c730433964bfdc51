//! Profiles in a TOML file: which vendor, which account, how to connect. A program that has them lets people choose the
//! vendor while it runs.
//!
//! ```
//! use resumable::profile::Profiles;
//!
//! let text = r#"
//!     [profiles.work]
//!     protocol = "oss"
//!     window = 8
//! "#;
//! let profile = Profiles::parse(text, "example.toml")?.get("work")?;
//! assert_eq!(profile.connection()?.window, Some(resumable::Window::Fixed(8)));
//! # Ok::<(), resumable::profile::ProfileError>(())
//! ```
//!
//! A file is read with [`Profiles::load`]. Secrets may stand in the environment instead; a program that wants that says so:
//! [`Profile::with_environment`]. What can stand in a profile is shown by the pages of [`vendors`](crate::vendors::entries)
//! and by [`CONNECTION_PAGE`].

mod connection;
mod error;
mod mistake;
mod profiles;
mod reading;
mod table;
mod values;
mod wiped;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use http::Uri;
use http::uri::Scheme;
use resumable_transport::net::{bare_host, is_this_machine};
use sha2::{Digest as _, Sha256};
use toml::Value;
use zeroize::Zeroize as _;

pub use self::connection::{CONNECTION_PAGE, Connection};
pub use self::error::ProfileError;
pub(crate) use self::mistake::Mistake;
pub use self::profiles::Profiles;
use self::reading::wins;
pub(crate) use self::reading::{Reading, from_json};
pub(crate) use self::values::{CommandLine, GivenWindow, Secret, Size, Texts, Time, set};
pub(crate) use self::wiped::Wiped;
use crate::{printable, vendors};

/// The variable in the environment that a secret may stand in: like `RESUMABLE_SECRET_KEY` for `secret_key`.
pub fn variable(key: &str) -> String {
    format!("RESUMABLE_{}", key.to_uppercase())
}

/// Where a value was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// On this line of the file, from 1.
    Line(usize),
    /// In the environment.
    Environment,
    /// In the environment, under a name of the vendor's.
    Variable(&'static str),
    /// In the program: it was set for this upload.
    Program,
}

/// A value, and where it was found.
#[derive(Clone)]
pub(crate) struct Field {
    /// Where.
    pub(crate) place: Place,
    /// The value.
    pub(crate) value: Wiped,
}

// The value may be a secret.
impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field").field("place", &self.place).finish_non_exhaustive()
    }
}

/// A value that the environment has under a name of the vendor's.
pub(crate) struct Given {
    /// The profile's key.
    pub(crate) key: &'static str,
    /// The variable.
    pub(crate) variable: &'static str,
    /// The value.
    pub(crate) text: String,
}

/// One profile.
#[derive(Clone)]
pub struct Profile {
    name: String,
    file: PathBuf,
    fields: BTreeMap<String, Field>,
    /// The keys that may stand in the environment, where the program reads that.
    secrets: &'static [&'static str],
}

// A value may be a secret, under a mistyped key, too.
impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile").field("name", &self.name).field("file", &self.file).finish_non_exhaustive()
    }
}

impl Profile {
    /// A digest of all that it says.
    pub(crate) fn identity(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let fields = self.fields.iter().flat_map(|(key, field)| [key.clone(), field.value.get().to_string()]);
        for mut text in [self.name.clone(), self.file.display().to_string()].into_iter().chain(fields) {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(&text);
            text.zeroize();
        }
        hash.finalize().into()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Puts what the environment has of its secrets in place of what the file says. `lookup` is asked for each
    /// [`variable`], and for what the vendor's own tools read (`AWS_ACCESS_KEY_ID`), which counts where the profile says
    /// nothing; mostly it is `|name| std::env::var_os(name)`. Nothing else here reads the environment for a profile. A
    /// profile that names a program for its secrets (`credential_command`) gets none of the environment.
    ///
    /// # Errors
    /// When a variable is no UTF-8.
    pub fn with_environment(mut self, lookup: impl Fn(&str) -> Option<OsString>) -> Result<Self, ProfileError> {
        if self.fields.contains_key("credential_command") {
            return Ok(self);
        }
        let protocol = self.text("protocol").unwrap_or_default().to_owned();
        self.secrets = vendors::entries().find(|vendor| vendor.name == protocol).map_or(&[], |vendor| vendor.secrets);
        for key in self.secrets {
            let Some(given) = lookup(&variable(key)) else { continue };
            let Ok(text) = given.into_string() else {
                return Err(wins(ProfileError::new(format!("{} is not UTF-8", variable(key))), key));
            };
            self.fields.insert((*key).to_owned(), Field { place: Place::Environment, value: text.into() });
        }
        for Given { key, variable, text } in
            vendors::environment(&protocol, &|key| self.fields.contains_key(key), &lookup)
        {
            self.fields.insert(key.to_owned(), Field { place: Place::Variable(variable), value: text.into() });
        }
        Ok(self)
    }

    /// Puts a text in place of what the file says of `key`: for what one upload wants otherwise. A size is written as in the
    /// file, like `16MiB`. A vendor whose profiles have no such key refuses the upload, and says so.
    #[must_use]
    pub fn with_text(self, key: &str, text: impl Into<String>) -> Self {
        self.with_field(key, Value::String(text.into()))
    }

    /// Adds `name` with this text to the table `key`, such as `metadata` or `headers`, or replaces what the table has under
    /// this name. Otherwise like [`Profile::with_text`].
    #[must_use]
    pub fn with_entry(self, key: &str, name: impl Into<String>, text: impl Into<String>) -> Self {
        let there = self.fields.get(key).and_then(|field| field.value.get().as_table()).cloned();
        let mut table = there.unwrap_or_default();
        table.insert(name.into(), Value::String(text.into()));
        self.with_field(key, Value::Table(table))
    }

    /// Puts this length of a part, in bytes, in place of what the file says, under the name that the vendor has for it. An
    /// upload that is resumed keeps the length that it began with.
    #[must_use]
    pub fn with_part_size(self, bytes: u64) -> Self {
        let protocol = self.text("protocol").unwrap_or_default();
        let key = vendors::entries().find(|vendor| vendor.name == protocol).map_or("part_size", |it| it.part_size);
        self.with_text(key, bytes.to_string())
    }

    fn with_field(mut self, key: &str, value: Value) -> Self {
        self.fields.insert(key.to_owned(), Field { place: Place::Program, value: value.into() });
        self
    }

    /// How to connect: what the profile says of it, and the defaults.
    ///
    /// # Errors
    /// When a value makes no sense.
    pub fn connection(&self) -> Result<Connection, ProfileError> {
        Reading::new(self).connection()
    }

    /// What a person should know although it stops nothing: plain http to another machine can be read and changed on the
    /// way. Made to be shown as it is; control characters are escaped.
    pub fn plain_http_warning(&self) -> Option<String> {
        let endpoint: Uri = self.text("endpoint")?.trim().parse().ok()?;
        let readable = endpoint.scheme() == Some(&Scheme::HTTP) && !is_this_machine(bare_host(&endpoint));
        let (name, host) = (printable::text(&self.name), printable::text(bare_host(&endpoint)));
        readable.then(|| {
            format!(
                "the profile \"{name}\" sends to {host} over plain http: anybody on the way can read and change what is \
                 sent. Write https:// into its endpoint if the vendor takes that."
            )
        })
    }

    /// Whether it has this key.
    pub(crate) fn says(&self, key: &str) -> bool {
        self.fields.contains_key(key)
    }

    /// A text as it was written.
    fn text(&self, key: &str) -> Option<&str> {
        self.fields.get(key)?.value.get().as_str()
    }
}
