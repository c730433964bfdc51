//! What each example is to do.

use std::fs::{self, File};
use std::io::Write as _;
use std::net::TcpListener;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use resumable_emulator::{Fault, Rule};

use super::stage::{BUCKET, Stage};
use crate::workspace::Result;

/// What an example is to do on its stage.
type Play = fn(&Stage) -> Result<()>;

/// The examples, and how each is run.
pub(super) const RUNS: [(&str, Play); 12] = [
    ("async_progress", async_progress),
    ("bare_machine", |stage| stage.run(&[]).map(drop)),
    ("blocking", blocking),
    ("emulator_in_a_test", |stage| stage.run(&[]).map(drop)),
    ("many_files", many_files),
    ("memory_and_pipe", memory_and_pipe),
    ("own_store", own_store),
    ("own_transport", own_transport),
    ("profile_at_run_time", profile_at_run_time),
    ("renewed_credentials", renewed_credentials),
    ("resume_elsewhere", resume_elsewhere),
    ("tokens_115", tokens_115),
];

const PART: usize = 8 << 20;
/// Four parts, of which no one is shorter than another: any two may be the first to arrive.
const LEN: usize = 4 * PART;
/// What is left to send when two of them have arrived.
const REST: u64 = 2 * PART as u64;

/// Lets two parts arrive, and answers no other. The two that are under way then are of no use.
fn hold_after_two_parts(stage: &Stage) {
    stage.emulator().inject(Rule::once("upload_part", Fault::Stall).skip(2).times(Rule::ALWAYS));
}

/// What a second run of an upload sends that was interrupted after two parts.
fn goes_on(stage: &Stage, args: &[&str], key: &str, content: &[u8]) -> Result<String> {
    stage.wait_for_silence()?;
    stage.emulator().clear_faults();
    let before = stage.received();
    let said = stage.run(args)?;
    stage.arrived(key, content)?;
    match stage.received() - before {
        REST => Ok(said.out),
        sent => Err(format!("{sent} bytes were sent, not the {REST} that were left\n{}", said.out)),
    }
}

fn blocking(stage: &Stage) -> Result<()> {
    let content = stage.file("dir/big.bin", LEN)?;
    hold_after_two_parts(stage);
    let mut run = stage.start(&["dir/big.bin"], Stdio::null())?;
    run.wait_for("two parts have arrived", || stage.parts() == 2)?;
    run.kill()?;
    goes_on(stage, &["dir/big.bin"], "dir/big.bin", &content).map(drop)
}

fn resume_elsewhere(stage: &Stage) -> Result<()> {
    let content = stage.file("here/big.bin", LEN)?;
    hold_after_two_parts(stage);
    let mut run = stage.start(&["job-17", "shared", "here/big.bin", "big.bin"], Stdio::null())?;
    run.wait_for("two parts have arrived", || stage.parts() == 2)?;
    run.kill()?;
    stage.write("there/copy.bin", &content)?;
    fs::remove_file(stage.path("here/big.bin")).map_err(|error| error.to_string())?;
    let said = goes_on(stage, &["job-17", "shared", "there/copy.bin", "big.bin"], "big.bin", &content)?;
    if said.contains("resumes at ") { Ok(()) } else { Err(format!("it did not say that it resumes:\n{said}")) }
}

#[cfg(unix)]
fn async_progress(stage: &Stage) -> Result<()> {
    let content = stage.file("big.bin", LEN)?;
    hold_after_two_parts(stage);
    let args = ["big.bin", "big.bin"];
    let mut run = stage.start(&args, Stdio::null())?;
    run.wait_for("two parts have arrived", || stage.parts() == 2)?;
    run.interrupt()?;
    let said = run.said_on_stderr();
    run.wait_for("it drains", || said("under way"))?;
    run.interrupt()?;
    let said = run.fail()?;
    if !said.err.contains("Stopped") {
        return Err(format!("it did not say that it was stopped:\n{}", said.err));
    }
    goes_on(stage, &args, "big.bin", &content).map(drop)
}

#[cfg(not(unix))]
fn async_progress(stage: &Stage) -> Result<()> {
    let content = stage.file("big.bin", LEN)?;
    stage.run(&["big.bin", "big.bin"])?;
    stage.arrived("big.bin", &content)
}

/// At the first rate it would take eleven minutes.
fn many_files(stage: &Stage) -> Result<()> {
    let mut files = Vec::new();
    for number in 0..12 {
        let name = format!("{number}.bin");
        files.push((stage.file(&format!("folder/{name}"), 10_000 * number)?, name));
    }
    let mut run = stage.start(&["folder", "1000"], Stdio::piped())?;
    run.wait_for("it connects", || stage.connections() > 0)?;
    run.write("0\n")?;
    let said = run.end()?;
    for (content, name) in files {
        stage.arrived(&name, &content)?;
        if !said.out.contains(&format!("{name}: http")) {
            return Err(format!("there is no result of {name}:\n{}", said.out));
        }
    }
    Ok(())
}

