//! What an example meets: an emulator, an empty folder, an environment.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use resumable_emulator::{Config, Emulator, Listener};
use tempfile::TempDir;

use crate::workspace::Result;

/// After this an example hangs: each takes seconds.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(20);
pub(super) const BUCKET: &str = "examplebucket";

/// One example's world.
pub(super) struct Stage {
    program: PathBuf,
    server: Listener,
    folder: TempDir,
}

impl Stage {
    pub(super) fn new(program: PathBuf) -> Result<Self> {
        let mut config = Config::default();
        BUCKET.clone_into(&mut config.oss.sts_bucket);
        config.p115.confirm_at_poll = Some(1);
        config.p115.limits.refresh_pause = 0;
        let server = Listener::start(config).map_err(|error| format!("no emulator: {error}"))?;
        let folder = tempfile::tempdir().map_err(|error| format!("no folder: {error}"))?;
        Ok(Self { program, server, folder })
    }

    pub(super) fn emulator(&self) -> &Emulator {
        self.server.emulator()
    }

    pub(super) fn url(&self) -> String {
        self.server.base_url()
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, with the folders above it; its bytes differ from place to place.
    pub(super) fn file(&self, name: &str, len: usize) -> Result<Vec<u8>> {
        let mut state = len as u64 | 1;
        let step = |_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[0]
        };
        let content: Vec<u8> = (0..len).map(step).collect();
        self.write(name, &content)?;
        Ok(content)
    }

    pub(super) fn write(&self, name: &str, content: &[u8]) -> Result<()> {
        let path = self.path(name);
        let folder = path.parent().unwrap_or(self.folder.path());
        let written = fs::create_dir_all(folder).and_then(|()| fs::write(&path, content));
        written.map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Starts the example in the folder, with what the emulator's accounts are in the environment.
    pub(super) fn start(&self, args: &[&str], stdin: Stdio) -> Result<Run> {
        let account = &self.emulator().config().oss.accounts[0];
        let (out, err) = (self.path("stdout"), self.path("stderr"));
        let create = |path: &Path| File::create(path).map_err(|error| format!("{}: {error}", path.display()));
        let mut command = Command::new(&self.program);
        command.args(args).current_dir(self.folder.path()).stdin(stdin).stdout(create(&out)?).stderr(create(&err)?);
        command.env("OSS_ENDPOINT", self.url()).env("OSS_REGION", &self.emulator().config().oss.region);
        command.env("OSS_BUCKET", BUCKET).env("OSS_ACCESS_KEY_ID", &account.access_key_id);
        command.env("OSS_ACCESS_KEY_SECRET", &account.access_key_secret);
        command.env("RESUMABLE_ACCESS_KEY_ID", &account.access_key_id);
        command.env("RESUMABLE_ACCESS_KEY_SECRET", &account.access_key_secret);
        command.env("P115_ENDPOINT", self.url()).env("P115_CLIENT_ID", &self.emulator().config().p115.client_id);
        let child = command.spawn().map_err(|error| format!("{}: {error}", self.program.display()))?;
        Ok(Run { child, out, err })
    }

    /// Runs it to its end.
    pub(super) fn run(&self, args: &[&str]) -> Result<Said> {
        self.start(args, Stdio::null())?.end()
    }

    /// Whether these very bytes are in the bucket.
    pub(super) fn arrived(&self, key: &str, content: &[u8]) -> Result<()> {
        match self.emulator().oss().read_object(BUCKET, key).map_err(|error| error.to_string())? {
            Some(stored) if stored == content => Ok(()),
            Some(stored) => {
                Err(format!("{key} has {} other bytes than the {} of its source", stored.len(), content.len()))
            }
            None => Err(format!("{key} has not arrived")),
        }
    }

    /// How many clients are connected.
    pub(super) fn connections(&self) -> usize {
        self.server.connections()
    }

    /// Waits until everything has arrived that a client has sent which is no more.
    pub(super) fn wait_for_silence(&self) -> Result<()> {
        let begun = Instant::now();
        while self.connections() > 0 {
            if begun.elapsed() > PATIENCE {
                return Err("connections stay open although the client has ended".to_owned());
            }
            thread::sleep(LOOK);
        }
        Ok(())
    }

    /// How many bytes of files were received so far.
    pub(super) fn received(&self) -> u64 {
        self.emulator().totals().received_file_bytes
    }

    /// How many parts the one unfinished upload has.
    pub(super) fn parts(&self) -> usize {
        self.emulator().oss().unfinished(BUCKET).first().map_or(0, |(_, _, parts)| *parts)
    }
}

/// A run of an example that has not ended.
pub(super) struct Run {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

/// What an example said, and that it ended well.
pub(super) struct Said {
    pub(super) out: String,
    pub(super) err: String,
}

impl Run {
    /// Looks until something is so.
    pub(super) fn wait_for(&mut self, what: &str, is_so: impl Fn() -> bool) -> Result<()> {
        let begun = Instant::now();
        while !is_so() {
            if self.ended()?.is_some() || begun.elapsed() > PATIENCE {
                return Err(format!("it never came to this: {what}\n{}", self.said()));
            }
            thread::sleep(LOOK);
        }
        Ok(())
    }

    /// Ends it as a crash would.
    pub(super) fn kill(mut self) -> Result<()> {
        self.child.kill().and_then(|()| self.child.wait()).map(drop).map_err(|error| error.to_string())
    }

    /// As Ctrl-C does.
    #[cfg(unix)]
    pub(super) fn interrupt(&self) -> Result<()> {
        let mut kill = Command::new("kill");
        crate::workspace::output(kill.args(["-INT", &self.child.id().to_string()])).map(drop)
    }

    /// Writes to its stdin.
    pub(super) fn write(&mut self, line: &str) -> Result<()> {
        use std::io::Write as _;
        let stdin = self.child.stdin.as_mut().ok_or("its stdin is no pipe")?;
        stdin.write_all(line.as_bytes()).map_err(|error| format!("it does not read: {error}"))
    }

    /// Whether it has said something so far.
    #[cfg(unix)]
    pub(super) fn said_on_stderr(&self) -> impl Fn(&str) -> bool + use<> {
        let err = self.err.clone();
        move |text| fs::read_to_string(&err).is_ok_and(|said| said.contains(text))
    }

    /// Waits for its end, which has to be a good one.
    pub(super) fn end(self) -> Result<Said> {
        let (status, said) = self.status()?;
        if status.success() { Ok(said) } else { Err(format!("{status}\n{}{}", said.out, said.err)) }
    }

    /// Waits for its end, which has to be a bad one.
    pub(super) fn fail(self) -> Result<Said> {
        let (status, said) = self.status()?;
        if status.success() { Err(format!("it should have failed\n{}{}", said.out, said.err)) } else { Ok(said) }
    }

    fn status(mut self) -> Result<(ExitStatus, Said)> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.ended()? {
                let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
                return Ok((status, Said { out: read(&self.out), err: read(&self.err) }));
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("it hangs\n{}", self.said()));
            }
            thread::sleep(LOOK);
        }
    }

    fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().map_err(|error| error.to_string())
    }

    fn said(&self) -> String {
        [&self.out, &self.err].map(|path| fs::read_to_string(path).unwrap_or_default()).concat()
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // Without effect on one that has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
