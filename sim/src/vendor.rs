//! What the simulator must know of a vendor: everything that is not the same for all.
//!
//! | trait | implemented by | says |
//! |---|---|---|
//! | [`Wire`] | the vendor's calls | what requests and answers are, and what a fault may make of them |
//! | [`Scenario`] | a case's setting | the client's options, the server and what is there before |
//! | [`Expectations`] | a case's setting | which ends are honest |

use std::fmt::Debug;
use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use http::{Request, Response};
use resumable::Credentials;
use resumable_core::{Body, Located, Protocol, Receipt, Remains};
use resumable_emulator::{Emulator, Fault, Rule};

use crate::calls::Calls;
use crate::chance::pick;
use crate::driven::CredentialSource;
use crate::fault::Then;
use crate::fault_kind::Kind;
use crate::ledger::{Allowed, Ledger};
use crate::source::Source;

/// A vendor, with the client that uploads to it.
pub trait Vendor: Sync {
    /// One case's choices, and with them everything that is the vendor's.
    type Setting: Expectations;
    /// The client's protocol: the vendor's own, or one that is made of it.
    type Protocol: Protocol<
            Credential = CredentialAt<Self::Setting>,
            Fault = FaultAt<Self::Setting>,
            Outcome = OutcomeAt<Self::Setting>,
        >;

    /// The client's protocol for this setting.
    fn protocol(&self, setting: &Self::Setting) -> Self::Protocol;
}

/// A vendor with its own protocol, or with one that is made of it.
pub struct Wrapped<S: Scenario, P = <S as Scenario>::Protocol> {
    wrap: fn(S::Protocol) -> P,
}

impl<S: Scenario> Wrapped<S> {
    /// The protocol as it is.
    pub fn own() -> Self {
        Self { wrap: |protocol| protocol }
    }
}

impl<S: Scenario, P> Wrapped<S, P> {
    /// Another protocol in its place: one that is broken on purpose, say.
    pub fn new(wrap: fn(S::Protocol) -> P) -> Self {
        Self { wrap }
    }
}

impl<S, P> Vendor for Wrapped<S, P>
where
    S: Expectations,
    P: Protocol<Credential = CredentialAt<S>, Fault = FaultAt<S>, Outcome = OutcomeAt<S>>,
{
    type Setting = S;
    type Protocol = P;

    fn protocol(&self, setting: &S) -> P {
        (self.wrap)(setting.protocol())
    }
}

type CredentialAt<S> = <<S as Scenario>::Protocol as Protocol>::Credential;
type FaultAt<S> = <<S as Scenario>::Protocol as Protocol>::Fault;
type OutcomeAt<S> = <<S as Scenario>::Protocol as Protocol>::Outcome;

/// The vendor's calls.
pub type CallOf<V> = <<V as Vendor>::Setting as Scenario>::Call;

/// The protocol's fault.
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

/// What a vendor's requests and answers are, and what a fault may make of them.
pub trait Wire: Calls {
    /// The statuses of pages that come in place of a reply.
    const PAGES: &'static [u16] = &[502, 504, 404, 302, 413];
    /// No reply is slower than this, in milliseconds.
    const SLOWEST: u64 = 400_000;

    /// Which call a request is; `len` is the length of the file that this process uploads.
    fn of(request: &Request<Body>, len: u64) -> Self;

    /// The name of the upload that a request is for, where a name is all that leads there and never changes.
    fn upload_of(request: &Request<Body>) -> Option<String> {
        let query = request.uri().query()?;
        let name = query.split('&').find_map(|pair| pair.strip_prefix("uploadId="))?;
        Some(percent_decoded(name))
    }

    /// Whether an answer to this call says that the object at the path is finished; `None` if it does not say.
    fn says_finished(self, _response: &Response<Bytes>) -> Option<bool> {
        None
    }

    /// True if an answer says success.
    fn says_success(response: &Response<Bytes>) -> bool {
        response.body().starts_with(b"{\"code\":0,")
    }

    /// True for an answer that no client gets that does as the vendor asked.
    fn blames_client(response: &Response<Bytes>) -> bool;

    /// A reply that is not about this request.
    fn wrong_echo(self, _chance: &mut Rng) -> Fault {
        Fault::Unavailable
    }

    /// A refusal with one of the vendor's codes.
    fn refusal(self, chance: &mut Rng) -> Fault;

    /// A fault of this kind for this call, with details drawn.
    fn fault(self, kind: Kind, chance: &mut Rng) -> Fault {
        match kind {
            Kind::Throttle => {
                let waits = [None, Some(0), Some(1), Some(7), Some(60), Some(3_000)];
                Fault::Throttle { retry_after_seconds: pick(chance, &waits) }
            }
            Kind::Html => Fault::Html { status: pick(chance, Self::PAGES) },
            Kind::Garbage => Fault::Garbage,
            Kind::CutReply => Fault::CutReply,
            Kind::Slow => Fault::Delay { millis: chance.u64(1..Self::SLOWEST) },
            Kind::WrongEcho => self.wrong_echo(chance),
            Kind::WrongSession => Fault::WrongSession,
            Kind::Forget => Fault::ForgetSession,
            Kind::Expired => Fault::ExpireToken,
            Kind::Callback => Fault::CallbackFailed { delivered: chance.bool() },
            Kind::Spoilt => Fault::OtherBytes,
            Kind::Refuse => self.refusal(chance),
            _ => Fault::Unavailable,
        }
    }

