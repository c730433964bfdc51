//! What the simulator knows of one vendor: everything that is not the same for all.

pub mod cos_v1;
pub mod cos_v2;
pub mod oss;
pub mod p115;
mod visit;
pub mod xfyun;

use std::fmt::Debug;
use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use http::{Request, Response};
use resumable_core::{Body, Protocol, Receipt, Remains};
use resumable_emulator::{Emulator, Fault, Rule};

use crate::fate::Kind;
use crate::ledger::{Hazard, Ledger};
use crate::source::Source;

/// The protocol's fault, as a vendor's functions see it.
pub type FaultOf<V> = <<V as Vendor>::Protocol as Protocol>::Fault;

/// The protocol's credential.
pub type CredentialOf<V> = <<V as Vendor>::Protocol as Protocol>::Credential;

/// What the protocol calls a finished upload.
pub type OutcomeOf<V> = <<V as Vendor>::Protocol as Protocol>::Outcome;

/// What a host comes back with that was asked for another credential.
#[derive(Clone, Debug)]
pub struct Renewal<C> {
    /// The credential, or why there is none.
    pub credential: Result<C, &'static str>,
    /// How many requests for a new one it has made.
    pub requests: u32,
}

/// A vendor, as far as the simulator must know it.
pub trait Vendor: Sync {
    /// The client's protocol.
    type Protocol: Protocol<Outcome: Clone>;
    /// One case's choices: options, switches of the server, what is there before.
    type Setting: Debug;

