//! No key and no token is shown, or saved, whatever happens.

mod far;

use far::{Fate, Rig, says};

const CANARIES: [&str; 6] = ["access-1", "access-0", "STS.canary", "secretcanary", "tokencanary", "Bearer"];

#[test]
fn field_bug_30_nothing_secret_is_shown_or_saved() {
    let echo = "<Error><Code>SecurityTokenExpired</Code><Message>no</Message><SecurityToken>tokencanary</SecurityToken></Error>";
    for body in [echo.to_owned(), format!("{} tokencanary", "x".repeat(300))] {
        let mut rig = Rig::new(250);
        (rig.tokens, rig.server.access) = (vec!["access-0".into(), "access-1".into()], "access-1".into());
        let verdict = rig.run_with(|kind, nth| match (kind, nth) {
            ("part", 1) => Fate::Says(says(403, echo)),
            ("part", _) if nth > 3 => Fate::Says(says(403, &body)),
            ("complete", 0) => Fate::LostAfter,
            _ => Fate::Fine,
        });
        let events = format!("{:?}", rig.events);
        for shown in
            rig.saved.iter().chain([&rig.shown, &events, &format!("{verdict:?}"), &format!("{:?}", rig.protocol())])
        {
            for canary in CANARIES {
                assert!(!shown.contains(canary), "{canary}: {shown}");
            }
        }
        assert!(!rig.saved.is_empty() && rig.shown.contains("open/upload/init"));
    }
}
