//! What the emulator shows of itself over TLS: the same in each of its lives, so that a command that runs goes on trusting it.

use std::path::{Path, PathBuf};

use crate::private;
use crate::workspace::Result;

/// A certificate that is its own authority, and its key; PEM.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

impl Identity {
    /// Makes one for loopback.
    pub(super) fn make(folder: &Path) -> Result<Self> {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]);
        let made = made.map_err(|error| format!("no certificate can be made: {error}"))?;
        let identity = Self { certificate: folder.join("certificate.pem"), key: folder.join("key.pem") };
        for (path, text) in
            [(&identity.certificate, made.cert.pem()), (&identity.key, made.signing_key.serialize_pem())]
        {
            private::write(path, &text).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(identity)
    }
}
