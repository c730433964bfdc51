//! A folder of files, an emulator, and a home for the command.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use resumable_emulator::cos::Account;
use resumable_emulator::{Config, DiskStorage, Emulator, Listener};
use tempfile::TempDir;

use super::{LONGEST, LOOKED, ended};
use crate::private;
use crate::workspace::Result;

/// Vendors where an object is found by its path.
pub(super) const PROTOCOLS: [&str; 5] = ["oss", "s3", "cos-xml", "cos-v1", "cos-v2"];

/// The largest of the small files; they go in a request each.
const SMALL: usize = 48 << 10;
/// The smallest and the largest of the big ones, and how much of them goes in one request.
const BIG: std::ops::Range<usize> = 3 << 20..9 << 20;
pub(super) const PART: u64 = 1 << 20;
/// How many small files there are for each big one.
const SMALL_FOR_BIG: usize = 250;
/// Requests at once.
pub(super) const WINDOW: u64 = 4;

pub(super) struct Room {
    folder: TempDir,
    program: PathBuf,
    protocol: String,
    emulator: Emulator,
    _listener: Listener,
    bytes: u64,
    requests: u64,
}

impl Room {
    pub(super) fn new(program: PathBuf, protocol: &str, files: usize, rng: &mut fastrand::Rng) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("resumable-kill-").tempdir().map_err(|error| error.to_string())?;
        let failed = |error: std::io::Error| format!("{}: {error}", folder.path().display());
        for name in ["photos", "tmp"] {
            fs::create_dir(folder.path().join(name)).map_err(failed)?;
        }
        let (bytes, requests) = fill(&folder.path().join("photos"), files, rng).map_err(failed)?;
        let storage = DiskStorage::open(folder.path().join("data")).map_err(failed)?;
        let mut config = Config::default();
        config.s3.limits.part_min = PART;
        let emulator = Emulator::new(config, Box::new(storage)).map_err(|error| error.to_string())?;
        let listener =
            Listener::bind(SocketAddr::from(([127, 0, 0, 1], 0)), Arc::new(emulator.clone())).map_err(failed)?;
        let profile = profile(protocol, listener.local_addr(), emulator.config());
        private::write(&folder.path().join("config.toml"), &profile).map_err(failed)?;
        let protocol = protocol.to_owned();
        Ok(Self { folder, program, protocol, emulator, _listener: listener, bytes, requests })
    }

    /// Starts the upload of the folder.
    pub(super) fn start(&self) -> Result<Child> {
        let log = fs::File::create(self.path("log")).map_err(|error| error.to_string())?;
        let mut command = Command::new(&self.program);
        command.arg("--config").arg(self.path("config.toml")).arg("--state").arg(self.state());
        command.args(["put", "-r"]).arg(self.path("photos")).arg("emu:kill/");
        command.env("TMPDIR", self.path("tmp")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        command.spawn().map_err(|error| format!("{} did not start: {error}", self.program.display()))
    }

    /// Runs it to its end.
    pub(super) fn to_end(&self) -> Result<ExitStatus> {
        let (mut child, begun) = (self.start()?, Instant::now());
        loop {
            if let Some(status) = ended(&mut child)? {
                return Ok(status);
            }
            if begun.elapsed() > LONGEST {
                let _ = child.kill();
                return Err(format!("the command hangs: {}", self.said()));
            }
            thread::sleep(LOOKED);
        }
    }

    /// What it said at last.
    pub(super) fn said(&self) -> String {
        let text = fs::read_to_string(self.path("log")).unwrap_or_default();
        text.lines().rev().take(5).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    pub(super) fn requests(&self) -> u64 {
        self.emulator.totals().requests
    }

    /// Bytes of files that arrived.
    pub(super) fn received(&self) -> u64 {
        self.emulator.totals().received_file_bytes
    }

    /// The bytes of the folder.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many requests the folder takes at least.
    pub(super) fn requests_in_all(&self) -> u64 {
        self.requests
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn state(&self) -> PathBuf {
        self.path("state")
    }

    /// The folder at the vendor.
    pub(super) fn objects(&self) -> Result<PathBuf> {
        let config = self.emulator.config();
        let cos = |accounts: &[Account]| PathBuf::from(&accounts[0].appid).join(&accounts[0].bucket);
        let bucket = match self.protocol.as_str() {
            "oss" => PathBuf::from(&config.oss.buckets[0]),
            "s3" => PathBuf::from(&config.s3.buckets[0]),
            "cos-xml" => PathBuf::from(&config.cos_xml.buckets[0]),
            "cos-v1" => cos(&config.cos_v1.accounts),
            _ => cos(&config.cos_v2.accounts),
        };
        let folder = self.path("data").join(&self.protocol).join(bucket).join("kill/photos");
        if folder.is_dir() { Ok(folder) } else { Err(format!("{} is not there", folder.display())) }
    }

    /// Uploads in parts that were begun, and are neither finished nor removed; where that can be told.
    pub(super) fn orphans(&self) -> usize {
        let config = self.emulator.config();
        match self.protocol.as_str() {
            "oss" => self.emulator.oss().unfinished(&config.oss.buckets[0]).len(),
            "s3" => self.emulator.s3().unfinished(&config.s3.buckets[0]).len(),
            "cos-xml" => self.emulator.cos_xml().unfinished(&config.cos_xml.buckets[0]).len(),
            _ => 0,
        }
    }
}

/// Small files in folders, and some big ones among them. Gives their bytes, and the requests that they take.
fn fill(folder: &Path, files: usize, rng: &mut fastrand::Rng) -> std::io::Result<(u64, u64)> {
    let (mut bytes, mut requests) = (0, 0);
    for at in 0..files {
        let is_big = at % SMALL_FOR_BIG == SMALL_FOR_BIG / 5;
        let len = if is_big { rng.usize(BIG) } else { rng.usize(0..SMALL) };
        let mut content = vec![0; len];
        rng.fill(&mut content);
        let inside = folder.join(format!("{:02}", at / 100));
        fs::create_dir_all(&inside)?;
        fs::write(inside.join(format!("{at:05}.jpg")), content)?;
        bytes += len as u64;
        requests += if is_big { 2 + (len as u64).div_ceil(PART) } else { 1 };
    }
    Ok((bytes, requests))
}

fn profile(protocol: &str, address: SocketAddr, config: &Config) -> String {
    let cos = |account: &Account| {
        let Account { appid, bucket, secret_id, secret_key, .. } = account;
        format!("appid = '{appid}'\nbucket = '{bucket}'\nsecret_id = '{secret_id}'\nsecret_key = '{secret_key}'\n")
    };
    let account = match protocol {
        "oss" => {
            let (account, bucket, region) = (&config.oss.accounts[0], &config.oss.buckets[0], &config.oss.region);
            let (id, secret) = (&account.access_key_id, &account.access_key_secret);
            format!(
                "bucket = '{bucket}'\nregion = '{region}'\naccess_key_id = '{id}'\naccess_key_secret = '{secret}'\n\
                 part_size = {PART}\none_request_max = {PART}\n"
            )
        }
        "s3" => {
            let (account, bucket, region) = (&config.s3.accounts[0], &config.s3.buckets[0], &config.s3.region);
            let (id, secret) = (&account.access_key_id, &account.access_key_secret);
            format!(
                "bucket = '{bucket}'\nregion = '{region}'\naccess_key_id = '{id}'\naccess_key_secret = '{secret}'\n\
                 part_size = {PART}\npart_min = {PART}\none_request_max = {PART}\n"
            )
        }
        "cos-xml" => {
            let (account, bucket) = (&config.cos_xml.accounts[0], &config.cos_xml.buckets[0]);
            let (id, key) = (&account.secret_id, &account.secret_key);
            format!(
                "bucket = '{bucket}'\nsecret_id = '{id}'\nsecret_key = '{key}'\npart_size = {PART}\none_request_max = {PART}\n"
            )
        }
        "cos-v1" => cos(&config.cos_v1.accounts[0]),
        _ => cos(&config.cos_v2.accounts[0]),
    };
    format!("[profiles.emu]\nprotocol = '{protocol}'\nendpoint = 'http://{address}'\nwindow = {WINDOW}\n{account}")
}
