//! Checkpoints of anybody's: what can be read of them is resumed, and the vendor answers what the input says.

use std::time::Duration;

use resumable_core::{Checkpoint, Envelope, Options, Upload};
use resumable_sim::vendor::Expectations;
use sha2::{Digest as _, Sha256};

use crate::draw::Draw;
use crate::host::{Content, End, Host, ProtocolOf, Vendor};
use crate::vendor::{self, Work};

/// Reads a checkpoint, resumes it or gives it up, and runs it to its end. The checkpoint is the input's second line; what
/// comes behind it decides about answers.
///
/// # Panics
/// When the machine breaks a rule ([`crate::host`]).
pub fn run(input: &[u8]) {
    vendor::with(Draw::new(input), &Resume { input });
}

struct Resume<'a> {
    input: &'a [u8],
}

impl Work for Resume<'_> {
    fn with<S: Expectations>(&self, _: &str, mut draw: Draw<'_>) {
        let (mode, (setting, window)) = (draw.byte(), vendor::plain::<S>(&mut draw));
        let text = draw.until(b'\n');
        let bytes = if mode % 4 == 0 { text.to_vec() } else { sealed(text) };
        let envelope = Envelope::from_bytes(&bytes);
        let Ok(saved) = Checkpoint::<ProtocolOf<S>>::from_bytes(&bytes) else { return };
        assert!(envelope.is_ok_and(|it| it.target == saved.target() && it.confirmed == saved.confirmed()));
        let again = Checkpoint::<ProtocolOf<S>>::from_bytes(&saved.to_bytes()).expect("what was written can be read");
        assert!(again.to_bytes() == saved.to_bytes(), "{again:?}");
        let looks = saved.source().clone();
        let mut options = Options::new(1).patience(Duration::from_secs(120));
        options.window = window;
        let (protocol, credential) = (setting.protocol(), Some(S::credential(0)));
        let upload = if mode & 0x80 == 0 {
            Upload::resume(protocol, looks.clone(), credential, options, saved)
        } else {
            Upload::abandon(protocol, credential, options, saved)
        };
        let Ok(mut upload) = upload else { return };
        let mut host = Host::new(&mut draw, &setting, Vendor::Input, Content::Looks(looks));
        host.forgive_secrets_of(self.input);
        // Whoever is killed here is not run again: that is what the machine's target does.
        let (End::Finished(_) | End::Killed) = host.run(&mut upload);
    }
}

/// The fields of a checkpoint with the checksum that they would have: nobody guesses it.
fn sealed(fields: &[u8]) -> Vec<u8> {
    let sum = hex::encode(Sha256::digest(fields));
    let rest = fields.strip_prefix(b"{").unwrap_or(fields);
    [format!("{{\"checksum\":\"{}\",", &sum[..32]).as_bytes(), rest].concat()
}
