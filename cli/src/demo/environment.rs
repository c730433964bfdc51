//! What all runs of one vendor over one transport share: a temporary folder and an emulator.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use resumable_emulator::Config;
use tempfile::TempDir;

use super::vendors::Vendor;
use crate::emulator::Server;
use crate::exit::{Code, Problem};
use crate::interrupt::Interrupt;

/// An emulator, and a folder that is gone when the demo ends, however it does.
pub(super) struct Environment<'a> {
    /// What ends the demo early.
    pub(super) interrupt: &'a Interrupt,
    /// The emulator; stops before its folder is removed.
    pub(super) server: Server,
    /// The vendor.
    pub(super) vendor: &'static Vendor,
    /// What carries the requests.
    pub(super) transport: &'static str,
    folder: TempDir,
}

impl<'a> Environment<'a> {
    /// Makes the folder and starts the emulator on a free port.
    pub(super) fn start(
        interrupt: &'a Interrupt,
        vendor: &'static Vendor,
        transport: &'static str,
    ) -> Result<Self, Problem> {
        let failed = |error| Problem::new(Code::Other, format!("no temporary folder could be made: {error}"));
        let folder = tempfile::Builder::new().prefix("resumable-demo-").tempdir().map_err(failed)?;
        let mut config = Config::default();
        config.log_entries = 1_000_000;
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let server = Server::start(listen, &folder.path().join("data"), config)?;
        server.write_profiles(&folder.path().join("config.toml"))?;
        Ok(Self { interrupt, server, vendor, transport, folder })
    }

    /// The configuration file.
    pub(super) fn config(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }

    /// The folder of checkpoints.
    pub(super) fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// A file of this name.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name.replace(' ', "-"))
    }

    /// The destination for `put`, in the profile that the emulator writes.
    pub(super) fn destination(&self, path: &str) -> String {
        format!("emu-{}:{path}", self.vendor.name)
    }

    /// The plain file that the emulator keeps an object in.
    pub(super) fn object(&self, path: &str, url: &str) -> PathBuf {
        let within = (self.vendor.object)(self.server.emulator.config(), path, url);
        self.folder.path().join("data").join(self.vendor.name).join(within)
    }

    /// Fails once the demo was interrupted.
    pub(super) fn go_on(&self) -> Result<(), Problem> {
        if self.interrupt.asked() {
            return Err(Problem::new(Code::Interrupted, "the demo was stopped, its files are removed"));
        }
        Ok(())
    }
}