    /// The calls, by the names that the census shows.
    fn calls(&self) -> &'static [&'static str];

    /// The operations that they are for the server's plans.
    fn ops(&self) -> &'static [&'static str];

    /// Whether the client ever takes digests of the source before it sends it.
    fn hashes(&self) -> bool {
        true
    }

    /// Whether a call can meet a kind of fault at all.
    fn can_meet(&self, call: usize, kind: Kind) -> bool;

    /// Draws a case's setting.
    fn draw(&self, chance: &mut Rng) -> Self::Setting;

    /// The uploads over which faults are enumerated, each with its window; without a fault, each of them finishes.
    fn enumerated(&self) -> Vec<(Self::Setting, usize)>;

    /// The file's length.
    fn size(&self, setting: &Self::Setting) -> u64;

    /// The most source bytes that one request has.
    fn piece(&self, setting: &Self::Setting) -> u64;

    /// Whether the whole file goes in one request.
    fn in_one_request(&self, setting: &Self::Setting) -> bool;

    /// The client's protocol for this setting.
    fn protocol(&self, setting: &Self::Setting) -> Self::Protocol;

    /// A credential; the first two are right, the third is not.
    fn credential(&self, number: usize) -> CredentialOf<Self>;

    /// A temporary credential that the vendor grants, if this setting has them: a fresh one, or one that the host has
    /// kept, whose time may be over. `now` is the time on the world's server clock.
    fn granted(
        &self,
        _setting: &Self::Setting,
        _server: &Emulator,
        _now: Duration,
        _fresh: bool,
        _chance: &mut Rng,
    ) -> Option<CredentialOf<Self>> {
        None
    }

    /// What the host does when it is asked for a credential, where that is a matter of the vendor's: `refused` is the
    /// one that the vendor did not take, and `now` the time on the world's server clock.
    fn renewed(
        &self,
        _server: &Emulator,
        _now: Duration,
        _refused: Option<&CredentialOf<Self>>,
        _chance: &mut Rng,
    ) -> Option<Renewal<CredentialOf<Self>>> {
        None
    }

    /// Whether others can do something to this upload at the server in the middle of it.
    fn has_neighbours(&self) -> bool {
        false
    }

    /// Does what others can do.
    fn intrude(&self, _server: &Emulator, _now: Duration) {}

    /// What must never be in a checkpoint.
    fn canaries(&self) -> &'static [&'static str];

    /// The server with what is there before the upload begins.
    fn server(&self, setting: &Self::Setting, source: &Source, chance: &mut Rng) -> Emulator;

    /// Which call a request is; `len` is the length of the file that this process uploads.
    fn call_of(&self, request: &Request<Body>, len: u64) -> usize;

    /// True for a call after which the vendor holds the result for good.
    fn seals(&self, call: usize) -> bool;

    /// True for a call that a crash must not forget: it leaves only when a durable checkpoint has it in doubt.
    fn is_remembered(&self, call: usize) -> bool {
        self.seals(call)
    }

    /// Whether it matters to the server when a request of this call begins to arrive, and not only when it is whole.
    /// Such a request must say in its head what it is.
    fn minds_beginnings(&self, _call: usize) -> bool {
        false
    }

    /// True for a call that removes what is at the path.
    fn removes(&self, call: usize) -> bool;

    /// Whether an answer to this call says that the object at the path is finished; `None` if it does not say.
    fn says_finished(&self, call: usize, response: &Response<Bytes>) -> Option<bool>;

    /// True if an answer says success.
    fn says_success(&self, response: &Response<Bytes>) -> bool;

    /// True for an answer that no client gets that does as the vendor asked.
    fn blames_client(&self, response: &Response<Bytes>) -> bool;

    /// A fault of this kind for this call, with details drawn.
    fn fault(&self, kind: Kind, call: usize, chance: &mut Rng) -> Fault;

    /// The rule that lets a request of this call meet a fault.
    fn rule(&self, _call: usize, fault: Fault) -> Rule {
        Rule::any(fault)
    }

    /// How long the client waits after a fault at most, besides what the fault itself asks for.
    fn asks_to_wait(&self, _call: usize, _fault: &Fault) -> Duration {
        Duration::ZERO
    }

    /// What the fault may lead the client to conclude.
    fn hazards(&self, call: usize, fault: &Fault) -> Vec<Hazard>;

    /// What an answer leads to that the server gives of its own accord, to a client that waits for it: an upload's time
    /// may be over. `elapsed` is the time since the world began.
    fn hazards_of_answer(
        &self,
        _setting: &Self::Setting,
        _ledger: &Ledger,
        _call: usize,
        _response: &Response<Bytes>,
        _elapsed: Duration,
    ) -> Vec<Hazard> {
        Vec::new()
    }

    /// What it leads to when a request takes effect that nobody waits for any more.
    fn straggles_into(&self, setting: &Self::Setting, call: usize, response: &Response<Bytes>) -> Option<Hazard>;

    /// Whether the call gives a session another name and its old one is refused from then on, so that the session is lost
    /// to a client that does not hear of it, or does not get to save it.
    fn renames(&self, _: &Self::Setting, _: usize) -> bool {
        false
    }

    /// What an answer of the server's own accord leads the client to; it counts once in a process.
    fn leads_to(&self, _: &Self::Setting, _: usize, _: &Response<Bytes>) -> Option<Hazard> {
        None
    }

    /// What is in danger before anything has happened, by what is there.
    fn hazards_before(&self, _: &Self::Setting) -> Vec<Hazard> {
        Vec::new()
    }

    /// What it leads to when a call that seals has no undisturbed success, or, without a call, when the next process may
    /// not know what it was answered: no checkpoint has it.
    fn doubts_into(&self, _setting: &Self::Setting, _call: Option<usize>) -> Option<Hazard> {
        None
    }

    /// The object at the upload's path.
    fn object(&self, setting: &Self::Setting, server: &Emulator) -> Option<Vec<u8>>;

    /// The object that a receipt is of: the one at the upload's path, unless the vendor names objects itself.
    fn object_of(&self, setting: &Self::Setting, server: &Emulator, _receipt: &Receipt) -> Option<Vec<u8>> {
        self.object(setting, server)
    }

    /// Checks what an outcome says besides its receipt.
    ///
    /// # Errors
    /// What of it is not true.
    fn check_outcome(
        &self,
        _setting: &Self::Setting,
        _server: &Emulator,
        _ledger: &Ledger,
        _outcome: &OutcomeOf<Self>,
    ) -> Result<(), String> {
        Ok(())
    }

    /// Checks how many requests were made of each call, by so many processes.
    ///
    /// # Errors
    /// Which are more than what was injected explains.
    fn check_requests(&self, _ledger: &Ledger, _processes: u32) -> Result<(), String> {
        Ok(())
    }

    /// Whether what is said to be left of an abandoned upload is what is there.
    fn is_left(&self, setting: &Self::Setting, server: &Emulator, ledger: &Ledger, remains: Remains) -> bool {
        let unfinished = self.has_unfinished(setting, server);
        // What was left behind with an older session is nobody's.
        let orphans = self.has_stranger(setting) || ledger.sessions() > 0 || ledger.changed;
        remains != Remains::Nothing || !unfinished || orphans
    }

    /// Whether the client's checkpoints alone know what has arrived: what was acknowledged and not saved is sent again.
    fn trusts_checkpoints(&self) -> bool {
        false
    }

    /// Whether a person who meets this refusal may run the upload again, and get further.
    fn can_be_run_again(&self, _fault: &FaultOf<Self>) -> bool {
        false
    }

    /// Whether two versions of a file that were mixed are always found out, because the vendor compares a digest of all.
    fn compares_content(&self, _setting: &Self::Setting) -> bool {
        false
    }

    /// Whether digests are kept of what is sent, so that a file that was only touched is gone on with.
    fn digests_what_it_sends(&self, _setting: &Self::Setting) -> bool {
        true
    }

    /// Whether this refusal tells a person to begin the upload anew.
    fn asks_to_begin_anew(&self, _fault: &FaultOf<Self>) -> bool {
        false
    }

    /// Whether by this setting no content is ever taken for what it is, or none of an upload that takes so long.
    fn takes_no_content(&self, _setting: &Self::Setting, _ledger: &Ledger, _took: Duration) -> bool {
        false
    }

    /// What is at the vendor now of an upload that is begun anew, as far as an outcome is checked against it.
    fn left_by_older(&self, _setting: &Self::Setting, _server: &Emulator) -> u64 {
        0
    }

    /// Whether bytes of an unfinished upload are at the path.
    fn has_unfinished(&self, setting: &Self::Setting, server: &Emulator) -> bool;

    /// Why the object that was at the path before must still be there, if it must.
    fn protects_older(&self, setting: &Self::Setting) -> bool;

    /// Whether a stranger's unfinished upload was at the path before.
    fn has_stranger(&self, setting: &Self::Setting) -> bool;

    /// Whether this fault of the vendor's is an honest end, given what was injected.
    fn explains(&self, setting: &Self::Setting, ledger: &Ledger, fault: &FaultOf<Self>) -> bool;

    /// Whether this setting alone leads to refused credentials.
    fn clock_is_hopeless(&self, setting: &Self::Setting) -> bool;

    /// Whether this setting alone leads to one lost session after the other.
    fn sessions_are_hopeless(&self, _: &Self::Setting) -> bool {
        false
    }

    /// Whether the client's own journal is all that tells what has arrived: what it does not hold is sent again, and so is
    /// what lies behind a gap.
    fn has_only_a_journal(&self, _: &Self::Setting, _: &Ledger) -> bool {
        false
    }

    /// Whether the vendor hides our unfinished session, so that each process that cannot see it sends everything again.
    fn hides_sessions(&self, setting: &Self::Setting, ledger: &Ledger) -> bool;
}
