//! The server as the emulator sees it.

use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use serde_json::{Value, json};

use super::code;
use super::op::{FACTS, Op};
use super::request::Request;
use super::server::P115;
use crate::faults::{Facts, Fault};
use crate::service::{Outcome, RequestHandler, Service};

impl Service for P115 {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn claims(&self, head: &Parts) -> bool {
        Op::is_ours(head.uri.path())
    }

    fn begin(self: Arc<Self>, _clock: Duration, head: &Parts) -> Box<dyn RequestHandler> {
        Box::new(Request::begin(self, head))
    }

    fn fault_response(&self, clock: Duration, fault: &Fault) -> Outcome {
        self.context(None, clock).fault_response(fault, code::ACCESS_INVALID)
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
