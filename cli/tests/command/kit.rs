//! An emulator in this process, a home of its own for the command, and processes that can be waited for.

use std::cell::Cell;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::{Duration, Instant};

use resumable_emulator::cos::Account;
use resumable_emulator::{Config, DiskStorage, Emulator, Fault, Listener, MemoryStorage, Rule};
use serde_json::Value;
use tempfile::TempDir;

use crate::canary::{Canary, unseen};
use crate::port::{Listening, Port};

/// The appid and the bucket that the emulator knows.
pub(crate) const APPID: &str = "10055004";
pub(crate) const BUCKET: &str = "accesslog";
/// One slice.
pub(crate) const PART: u64 = 1 << 20;
/// How much faster the command's clock is, so that it need not be waited for.
const RATE: u32 = 20;
/// What takes longer has hung, on a machine that is busy with other things, too.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// An emulator that listens, and what ends its socket when it no longer does.
struct PluggedIn {
    listener: Listener,
    _listening: Listening,
}

impl PluggedIn {
    fn at(port: &Port, emulator: &Emulator) -> Self {
        let listening = port.listen();
        let listener = Listener::from_std(listening.socket(), Arc::new(emulator.clone())).unwrap();
        Self { listener, _listening: listening }
    }
}

/// Whose profile a home has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    CosV1,
    CosV2,
    Xfyun,
    Oss,
    S3,
    CosXml,
    P115,
}

impl Service {
    /// The protocol's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CosV1 => "cos-v1",
            Self::CosV2 => "cos-v2",
            Self::Xfyun => "xfyun",
            Self::Oss => "oss",
            Self::S3 => "s3",
            Self::CosXml => "cos-xml",
            Self::P115 => "115",
        }
    }

    /// The emulator's name for what sends a slice.
    pub(crate) fn slice_op(self) -> &'static str {
        match self {
            Self::CosV1 | Self::CosV2 => "upload_slice_data",
            Self::Xfyun => "mpupload/upload",
            Self::Oss | Self::S3 | Self::CosXml | Self::P115 => "upload_part",
        }
    }

    /// The rest of a profile for its emulator.
    fn account(self, config: &Config) -> String {
        let cos = |account: &Account| {
            let Account { appid, bucket, secret_id, secret_key, .. } = account;
            format!("appid = '{appid}'\nbucket = '{bucket}'\nsecret_id = '{secret_id}'\nsecret_key = '{secret_key}'")
        };
        match self {
            Self::CosV1 => cos(&config.cos_v1.accounts[0]),
            Self::CosV2 => cos(&config.cos_v2.accounts[0]),
            Self::Xfyun => {
                let account = &config.xfyun.accounts[0];
                let (app_id, api_key, api_secret) = (&account.app_id, &account.api_key, &account.api_secret);
                format!("app_id = '{app_id}'\napi_key = '{api_key}'\napi_secret = '{api_secret}'")
            }
            Self::Oss => {
                let (account, bucket, region) = (&config.oss.accounts[0], &config.oss.buckets[0], &config.oss.region);
                let (id, secret) = (&account.access_key_id, &account.access_key_secret);
                format!(
                    "bucket = '{bucket}'\nregion = '{region}'\naccess_key_id = '{id}'\naccess_key_secret = '{secret}'"
                )
            }
            Self::S3 => {
                let (account, bucket, region) = (&config.s3.accounts[0], &config.s3.buckets[0], &config.s3.region);
                let (id, secret) = (&account.access_key_id, &account.access_key_secret);
                format!(
                    "bucket = '{bucket}'\nregion = '{region}'\naccess_key_id = '{id}'\naccess_key_secret = '{secret}'"
                )
            }
            Self::CosXml => {
                let (account, bucket) = (&config.cos_xml.accounts[0], &config.cos_xml.buckets[0]);
                let (id, key) = (&account.secret_id, &account.secret_key);
                format!("bucket = '{bucket}'\nsecret_id = '{id}'\nsecret_key = '{key}'")
            }
            Self::P115 => {
                let (user, client_id) = (&config.p115.user, &config.p115.client_id);
                let (access, refresh) = (&user.access_token, &user.refresh_token);
                format!("client_id = '{client_id}'\naccess_token = '{access}'\nrefresh_token = '{refresh}'")
            }
        }
    }
}

