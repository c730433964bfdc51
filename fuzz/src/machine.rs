//! One upload against its vendor's emulator: the input says what is answered late, wrongly or not at all, what fails, what the
//! user wants, and when the process is killed and another one goes on.

use resumable_core::{Checkpoint, Lane, Options, ResumeError, Upload};
use resumable_sim::source::{Nature, Source};
use resumable_sim::vendor::Expectations;

use crate::draw::Draw;
use crate::host::{BEGINNING, Content, End, Host, ProtocolOf, Vendor};
use crate::vendor::{self, Work};

/// How many processes an upload has at most.
const PROCESSES: usize = 5;

/// Plays an upload as the input says.
///
/// # Panics
/// When the machine breaks a rule ([`crate::host`]), or says that something is uploaded that is not.
pub fn run(input: &[u8]) {
    vendor::with(Draw::new(input), &Machine { input });
}

struct Machine<'a> {
    input: &'a [u8],
}

impl Work for Machine<'_> {
    fn with<S: Expectations>(&self, _: &str, mut draw: Draw<'_>) {
        let (setting, mut chance) = vendor::drawn::<S>(&mut draw);
        let options = options(&mut draw);
        let source = Source::new(setting.size(), 7, Nature::plain(), BEGINNING);
        let server = setting.server(&source, &mut chance);
        let content = source.bytes().to_vec();
        let mut host = Host::new(&mut draw, &setting, Vendor::Emulator(server), Content::Bytes(source));
        host.forgive_secrets_of(self.input);
        let (looks, credential) = (host.look(), host.credential(None));
        let mut upload = Upload::start(setting.protocol(), looks, Some(credential), options.clone());
        for _ in 0..PROCESSES {
            match host.run(&mut upload) {
                End::Finished(Ok(outcome)) => {
                    let server = host.server().expect("it is the emulator");
                    let object = setting.object_of(server, &outcome.into());
                    assert!(!host.was_honest() || object.as_ref() == Some(&content), "success with other bytes");
                    return;
                }
                End::Finished(Err(_)) if !host.has_plans() => return,
                End::Finished(Err(_)) | End::Killed => {}
            }
            match next(&mut host, &setting, &options) {
                Some(next) => upload = next,
                None => return,
            }
        }
    }
}

fn options(draw: &mut Draw<'_>) -> Options {
    let mut options = Options::new(draw.byte().into());
    options.window = 1 + draw.index(8);
    options.gated = draw.pick(&[&[][..], &[Lane::Data], &[Lane::Api, Lane::Data]]).to_vec();
    options
}

/// The next process: from the checkpoint, or from the beginning. `None` if the file is not what it was any more.
fn next<S: Expectations>(host: &mut Host<'_, '_, S>, setting: &S, options: &Options) -> Option<Upload<ProtocolOf<S>>> {
    let (looks, credential) = (host.look(), Some(host.credential(None)));
    let Some(saved) = host.saved() else {
        return Some(Upload::start(setting.protocol(), looks, credential, options.clone()));
    };
    let saved = Checkpoint::from_bytes(saved).expect("it is what was saved");
    match Upload::resume(setting.protocol(), looks, credential, options.clone(), saved) {
        Ok(upload) => Some(upload),
        // The input may have said so.
        Err(ResumeError::Changed { .. }) => None,
        Err(error) => panic!("our own checkpoint: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_of_a_thousand_parts_may_take_long_as_long_as_it_goes_on() {
        run(b"{}\xd6\x80\xd6\x00\xd6\xd6\xd6\xd6w/\xd6\xd6\xd6eXG");
    }
}
