//! Who is called when an object is complete.

use resumable_emulator::oss::FixedCallback;
use resumable_proto_oss::Callback;

/// What a callback's variables hold, and nothing but a request may show.
pub(super) const CANARY: &str = "canary-of-the-callback";
/// What the callback's server answers where all is well.
pub(super) const ANSWER: &str = r#"{"state":true,"data":{"file_id":"3000000000000000001"}}"#;

/// Who is called when an object is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listener {
    /// Nobody.
    None,
    /// Somebody who answers as the vendor wants it.
    Hears,
    /// Somebody who answers HTTP 500.
    Fails,
    /// Somebody whose answer is no JSON.
    Mumbles,
    /// Nobody is at the address.
    Absent,
}

impl Listener {
    /// Those with whom no callback ever succeeds.
    pub(super) const DEAF: [Self; 3] = [Self::Fails, Self::Mumbles, Self::Absent];

    pub(super) fn is_deaf(self) -> bool {
        Self::DEAF.contains(&self)
    }

    fn url(self) -> Option<&'static str> {
        Some(match self {
            Self::None => return None,
            Self::Hears => "https://listener.example/hears",
            Self::Fails => "https://listener.example/fails",
            Self::Mumbles => "https://listener.example/mumbles",
            Self::Absent => "https://listener.example/absent",
        })
    }
}

/// What the client asks for.
pub(super) fn of(listener: Listener) -> Option<Callback> {
    let url = listener.url()?;
    let body = "object=${object}&size=${size}&crc64=${crc64}&ticket=${x:ticket}";
    let callback = format!(r#"{{"callbackUrl":"{url}","callbackBody":"{body}"}}"#);
    let vars = format!(r#"{{"x:ticket":"{CANARY}"}}"#);
    Some(Callback::new(callback, Some(vars)).expect("the simulator's own callback"))
}

/// The servers of callbacks.
pub(super) fn listeners() -> Vec<FixedCallback> {
    let answers = [(Listener::Hears, 200, ANSWER), (Listener::Fails, 500, "{}"), (Listener::Mumbles, 200, "mhm")];
    let fixed = |(listener, status, answer): (Listener, u16, &str)| FixedCallback {
        url: listener.url().unwrap_or_default().to_owned(),
        status,
        answer: answer.to_owned(),
    };
    answers.map(fixed).to_vec()
}
