//! The vendor's host for tokens.

use std::sync::Arc;
use std::time::Duration;

use resumable_core::{Cause, Limits, SendError};
use resumable_proto_115::{RefreshToken, Site, Tokens, limits, refresh_token};
use resumable_transport::CancelFlag;
use resumable_transport::blocking::Transport;

use super::TokenEndpoint;
use super::refresher::Trouble;
use crate::BoxError;
use crate::p115::exchange::exchange;

/// How long the vendor may take over new tokens. Nothing ends that request early: its answer may be the only one.
const REFRESHED_WITHIN: Duration = Duration::from_secs(30);

/// Makes a transport.
pub(crate) type MakeTransport = dyn Fn() -> Result<Arc<dyn Transport + Send>, BoxError> + Send + Sync;

/// The vendor's host for tokens.
pub(crate) struct Passport {
    site: Site,
    transport: Arc<MakeTransport>,
}

impl Passport {
    pub(super) fn new(site: Site, transport: Arc<MakeTransport>) -> Self {
        Self { site, transport }
    }
}

impl TokenEndpoint for Passport {
    fn refresh(&self, token: &RefreshToken) -> Result<Tokens, Trouble> {
        let unable = |error: BoxError| Trouble::Sent(SendError::NotSent(Cause(error)));
        let transport = (self.transport)().map_err(unable)?;
        let limits = Limits { reply_bytes: limits::REPLY_BYTES, reply_within: REFRESHED_WITHIN };
        let request = refresh_token::encode(&self.site, token);
        let answer = exchange(&*transport, request, &limits, &CancelFlag::new()).map_err(Trouble::Sent)?;
        refresh_token::decode(&answer).map_err(Trouble::Said)
    }
}
