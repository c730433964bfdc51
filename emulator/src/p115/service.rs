//! The server as the emulator sees it.

use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use serde_json::{Value, json};

use super::answer::Voice;
use super::arrival::Request;
use super::code;
use super::op::{self, CALLBACK, Family, Op};
use super::{NAME, P115, callback};
use crate::faults::{Facts, Fault};
use crate::service::{Arrival, Outcome, Service};

pub(crate) const FACTS: Facts = Facts { name: NAME, ops: op::NAMES, fits: can_show };

/// No answer tells of offsets or slices; a task is a session, and so is a challenge.
fn can_show(name: &str, fault: &Fault) -> bool {
    if name == CALLBACK {
        return callback::can_show(fault);
    }
    let op = Op::of_name(name);
    match fault {
        Fault::ForgetSession => matches!(op, Some(Op::Init | Op::Resume)),
        Fault::WrongSession => op == Some(Op::Resume),
        Fault::WrongLength => matches!(op, Some(Op::GetInfo | Op::Files)),
        Fault::WrongOffset | Fault::OffsetBeyondFile | Fault::SliceSize { .. } => false,
        other => !other.is_of_objects(),
    }
}

impl P115 {
    /// Who answers a request for this operation.
    pub(super) fn voice(&self, op: Option<Op>, clock: Duration) -> Voice<'_> {
        Voice { shape: &self.config.shape, family: op.map_or(Family::Files, Op::family), clock }
    }
}

impl Service for P115 {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn claims(&self, head: &Parts) -> bool {
        Op::is_ours(head.uri.path())
    }

    fn begin(self: Arc<Self>, _clock: Duration, head: &Parts) -> Box<dyn Arrival> {
        Box::new(Request::begin(self, head))
    }

    fn trouble(&self, clock: Duration, fault: &Fault) -> Outcome {
        self.voice(None, clock).trouble(fault, code::ACCESS_INVALID)
    }

    fn ready(&self, base_url: &str) -> Value {
        let (access_token, refresh_token) = self.tokens();
        json!({
            "endpoint": base_url,
            "passport": base_url,
            "qrcode": base_url,
            "client_id": self.config.client_id,
            "access_token": access_token,
            "refresh_token": refresh_token,
        })
    }
}
