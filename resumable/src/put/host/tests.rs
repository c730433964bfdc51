use resumable_core::Event as Machine;
use resumable_proto_oss::{Credential, Oss};

use super::*;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// The vendor has refused the credential, and another one is asked for.
    Refused,
    /// It came, or did not.
    Given,
    /// The program has handed in another one.
    Renewed,
    Commanded(Command),
    End,
}

fn host() -> UploadHost<Oss> {
    let credentials = Credentials::fixed(Credential::new("i", "s").unwrap());
    UploadHost::alone(credentials, Limits::default(), Clock::start(), Arc::default(), Vec::new())
}

fn take(host: &UploadHost<Oss>, step: Step) {
    match step {
        Step::Refused => host.tell(&Machine::Reauthorizing { why: String::new() }),
        Step::Renewed => host.tell(&Machine::Reauthorized),
        Step::Given => drop(host.answered(Err("none".into()))),
        Step::Commanded(command) => host.commanded(command),
        Step::End => host.end(),
    }
}

/// Whoever shares a credential waits while one of them has it replaced. A paused upload asks for nothing, so nobody waits for it.
#[test]
fn others_are_held_back_as_long_as_a_refused_credential_is_being_replaced() {
    use Command::{Pause, Stop, Unpause};
    use Step::{Commanded, End, Given, Refused, Renewed};
    for (steps, open) in [
        (&[][..], true),
        (&[Refused], false),
        (&[Refused, Refused], false),
        (&[Refused, Renewed], true),
        (&[Refused, Refused, Renewed], true),
        (&[Refused, Given], true),
        (&[Refused, End], true),
        (&[Refused, Commanded(Stop)], false),
        (&[Refused, Commanded(Pause)], true),
        (&[Commanded(Pause), Refused], true),
        (&[Commanded(Pause), Commanded(Stop), Refused], true),
        (&[Commanded(Pause), Commanded(Unpause), Refused], false),
        (&[Commanded(Unpause), Refused], false),
        (&[Refused, Commanded(Pause), Commanded(Unpause), Refused, Renewed], true),
    ] {
        let host = host();
        steps.iter().for_each(|step| take(&host, *step));
        let is_open = host.credentials.barrier().is_open_or(0, || Box::new(|| ()));
        assert_eq!(is_open, open, "{steps:?}");
    }
}