/// An emulator, and a home with a configuration for it.
pub(crate) struct Home {
    folder: TempDir,
    /// The emulator that listens now.
    pub(crate) emulator: Emulator,
    plugged_in: Option<PluggedIn>,
    port: Port,
    started: Cell<u32>,
    /// How fast the command's clock is.
    rate: Cell<u32>,
    /// The profile's transport, if it names one.
    transport: Option<&'static str>,
    service: Service,
}

/// Makes two tests of each of these functions, one over each transport.
macro_rules! over_each_transport {
    (of $home:path: $($test:ident),+ $(,)?) => {
        over_each_transport!(@ ureq $home, $($test)+);
        over_each_transport!(@ reqwest $home, $($test)+);
    };
    ($($test:ident),+ $(,)?) => {
        over_each_transport!(of crate::kit::Home::new: $($test),+);
    };
    (@ $transport:ident $home:path, $($test:ident)+) => {
        mod $transport {
            $(
                #[test]
                fn $test() {
                    super::$test(&mut $home().over(stringify!($transport)));
                }
            )+
        }
    };
}

pub(crate) use over_each_transport;

impl Home {
    /// An emulator with defaults.
    pub(crate) fn new() -> Self {
        Self::with(Config::default())
    }

    /// The same, with a profile that names this transport too.
    pub(crate) fn over(mut self, transport: &'static str) -> Self {
        self.transport = Some(transport);
        let whole = fs::read_to_string(self.config()).unwrap();
        self.write_config(&format!("{whole}transport = '{transport}'\n"));
        self
    }

    /// An emulator that is told this.
    pub(crate) fn with(config: Config) -> Self {
        Self::of(Service::CosV2, config)
    }

    /// The same, and a profile of this service.
    pub(crate) fn of(service: Service, config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let storage = DiskStorage::open(folder.path().join("data")).unwrap();
        let emulator = Emulator::new(config, Box::new(storage)).unwrap();
        let port = Port::hold(Ipv4Addr::LOCALHOST.into()).unwrap();
        let home = Self {
            folder,
            plugged_in: Some(PluggedIn::at(&port, &emulator)),
            emulator,
            port,
            started: Cell::new(0),
            rate: Cell::new(RATE),
            transport: None,
            service,
        };
        home.configure("");
        home
    }

    /// Writes the configuration: the emulator's profile `emu` with these lines added.
    pub(crate) fn configure(&self, lines: &str) {
        self.lead_to(self.address(), lines);
    }

    /// The same, with another endpoint.
    pub(crate) fn lead_to(&self, endpoint: SocketAddr, lines: &str) {
        let (protocol, account) = (self.service.name(), self.service.account(self.emulator.config()));
        let transport = self.transport.map(|name| format!("transport = '{name}'\n")).unwrap_or_default();
        self.write_config(&format!(
            "[profiles.emu]\nprotocol = '{protocol}'\nendpoint = 'http://{endpoint}'\n{account}\n{lines}\n{transport}",
        ));
    }

