//! How an upload can fail, a login too.

use std::io;
use std::path::Path;
use std::time::Duration;

use resumable::Error;
use resumable::file::private::Exposure;
use resumable::file::{Holder, Key, LoadError, LockError};
use resumable::machine::{
    AuthError, Budget, Cause, Difference, Failure, Last, Modified, Remains, ResumeError, SendError, SourceInfo,
    StoreError,
};
use resumable::p115::LogInError;

use super::{block, problems};
use crate::exit::{Problem, Stand, failed};
use crate::explain::explain;
use crate::{abort, login, state};

type Fault = Failure<String>;

const STAND: Stand = Stand { confirmed: 64 << 20, total: 400 << 20 };
const REFUSAL: &str = "PutObject was refused: … (code …, \"…\", HTTP 403)";

pub(super) fn all() -> String {
    let told = |failure: Fault| failed(&failure, STAND, &help_of(&failure));
    [
        problems("The upload gives up for now", gave_up().map(told)),
        problems("Something on the way", on_the_way().map(told)),
        problems("Refused", refused().map(told)),
        problems("The file changed", differences().map(told)),
        problems("On this machine", here().map(told)),
        problems("The upload cannot be resumed as it is", unusable()),
        block("`abort`: left at the vendor", &remains()),
        problems("Login", log_in()),
    ]
    .concat()
}

fn help_of(failure: &Fault) -> Vec<String> {
    let needed = matches!(failure, Failure::Credential(_) | Failure::Authorize(_));
    if needed { vec!["(advice for the vendor's credentials, see below)".to_owned()] } else { Vec::new() }
}

fn gave_up() -> impl Iterator<Item = Fault> {
    let (hour, short) = (Duration::from_secs(3600), Duration::from_secs(5));
    let outage =
        || Last::Transport(Cause::text("PUT https://host/key: cannot connect to host:443: connection refused"));
    [
        (Budget::Patience(hour), outage()),
        (Budget::FirstContact(short), outage()),
        (
            Budget::Wait { asked: 2 * hour, patience: hour },
            Last::Vendor("upload was refused: too many calls".to_owned()),
        ),
        (Budget::Attempts(6), Last::Vendor(REFUSAL.to_owned())),
        (Budget::Restarts(1), Last::Nothing),
        (Budget::Answers(64), Last::Nothing),
    ]
    .into_iter()
    .map(|(budget, last)| Failure::Exhausted { budget, last })
}

fn on_the_way() -> impl Iterator<Item = Fault> {
    let untrusted = "PUT https://host/key: the server's certificate is not trusted: it is for a server of another name";
    [
        Failure::Untrusted(Cause::text(untrusted)),
        Failure::Redirected { status: 302, to: "http://portal/login".to_owned() },
        Failure::Compressed { coding: "gzip".to_owned() },
        Failure::Impossible(Cause::text("PUT http://h/a: this is not an http:// or https:// address")),
    ]
    .into_iter()
}

fn refused() -> impl Iterator<Item = Fault> {
    let clock = |ours, theirs| Failure::Clock {
        ours: Duration::from_secs(ours),
        theirs: Duration::from_secs(theirs),
        fault: REFUSAL.to_owned(),
    };
    [
        Failure::Refused(REFUSAL.to_owned()),
        Failure::Credential(REFUSAL.to_owned()),
        Failure::Authorize(AuthError(Cause::text("the credential command: it failed, exit status: 1"))),
        clock(1_900_000_000, 1_800_000_000),
        clock(1_000_000, 1_800_000_000),
        clock(1_800_000_000, 1_000_000),
        Failure::Integrity("the object at the vendor has CRC-64 1, the file has 2: the content differs".to_owned()),
    ]
    .into_iter()
}

fn info(len: u64) -> SourceInfo {
    let modified = Some(Modified { secs: 1_000_000_000, nanos: 5 });
    SourceInfo { modified, ..SourceInfo::new(len, [7; 32]) }
}

fn differences() -> impl Iterator<Item = Fault> {
    let differences = [
        Difference::Length,
        Difference::Ends,
        Difference::Version,
        Difference::Content,
        Difference::Written,
        Difference::NotDigested,
        Difference::OldCheckpoint,
    ];
    let changed =
        |difference| Failure::Changed { was: Box::new(info(1)), now: Box::new(info(419_430_400)), difference };
    differences.into_iter().map(changed)
}

fn here() -> impl Iterator<Item = Fault> {
    [
        Failure::Stopped,
        Failure::Store(StoreError(Cause::text("No space left on device (os error 28) at path \"/state/k.json.part\""))),
        Failure::Defect("polled after it had finished".to_owned()),
    ]
    .into_iter()
}

fn unusable() -> Vec<Problem> {
    let (folder, key) = (Path::new("/state"), Key::new("3f2a91c04d5e6f70").ok());
    let path = || folder.join("3f2a91c04d5e6f70.json");
    let full = || io::Error::new(io::ErrorKind::StorageFull, "no space left on device");
    let locks = [
        LockError::Held(Some(Holder { pid: 4711 })),
        LockError::Held(None),
        LockError::Exposed { path: folder.to_owned(), exposure: Exposure::Everybody { mode: 0o777 } },
        LockError::NoLocks { path: path(), error: io::Error::from(io::ErrorKind::Unsupported) },
        LockError::Io { path: path(), error: full() },
    ];
    let loads = [
        LoadError::Damaged { path: path(), error: "its checksum does not fit".to_owned() },
        LoadError::Format { path: path(), found: 99 },
        LoadError::Io { path: path(), error: full() },
    ];
    let others = [
        ResumeError::Protocol { found: "cos-v3/1".to_owned(), expected: "cos-v2/1" },
        ResumeError::Target { found: "https://host/a".to_owned(), expected: "https://host/b".to_owned() },
    ];
    let locks = locks.iter().map(|error| state::not_locked(error, key.as_ref(), folder));
    let loads = loads.iter().map(state::unusable);
    let others = others.into_iter().map(|error| explain(&Error::from(error), Path::new("big.bin"), folder));
    locks.chain(loads).chain(others).collect()
}

fn remains() -> String {
    let all = [Remains::Nothing, Remains::Parts, Remains::Object, Remains::Unknown];
    all.map(abort::words).join("\n")
}

fn log_in() -> Vec<Problem> {
    let errors = [
        LogInError::Cancelled,
        LogInError::Send(SendError::NotSent(Cause::text("GET https://qrcodeapi.115.com/…: no connection"))),
        LogInError::Declined,
        LogInError::Expired,
        LogInError::NoRandomNumbers("…".to_owned()),
    ];
    errors.iter().map(login::told).collect()
}
