//! Credentials that another program prints. A file of its own: while a program is started, it holds every lock of this process.
#![cfg(unix)]

use std::fs;
use std::process::Command;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use resumable::blocking::Client;
use resumable::machine::{Cause, Limits, SendError};
use resumable::oss::{self, Credential};
use resumable::transport::blocking::{Outgoing, Transport};
use resumable::{Credentials, ErrorKind, Issued, MemoryStore};

/// A network that carries nothing.
struct Nowhere;

impl Transport for Nowhere {
    fn send(&self, _: Parts, _: &mut Outgoing<'_>, _: &Limits) -> Result<Response<Bytes>, SendError> {
        Err(SendError::Impossible(Cause::text("there is no network")))
    }
}

fn client() -> Client {
    Client::builder().store(MemoryStore::new()).transport(Nowhere).build().unwrap()
}

/// Credentials of what a shell prints, which is told to `seen`.
fn shell(script: &str, seen: Sender<String>) -> Credentials<Credential> {
    let parse = move |printed: &str| -> Result<Issued<Credential>, String> {
        seen.send(printed.to_owned()).unwrap();
        match printed.trim() {
            "" => Err("nothing was printed".to_owned()),
            secret => Ok(Credential::new("id", secret).map_err(|error| error.to_string())?.into()),
        }
    };
    Credentials::command("sh", ["-c", script], parse)
}

fn destination() -> oss::Oss {
    oss::at("https://oss-cn-hangzhou.aliyuncs.com", "mybucket", "x").unwrap()
}

/// How an upload ends whose credentials a shell prints.
fn ends(credentials: Credentials<Credential>) -> resumable::Error {
    client().put(destination(), credentials).key("x").memory("content").send().unwrap_err()
}

#[test]
fn what_is_printed_signs_whatever_is_said_besides() {
    for script in ["echo token; echo 'a warning' >&2", "set -e; head -c 1000000 /dev/zero >&2; echo token"] {
        let (tell, seen) = channel();
        let error = ends(shell(script, tell));
        assert!(error.to_string().contains("there is no network"), "{script}: {error}");
        assert_eq!(seen.recv().unwrap(), "token\n");
    }
}

#[test]
fn what_goes_wrong_is_told_without_what_was_printed() {
    for (script, says) in [
        (
            "echo s3cr3t; echo; echo 'no such entry' >&2; echo more >&2; exit 3",
            "it failed, exit status: 3: no such entry",
        ),
        ("echo s3cr3t; exit 1", "it failed, exit status: 1"),
        ("echo s3cr3t; kill -9 $$", "it failed, signal: 9"),
        ("printf 'up\\033[2Jdown' >&2; exit 1", "it failed, exit status: 1: up\\u{1b}[2Jdown"),
        ("yes s3cr3t", "it printed more than 65536 bytes"),
        ("printf 's3cr3t\\377'", "its output is not UTF-8"),
        ("true", "nothing was printed"),
    ] {
        let error = ends(shell(script, channel().0));
        let shown = format!("{error} {error:?}");
        assert!(error.to_string().contains(&format!("the credential command: {says}")), "{script}: {error}");
        assert!(!shown.contains("s3cr3t") && !shown.contains("more\n"), "{script}: {shown}");
    }
    let absent = Credentials::command("/no/such/program", ["x"], |_: &str| Err::<Issued<Credential>, _>("unused"));
    let error = ends(absent).to_string();
    assert!(error.contains("the credential command: it cannot be run: No such file"), "{error}");
}

#[test]
fn a_program_that_leaves_another_one_behind_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let runs = folder.path().join("runs");
    fs::write(&runs, "").unwrap();
    let (tell, seen) = channel();
    let error = ends(shell(&format!("(while [ -e '{}' ]; do sleep 0.1; done) & echo token", runs.display()), tell));
    assert!(error.to_string().contains("there is no network"), "{error}");
    assert_eq!(seen.recv().unwrap(), "token\n");
}

#[test]
fn a_program_that_hangs_is_killed_when_the_upload_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let script = format!("echo $$ > '{0}.new'; mv '{0}.new' '{0}'; exec sleep 1000", file.display());
    let put = client().put(destination(), shell(&script, channel().0)).key("x").memory("content");
    let handle = put.handle();
    let ended = thread::scope(|scope| {
        let running = scope.spawn(|| put.send());
        while !file.exists() {
            thread::yield_now();
        }
        handle.stop();
        running.join().unwrap().unwrap_err()
    });
    assert_eq!(ended.kind(), ErrorKind::Stopped, "{ended}");
    let pid = fs::read_to_string(&file).unwrap();
    let is_there = Command::new("kill").args(["-0", pid.trim()]).output().unwrap();
    assert!(!is_there.status.success(), "it still runs");
}