    /// Writes this very configuration, for its owner's eyes.
    pub(crate) fn write_config(&self, text: &str) {
        fs::create_dir_all(self.config().parent().unwrap()).unwrap();
        fs::write(self.config(), text).unwrap();
        fs::set_permissions(self.config(), fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// The emulator is gone, and connections are refused; what it stored stays.
    pub(crate) fn unplug(&mut self) {
        self.plugged_in.take().unwrap().listener.shutdown();
    }

    /// Another emulator process, as it were: same address, same data.
    pub(crate) fn plug_in(&mut self) {
        self.plug_in_with(Config::default());
    }

    /// The same, told this.
    pub(crate) fn plug_in_with(&mut self, config: Config) {
        // The older one lets go of the folder.
        self.emulator = Emulator::new(Config::default(), Box::new(MemoryStorage::new())).unwrap();
        let storage = DiskStorage::open(self.path("data")).unwrap();
        self.emulator = Emulator::new(config, Box::new(storage)).unwrap();
        self.plugged_in = Some(PluggedIn::at(&self.port, &self.emulator));
    }

    /// What its profile says that requests travel by.
    pub(crate) fn transport(&self) -> &'static str {
        self.transport.unwrap()
    }

    /// Where the emulator listens, or did.
    pub(crate) fn address(&self) -> SocketAddr {
        self.port.address()
    }

    /// The port there, for somebody else who listens while the emulator is gone.
    pub(crate) fn port(&self) -> &Port {
        &self.port
    }

    /// A path in the home.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where the configuration is looked for.
    pub(crate) fn config(&self) -> PathBuf {
        self.path("config/resumable/config.toml")
    }

    /// Where checkpoints are.
    pub(crate) fn state(&self) -> PathBuf {
        self.path("state/resumable")
    }

    /// The checkpoints that are there.
    pub(crate) fn checkpoints(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.state()) else { return Vec::new() };
        let paths = entries.map(|entry| entry.unwrap().path());
        paths.filter(|path| path.extension().is_some_and(|it| it == "json")).collect()
    }

