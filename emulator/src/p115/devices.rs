//! Device codes that wait for somebody to confirm them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::chance::Chance;
use super::code::{self, Code};

/// How a challenge was made of its verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Sha256,
    Sha1,
    Md5,
}

impl Method {
    pub(super) fn of(name: &str) -> Option<Method> {
        match name {
            "sha256" => Some(Method::Sha256),
            "sha1" => Some(Method::Sha1),
            "md5" => Some(Method::Md5),
            _ => None,
        }
    }

    fn digest(self, text: &str) -> Vec<u8> {
        match self {
            Method::Sha256 => Sha256::digest(text).to_vec(),
            Method::Sha1 => Sha1::digest(text).to_vec(),
            Method::Md5 => Md5::digest(text).to_vec(),
        }
    }

    fn length(self) -> usize {
        match self {
            Method::Sha256 => 32,
            Method::Sha1 => 20,
            Method::Md5 => 16,
        }
    }

    /// The digest in a challenge: base64 of either alphabet.
    pub(super) fn read(self, challenge: &str) -> Option<Vec<u8>> {
        let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let alphabets = [alphabet::STANDARD, alphabet::URL_SAFE];
        let mut engines = alphabets.iter().map(|alphabet| GeneralPurpose::new(alphabet, lenient));
        let digest = engines.find_map(|engine| engine.decode(challenge).ok())?;
        (digest.len() == self.length()).then_some(digest)
    }
}

#[derive(Debug, Default)]
pub(super) struct Devices {
    by_uid: Mutex<BTreeMap<String, Device>>,
}

/// One code, and how far its user got with it.
#[derive(Clone, Debug)]
pub(super) struct Device {
    pub(super) uid: String,
    /// When it was made, in seconds since the Unix epoch.
    pub(super) time: u64,
    pub(super) sign: String,
    method: Method,
    digest: Vec<u8>,
    polls: u32,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Waiting,
    Scanned,
    Confirmed,
}

impl Devices {
    /// `life` is in seconds.
    pub(super) fn begin(&self, method: Method, digest: Vec<u8>, clock: Duration, life: u64, chance: &Chance) -> Device {
        let time = clock.as_secs();
        let device = Device {
            uid: chance.hex(clock, 32),
            time,
            sign: chance.hex(clock, 40),
            method,
            digest,
            polls: 0,
            state: State::Waiting,
        };
        let mut by_uid = self.lock();
        by_uid.retain(|_, old| time < old.time.saturating_add(life.saturating_mul(2)));
        by_uid.insert(device.uid.clone(), device.clone());
        device
    }

    /// Asks how far it is. `confirm_at`: at which poll it is confirmed by itself.
    pub(super) fn poll(
        &self,
        (uid, time, sign): (&str, &str, &str),
        clock: Duration,
        life: u64,
        confirm_at: Option<u32>,
    ) -> Result<State, Code> {
        let mut by_uid = self.lock();
        let device = by_uid.get_mut(uid).ok_or(code::DEVICE_CODE)?;
        if device.sign != sign || device.time.to_string() != time {
            return Err(code::SIGN);
        }
        device.check_age(clock, life)?;
        device.polls = device.polls.saturating_add(1);
        if let Some(at) = confirm_at {
            let reached = match device.polls {
                polls if polls >= at => State::Confirmed,
                polls if polls.saturating_add(1) == at => State::Scanned,
                _ => State::Waiting,
            };
            device.state = device.state.max(reached);
        }
        Ok(device.state)
    }

    /// Gives the code up for a pair of tokens, if the verifier is right.
    pub(super) fn redeem(&self, uid: &str, verifier: &str, clock: Duration, life: u64) -> Result<(), Code> {
        let mut by_uid = self.lock();
        let device = by_uid.get(uid).ok_or(code::DEVICE_CODE)?;
        device.check_age(clock, life)?;
        if device.state != State::Confirmed {
            return Err(code::NOT_CONFIRMED);
        }
        if device.method.digest(verifier) != device.digest {
            return Err(code::VERIFIER);
        }
        by_uid.remove(uid);
        Ok(())
    }

    /// Somebody did something with the code; false if there is no such code.
    pub(super) fn reach(&self, uid: &str, state: State) -> bool {
        let mut by_uid = self.lock();
        let device = by_uid.get_mut(uid);
        device.map(|device| device.state = device.state.max(state)).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Device>> {
        self.by_uid.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Device {
    fn check_age(&self, clock: Duration, life: u64) -> Result<(), Code> {
        let is_young = clock.as_secs() < self.time.saturating_add(life);
        is_young.then_some(()).ok_or(code::CODE_EXPIRED)
    }
}
