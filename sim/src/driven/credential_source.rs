//! Where a case's credentials come from.

use std::path::PathBuf;
use std::sync::Arc;

use fastrand::Rng;
use resumable::Credentials;
use resumable::transport::{Clock, blocking};
use resumable_emulator::Emulator;

use super::carrier::Carrier;
use super::time;
use super::world::World;
use crate::vendor::Scenario;

/// What a vendor's credentials are made of.
pub struct CredentialSource {
    world: Arc<World>,
    /// A person has logged in so often, for the last time when this was the good pair.
    login: Option<(String, String)>,
    /// The first token at hand is dead.
    pub stale: bool,
}

impl CredentialSource {
    pub(super) fn new(world: &Arc<World>, chance: &mut Rng) -> Self {
        Self { world: Arc::clone(world), login: None, stale: chance.bool() }
    }

    /// The vendor's servers.
    pub fn server(&self) -> &Emulator {
        &self.world.server
    }

    /// The folder that tokens are kept in.
    pub fn folder(&self) -> PathBuf {
        self.world.home.folder("tokens")
    }

    /// What carries requests for tokens.
    pub fn transport(&self) -> Arc<dyn blocking::Transport + Send> {
        Arc::new(Carrier(Arc::clone(&self.world), 1))
    }

    /// The client's clock.
    pub fn clock(&self) -> Clock {
        time::clock()
    }

    /// The tokens that a log-in gave: access and refresh token.
    pub fn login(&self) -> Option<&(String, String)> {
        self.login.as_ref()
    }

    pub(super) fn log_in(&mut self, tokens: (String, String)) {
        self.login = Some(tokens);
    }

    /// One credential: one that the vendor grants for a while, or a right one.
    pub fn granted<S: Scenario>(
        &self,
        setting: &S,
    ) -> Credentials<<S::Protocol as resumable::machine::Protocol>::Credential> {
        let granted = setting.granted(&self.world.server, time::wall(), true, &mut self.world.state().chance);
        granted.unwrap_or_else(|| S::credential(0)).into()
    }
}
