//! What a host knows of its credentials: sometimes when they expire, and sometimes another one before it is asked.

use std::time::Duration;

use resumable_core::{Lease, Upload};

use crate::vendor::{CredentialOf, Vendor};
use crate::world::World;

/// A process is given so many credentials with an end at most: each costs an answer without progress.
const MOST: u32 = 8;

/// What was said of the credential in hand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leases {
    given: u32,
    /// Since the last poll.
    told: Vec<Option<Duration>>,
    expires: Option<Duration>,
}

impl<V: Vendor> World<'_, V> {
    /// The host says until when a credential is good; the vendor would take it for longer.
    pub(crate) fn lease(&mut self, credential: CredentialOf<V>) -> Lease<CredentialOf<V>> {
        let life = match self.chance.u8(0..12) {
            _ if self.calm || self.is_asked() || self.process.leases.given >= MOST => None,
            0 => Some(Duration::from_millis(self.chance.u64(1..3_000))),
            1..4 => Some(Duration::from_secs(self.chance.u64(1..2_000))),
            _ => None,
        };
        let expires = life.map(|life| self.clock.now().mono + life);
        self.process.leases.given += u32::from(life.is_some());
        self.process.leases.told.push(expires);
        self.note(|| format!("the credential is good until {expires:?}"));
        Lease { credential, expires }
    }

    /// Sometimes the host has another credential before it is asked. An answer that comes after it would not count.
    pub(crate) fn renew(&mut self, upload: &mut Upload<V::Protocol>) {
        if self.calm || self.is_asked() || self.process.leases.given >= MOST || self.chance.u8(0..40) > 0 {
            return;
        }
        if let Ok(credential) = self.another(None) {
            self.census.mark("credential renewed unasked");
            let lease = self.lease(credential);
            upload.handle(lease);
        }
    }

    /// The machine hears what it was told, and takes no credential that is dead by now.
    pub(crate) fn hear_leases(&mut self) {
        let now = self.clock.now().mono;
        for told in std::mem::take(&mut self.process.leases.told) {
            if told.is_none_or(|end| end > now) {
                self.process.leases.expires = told;
            }
        }
    }

    /// A credential that dies while the machine sleeps may be all that a host has.
    pub(crate) fn leases_may_die(&self) -> bool {
        self.process.leases.given > 1
    }

    /// Nothing is signed with a credential that is known to be dead, or was refused.
    pub(crate) fn check_lease(&mut self) {
        if self.is_refused() {
            self.violated(|| "signed with a credential that was refused, while another is asked for".to_owned());
        }
        let now = self.clock.now().mono;
        if let Some(end) = self.process.leases.expires.filter(|end| *end <= now) {
            self.violated(|| format!("signed at {now:?} with a credential that was good until {end:?}"));
        }
    }
}