    /// The rule that lets a request of this call meet a fault.
    fn rule(self, fault: Fault) -> Rule {
        Rule::any(fault)
    }

    /// How long the client waits after a fault at most, besides what the fault itself asks for.
    fn asks_to_wait(self, _fault: &Fault) -> Duration {
        Duration::ZERO
    }

    /// What the fault may lead the client to conclude.
    fn allows(self, fault: &Fault) -> Vec<Allowed>;
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let code = behind.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        let byte = code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| *first == b'%');
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What most faults may lead a client to conclude, whoever the vendor is.
pub(crate) fn allowed_anywhere(fault: &Fault) -> Vec<Allowed> {
    match fault {
        Fault::Html { status: 413 } => vec![Allowed::Fatal],
        Fault::Html { .. }
        | Fault::Unavailable
        | Fault::Throttle { .. }
        | Fault::Garbage
        | Fault::CutReply
        | Fault::CutBefore
        | Fault::Reset
        | Fault::DropReply => vec![Allowed::Outage],
        Fault::ForgetSession => vec![Allowed::Session],
        Fault::ExpireToken => vec![Allowed::Clock],
        _ => Vec::new(),
    }
}

/// One case's choices: the client's options, switches of the server, what is there before.
pub trait Scenario: Clone + Debug + Send + Sync + 'static {
    /// The vendor's own protocol.
    type Protocol: Located<Outcome: Clone + Into<Receipt>>;
    /// The vendor's calls.
    type Call: Wire;

    /// What must never be in a checkpoint.
    const CANARIES: &'static [&'static str];
    /// Whether the client ever takes digests of the source before it sends it.
    const HASHES: bool = true;
    /// Whether others can do something to this upload at the server in the middle of it.
    const HAS_NEIGHBOURS: bool = false;

    /// Draws a case's setting.
    fn draw(chance: &mut Rng) -> Self;

    /// The uploads over which faults are enumerated, each with its window; without a fault, each of them finishes.
    fn enumerated() -> Vec<(Self, usize)>;

    /// The file's length.
    fn size(&self) -> u64;

    /// The most source bytes of a request for a part of the file.
    fn part_size(&self) -> u64;

    /// Whether the whole file goes in one request.
    fn in_one_request(&self) -> bool;

    /// The most source bytes that one request has.
    fn piece(&self) -> u64 {
        if self.in_one_request() { self.size() } else { self.part_size().min(self.size()) }
    }

    /// The client's protocol.
    fn protocol(&self) -> Self::Protocol;

    /// The server with what is there before the upload begins.
    fn server(&self, source: &Source, chance: &mut Rng) -> Emulator;

    /// A credential; the first two are right, the third is not.
    fn credential(number: usize) -> CredentialAt<Self>;

    /// A temporary credential that the vendor grants, if this setting has them: a fresh one, or one that the host has
    /// kept, whose time may be over. `now` is the time on the world's server clock.
    fn granted(&self, _: &Emulator, _now: Duration, _fresh: bool, _: &mut Rng) -> Option<CredentialAt<Self>> {
        None
    }

    /// What the host does when it is asked for a credential, where that is a matter of the vendor's: `refused` is the
    /// one that the vendor did not take, and `now` the time on the world's server clock.
    fn renewed(
        _server: &Emulator,
        _now: Duration,
        _refused: Option<&CredentialAt<Self>>,
        _chance: &mut Rng,
    ) -> Option<Renewal<CredentialAt<Self>>> {
        None
    }

    /// Where the library has its credentials from, in a driven case.
    fn credentials(&self, source: &CredentialSource) -> Credentials<CredentialAt<Self>> {
        source.granted(self)
    }

    /// Does what others can do.
    fn intrude(_server: &Emulator, _now: Duration) {}
}

/// Who finds out that the server has other bytes than were sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Noticed {
    /// The client or the vendor, before the upload is called a success; the client may conclude this from it.
    InTime(Vec<Allowed>),
    /// Nobody: no digest of these bytes is ever compared. What the simulator finds there is not proven.
    Never,
}

/// Which ends of a case are honest, and what is true of the server then.
pub trait Expectations: Scenario {
    /// Whether the client's checkpoints alone know what has arrived: what was acknowledged and not saved is sent again.
    const TRUSTS_CHECKPOINTS: bool = false;

    /// Whether this fault of the vendor's is an honest end, given what was injected.
    fn explains(&self, ledger: &Ledger, fault: &FaultAt<Self>) -> bool;

