//! The server, as a test may look into it.

use std::io;
use std::sync::Arc;

use super::config::Config;
use crate::cos::server::Server;
use crate::service::{Service, Setup};

/// The server of the COS JSON API v1.
#[derive(Debug)]
pub struct CosV1 {
    server: Arc<Server<Config>>,
}

impl CosV1 {
    pub(crate) fn new(config: Config, setup: &Setup) -> io::Result<Arc<CosV1>> {
        Ok(Arc::new(CosV1 { server: Arc::new(Server::new(config, setup)?) }))
    }

    pub(crate) fn service(&self) -> Arc<dyn Service> {
        Arc::clone(&self.server) as _
    }

    /// A finished object's bytes, all at once: for tests.
    ///
    /// # Errors
    /// The storage cannot be read.
    pub fn read_object(&self, appid: &str, bucket: &str, key: &str) -> io::Result<Option<Vec<u8>>> {
        self.server.read_object(appid, bucket, key)
    }

    /// The slices of each unfinished upload at a path, as offset and length; the oldest upload first.
    pub fn slices(&self, appid: &str, bucket: &str, key: &str) -> Vec<Vec<(u64, u64)>> {
        self.server.slices(appid, bucket, key)
    }
}