fn own_transport(stage: &Stage) -> Result<()> {
    let content = stage.file("big.bin", LEN)?;
    stage.emulator().inject(Rule::once("upload_part", Fault::DropReply));
    stage.run(&["big.bin", "dir/big.bin"])?;
    stage.arrived("dir/big.bin", &content)
}

fn own_store(stage: &Stage) -> Result<()> {
    let content = stage.file("big.bin", LEN)?;
    let said = stage.run(&["big.bin", "dir/big.bin"])?;
    stage.arrived("dir/big.bin", &content)?;
    if said.out.contains("rows: 1\n") && said.out.ends_with("rows: 0\n") {
        Ok(())
    } else {
        Err(format!("the table did not hold what it should:\n{}", said.out))
    }
}

fn memory_and_pipe(stage: &Stage) -> Result<()> {
    let content = stage.file("dump", LEN)?;
    let dump = File::open(stage.path("dump")).map_err(|error| error.to_string())?;
    stage.start(&["dumps/shop"], dump.into())?.end()?;
    stage.arrived("dumps/shop", &content)?;
    stage.arrived("dumps/shop.txt", format!("complete: {}/examplebucket/dumps/shop\n", stage.url()).as_bytes())
}

/// Two vendors by one program; the secrets of one are in the file, those of the other in the environment.
fn profile_at_run_time(stage: &Stage) -> Result<()> {
    let content = stage.file("big.bin", LEN)?;
    let (url, config) = (stage.url(), stage.emulator().config());
    let (cos, region) = (&config.cos_v2.accounts[0], &config.oss.region);
    let profiles = format!(
        "[profiles.one]\nprotocol = 'oss'\nendpoint = '{url}'\nregion = '{region}'\nbucket = '{BUCKET}'\n\
         [profiles.other]\nprotocol = 'cos-v2'\nendpoint = '{url}'\nappid = '{}'\nbucket = '{}'\n\
         secret_id = '{}'\nsecret_key = '{}'\n",
        cos.appid, cos.bucket, cos.secret_id, cos.secret_key
    );
    stage.write("profiles.toml", profiles.as_bytes())?;
    stage.run(&["profiles.toml", "one", "big.bin", "dir/big.bin"])?;
    stage.arrived("dir/big.bin", &content)?;
    stage.run(&["profiles.toml", "other", "big.bin", "/dir/big.bin"])?;
    let stored = stage.emulator().cos_v2().read_object(&cos.appid, &cos.bucket, "dir/big.bin");
    match stored.map_err(|error| error.to_string())? {
        Some(stored) if stored == content => Ok(()),
        _ => Err("the file has not arrived at the other vendor".to_owned()),
    }
}

fn renewed_credentials(stage: &Stage) -> Result<()> {
    let server = TcpListener::bind("127.0.0.1:0").map_err(|error| format!("no loopback port: {error}"))?;
    let address = server.local_addr().map_err(|error| error.to_string())?.to_string();
    let (emulator, asked) = (stage.emulator().clone(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&asked);
    thread::spawn(move || {
        for mut stream in server.incoming().flatten() {
            count.fetch_add(1, Ordering::SeqCst);
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let sts = emulator.oss().grant(now);
            let line = [sts.access_key_id, sts.access_key_secret, sts.security_token, "3600\n".to_owned()].join(" ");
            // Whoever hears nothing says so.
            let _ = stream.write_all(line.as_bytes());
        }
    });
    stage.emulator().inject(Rule::once("put_object", Fault::ExpireToken).skip(20));
    stage.run(&[&address])?;
    for number in 0..50 {
        stage.arrived(&format!("notes/{number}.txt"), format!("note {number}\n").as_bytes())?;
    }
    match asked.load(Ordering::SeqCst) {
        2 => Ok(()),
        times => Err(format!("it asked for credentials {times} times, not twice")),
    }
}

fn tokens_115(stage: &Stage) -> Result<()> {
    let content = stage.file("film.mkv", LEN)?;
    stage.emulator().inject(Rule::once("upload/init", Fault::ExpireToken));
    stage.run(&["film.mkv", "/films/film.mkv"])?;
    let ops: Vec<String> = stage.emulator().log().into_iter().map(|entry| entry.op).collect();
    if !ops.iter().any(|op| op == "refreshToken") {
        return Err(format!("it refreshed no token: {ops:?}"));
    }
    match stage.emulator().p115().read_file("/films/film.mkv").map_err(|error| error.to_string())? {
        Some(stored) if stored == content => Ok(()),
        _ => Err("the file has not arrived".to_owned()),
    }
}