    /// The one checkpoint that is there.
    pub(crate) fn checkpoint(&self) -> PathBuf {
        let found = self.checkpoints();
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].clone()
    }

    /// Its upload's key.
    pub(crate) fn key(&self) -> String {
        self.checkpoint().file_stem().unwrap().to_str().unwrap().to_owned()
    }

    /// How many bytes its checkpoint says are confirmed.
    pub(crate) fn confirmed(&self) -> u64 {
        let json: Value = serde_json::from_slice(&fs::read(self.checkpoint()).unwrap()).unwrap();
        json["checkpoint"]["confirmed"].as_u64().unwrap()
    }

    /// Makes a file of random bytes that depend on `seed` alone.
    pub(crate) fn file(&self, name: impl AsRef<Path>, len: u64, seed: u64) -> PathBuf {
        let mut bytes = vec![0; usize::try_from(len).unwrap()];
        fastrand::Rng::with_seed(seed).fill(&mut bytes);
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Whether the emulator keeps the file's bytes in this file below its data folder.
    pub(crate) fn keeps(&self, path: &str, file: &Path) -> bool {
        fs::read(self.path("data").join(path)).unwrap() == fs::read(file).unwrap()
    }

    /// The files of tokens that are there, by name.
    pub(crate) fn token_files(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.state().join("tokens")) else { return Vec::new() };
        let paths = entries.map(|entry| entry.unwrap().path());
        let mut paths: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|it| it == "json")).collect();
        paths.sort();
        paths
    }

    /// Whether the object at `path` is the file.
    pub(crate) fn holds(&self, path: &str, file: &Path) -> bool {
        let bucket = self.path("data").join(self.service.name()).join(APPID).join(BUCKET);
        fs::read(bucket.join(path.trim_start_matches('/'))).unwrap() == fs::read(file).unwrap()
    }

    /// Whether what the url of a result names is the file: of a vendor that gives objects names of its own.
    pub(crate) fn holds_what(&self, ran: &Ran, file: &Path) -> bool {
        let name = ran.result("url").rsplit('/').next().unwrap();
        fs::read(self.path("data").join(self.service.name()).join(name)).unwrap() == fs::read(file).unwrap()
    }

    /// How often the emulator was asked this.
    pub(crate) fn asked(&self, op: &str) -> usize {
        self.emulator.log().iter().filter(|entry| entry.op == op).count()
    }

    /// How many finished objects the service has.
    pub(crate) fn objects(&self) -> usize {
        fn count(folder: &Path) -> usize {
            let Ok(entries) = fs::read_dir(folder) else { return 0 };
            let one = |path: PathBuf| if path.is_dir() { count(&path) } else { 1 };
            entries.map(|entry| one(entry.unwrap().path())).sum()
        }
        count(&self.path("data").join(self.service.name()))
    }

    /// From now on the command's clock is the real one: for tests of seconds, and of a file that must be left alone for two
    /// before its upload ends (which is where nothing is digested).
    pub(crate) fn in_real_time(&self) {
        self.rate.set(1);
    }

    /// The command in this home.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_resumable"));
        command.env("XDG_CONFIG_HOME", self.path("config")).env("XDG_STATE_HOME", self.path("state"));
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("RESUMABLE_") {
                command.env_remove(variable);
            }
        }
        command.env("RESUMABLE_TEST_CLOCK_RATE", self.rate.get().to_string());
        command.stdin(Stdio::null());
        command
    }

    /// `put FILE emu:PATH`, with these options.
    pub(crate) fn put(&self, file: &Path, path: &str, options: &[&str]) -> Ran {
        self.start(self.put_command(file, path, options)).wait()
    }

    /// The same, as a command to change.
    pub(crate) fn put_command(&self, file: &Path, path: &str, options: &[&str]) -> Command {
        let mut command = self.command();
        command.arg("put").arg(file).arg(format!("emu:{path}")).args(options);
        command
    }

    /// A command again, from a program of this home that everybody may run.
    pub(crate) fn rebuilt(&self, command: &Command) -> Command {
        let program = self.path("program");
        fs::set_permissions(self.path(""), fs::Permissions::from_mode(0o755)).unwrap();
        // Copied by another process: one that another test is starting has a copy of every file that this one writes for a
        // moment, and what is being written cannot be run.
        assert!(Command::new("cp").arg(command.get_program()).arg(&program).status().unwrap().success());
        let mut other = Command::new(&program);
        other.args(command.get_args()).stdin(Stdio::null());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => other.env(name, value),
                None => other.env_remove(name),
            };
        }
        other
    }

    /// Any command.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = self.command();
        command.args(arguments);
        self.start(command).wait()
    }

    /// From now on, each answer to a slice but the first three is late by longer than any test takes: an upload gets no
    /// further than a window behind them.
    pub(crate) fn hold_back(&self) {
        let fault = Fault::Delay { millis: 10 * 60 * 1000 };
        self.emulator.inject(Rule::once(self.service.slice_op(), fault).skip(3).times(Rule::ALWAYS));
    }

    /// Starts an upload that is held back, and waits until some of it is stored.
    pub(crate) fn begin(&self, file: &Path, path: &str) -> Running {
        self.begin_with(file, path, 3 * PART, Self::hold_back)
    }

    /// Starts an upload that is held back like this, and waits until more than so many bytes are stored.
    pub(crate) fn begin_with(&self, file: &Path, path: &str, more_than: u64, hold_back: fn(&Self)) -> Running {
        let before = self.emulator.totals().file_bytes;
        hold_back(self);
        let mut running = self.start(self.put_command(file, path, &[]));
        until("the first bytes are stored", || {
            assert!(running.child.try_wait().unwrap().is_none(), "it ended: {}", running.said());
            self.emulator.totals().file_bytes > before + more_than
        });
        running
    }

    /// Leaves an upload that was killed with some of its bytes stored.
    pub(crate) fn break_off(&self, file: &Path, path: &str) {
        self.break_off_after(file, path, 3 * PART);
    }

    /// The same, with more than so many bytes stored: three of the server's slices.
    pub(crate) fn break_off_after(&self, file: &Path, path: &str, bytes: u64) {
        self.begin_with(file, path, bytes, Self::hold_back).kill();
        self.settle();
    }

    /// Waits until nothing is on its way any more, and is well again.
    pub(crate) fn settle(&self) {
        self.emulator.clear_faults();
        let mut seen = self.emulator.totals();
        let mut quiet = 0;
        until("what was on its way has arrived", || {
            thread::sleep(Duration::from_millis(50));
            let before = std::mem::replace(&mut seen, self.emulator.totals());
            quiet = if before == seen { quiet + 1 } else { 0 };
            let open = self.plugged_in.as_ref().map_or(0, |it| it.listener.connections());
            // Whoever stands between the command and the emulator may hold a connection whose answer is held back.
            quiet > if open == 0 { 0 } else { 10 }
        });
    }

    /// Starts a command.
    pub(crate) fn start(&self, mut command: Command) -> Running {
        let log = || {
            self.started.set(self.started.get() + 1);
            self.path(format!("output-{}", self.started.get()))
        };
        let (output, errors) = (log(), log());
        let (out, err) = (File::create(&output).unwrap(), File::create(&errors).unwrap());
        let child = command.stdout(out).stderr(err).spawn().unwrap();
        Running { child, output, errors }
    }
}

