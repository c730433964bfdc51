//! The server as the emulator sees it.

use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use serde_json::{Value, json};

use super::arrival::Request;
use super::code;
use super::op::{FACTS, Op};
use super::server::P115;
use crate::faults::{Facts, Fault};
use crate::service::{Arrival, Outcome, Service};

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