    /// Who finds out that the server has other bytes than were sent with this call, or, if it brings none itself, than the
    /// object has that it completes.
    fn notices(&self, ledger: &Ledger, call: Self::Call, then: Then) -> Noticed;

    /// Whether other bytes than were sent may stand at the vendor for ever, so that every process finds them out again.
    fn keeps_other_bytes(&self, _: &Ledger) -> bool {
        false
    }

    /// The object at the upload's path.
    fn object(&self, server: &Emulator) -> Option<Vec<u8>>;

    /// The object that a receipt is of: the one at the upload's path, unless the vendor names objects itself.
    fn object_of(&self, server: &Emulator, _receipt: &Receipt) -> Option<Vec<u8>> {
        self.object(server)
    }

    /// Whether bytes of an unfinished upload are at the path.
    fn has_unfinished(&self, server: &Emulator) -> bool;

    /// Whether the object that was at the path before must still be there.
    fn protects_older(&self) -> bool;

    /// Whether a stranger's unfinished upload was at the path before.
    fn has_stranger(&self) -> bool {
        false
    }

    /// What is in danger before anything has happened, by what is there.
    fn allowed_before(&self) -> Vec<Allowed> {
        Vec::new()
    }

    /// What an answer leads to that the server gives of its own accord, to a client that waits for it: an upload's time
    /// may be over. `elapsed` is the time since the world began.
    fn answer_allows(&self, _: &Ledger, _: Self::Call, _: &Response<Bytes>, _elapsed: Duration) -> Vec<Allowed> {
        Vec::new()
    }

    /// What it leads to when a request takes effect that nobody waits for any more.
    fn late_effect(&self, _: Self::Call, _: &Response<Bytes>) -> Option<Allowed> {
        None
    }

    /// Whether the call gives a session another name and its old one is refused from then on, so that the session is lost
    /// to a client that does not hear of it, or does not get to save it.
    fn renames(&self, _: Self::Call) -> bool {
        false
    }

    /// What an answer of the server's own accord leads the client to; it counts once in a process.
    fn leads_to(&self, _: Self::Call, _: &Response<Bytes>) -> Option<Allowed> {
        None
    }

    /// What it leads to when a committing call has no undisturbed success, or, without a call, when the next process may
    /// not know what it was answered: no checkpoint has it.
    fn doubts_into(&self, _: Option<Self::Call>) -> Option<Allowed> {
        None
    }

    /// Checks what an outcome says besides its receipt.
    ///
    /// # Errors
    /// What of it is not true.
    fn check_outcome(&self, _: &Emulator, _: &Ledger, _: &OutcomeAt<Self>) -> Result<(), String> {
        Ok(())
    }

    /// Checks how many requests were made of each call, by so many processes.
    ///
    /// # Errors
    /// Which are more than what was injected explains.
    fn check_requests(_: &Ledger, _processes: u32) -> Result<(), String> {
        Ok(())
    }

    /// Whether what is said to be left of an abandoned upload is what is there.
    fn is_left(&self, server: &Emulator, ledger: &Ledger, remains: Remains) -> bool {
        // What was left behind with an older session is nobody's.
        let orphans = self.has_stranger() || ledger.sessions() > 0 || ledger.changed;
        remains != Remains::Nothing || !self.has_unfinished(server) || orphans
    }

    /// What is at the vendor now of an upload that is begun anew, as far as an outcome is checked against it.
    fn left_by_older(&self, _: &Emulator) -> u64 {
        0
    }

    /// Whether a person who meets this refusal may run the upload again, and get further.
    fn can_be_run_again(_: &FaultAt<Self>) -> bool {
        false
    }

    /// Whether this refusal tells a person to begin the upload anew.
    fn asks_to_begin_anew(_: &FaultAt<Self>) -> bool {
        false
    }

    /// Whether two versions of a file that were mixed are always found out, because the vendor compares a digest of all.
    fn compares_content(&self) -> bool {
        false
    }

    /// Whether digests are kept of what is sent, so that a file that was only touched is gone on with.
    fn digests_what_it_sends(&self) -> bool {
        true
    }

    /// Whether by this setting no content is ever taken for what it is, or none of an upload that takes so long.
    fn takes_no_content(&self, _: &Ledger, _took: Duration) -> bool {
        false
    }

    /// Whether this setting alone leads to refused credentials.
    fn clock_is_hopeless(&self) -> bool {
        false
    }

    /// Whether keys that the vendor hands out live shorter than a slow host takes to use them.
    fn keys_die_at_once(&self) -> bool {
        false
    }

    /// Whether this setting alone leads to one lost session after the other.
    fn sessions_are_hopeless(&self) -> bool {
        false
    }

    /// Whether the client's own journal is all that tells what has arrived: what it does not hold is sent again, and so is
    /// what lies behind a gap.
    fn has_only_a_journal(&self, _: &Ledger) -> bool {
        false
    }

    /// Whether the vendor hides our unfinished session, so that each process that cannot see it sends everything again.
    fn hides_sessions(&self, _: &Ledger) -> bool {
        false
    }
}