/// A kept checkpoint as the first format had it: without a checksum, so that a test can change what is in it.
pub(crate) fn as_first_format(kept: &mut Value) {
    let checkpoint = kept["checkpoint"].as_object_mut().unwrap();
    checkpoint.retain(|name, _| name != "checksum" && name != "fingerprint");
    checkpoint.insert("format".to_owned(), 1.into());
    // As if it had been saved a minute later: what was made just now may have been changed within the same tick.
    let at = checkpoint["saved_unix"]["secs"].as_u64().unwrap();
    checkpoint["saved_unix"]["secs"] = (at + 60).into();
    checkpoint["source"].as_object_mut().unwrap().retain(|name, _| name != "changed" && name != "looked_at");
}

/// What no output may hold.
const NEVER: [&str; 7] =
    ["panicked", "BACKTRACE", "stack backtrace", "emu-access-", "emu-refresh-", "sign=", "signature=\""];
/// The emulator's keys, which no output may hold in any form.
static KEYS: LazyLock<Vec<Canary>> = LazyLock::new(|| {
    let keys = [
        "emulator-secret-key",
        "emulator-api-secret",
        "emulator-access-key-secret",
        "emulator-access-token",
        "emulator-refresh-token",
    ];
    keys.map(Canary::whole).to_vec()
});

/// Panics if one of the emulator's keys can be seen in it.
#[track_caller]
pub(crate) fn no_key_is_seen(what: &str, text: &str) {
    unseen(&KEYS, what, text);
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Ran {
    /// Panics, showing everything, unless it ended with this code.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// Panics, showing everything, unless stderr has all of these.
    #[track_caller]
    pub(crate) fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.err.contains(word), "no {word:?} in {self:#?}");
        }
        self
    }

    /// Whatever happens: no panic, no backtrace, no secret, no control character.
    #[track_caller]
    fn is_fit_to_be_seen(&self) {
        for text in [&self.out, &self.err] {
            no_key_is_seen("what was shown", text);
            for never in NEVER {
                assert!(!text.contains(never), "{never:?} in {self:#?}");
            }
            assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{self:#?}");
        }
    }

    /// A fact of the result. Some are counted in a line that says more.
    #[track_caller]
    pub(crate) fn result(&self, name: &str) -> &str {
        let line = |name: &str| self.fact(name).unwrap_or_else(|| panic!("no {name} in {self:#?}"));
        let first = |line| str::split(line, ',').next().unwrap_or_default();
        match name {
            // Not said where this run sent the whole file.
            "bytes sent" => bytes(self.fact("sent").unwrap_or_else(|| line("size"))),
            "retries" => {
                line("requests").split_once(", ").map_or("0", |(_, retries)| retries.split(' ').next().unwrap())
            }
            "requests" | "time" => first(line(name)),
            _ => line(name),
        }
    }

    /// A line of the result.
    pub(crate) fn fact(&self, name: &str) -> Option<&str> {
        self.out.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
    }
}

/// The number in `12 bytes` and in `1.5 MiB (1572864 bytes)`.
fn bytes(size: &str) -> &str {
    let number = size.split(" byte").next().unwrap_or_default();
    number.rsplit('(').next().unwrap_or_default()
}

/// A command that runs; killed when it is dropped.
pub(crate) struct Running {
    child: Child,
    output: PathBuf,
    errors: PathBuf,
}

impl Running {
    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it said so far.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(&self.errors).unwrap()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.pid());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Ends it at once.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self) -> Ran {
        let mut status = None;
        until("the command ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        let out = fs::read_to_string(&self.output).unwrap();
        let ran = Ran { code: status.unwrap().code().unwrap_or(-1), out, err: self.said() };
        ran.is_fit_to_be_seen();
        ran
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for something that is bound to happen.
#[track_caller]
pub(crate) fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !happened() {
        assert!(begun.elapsed() < LONGEST, "{what}: not within {LONGEST:?}");
        thread::sleep(Duration::from_millis(5));
    }
}
