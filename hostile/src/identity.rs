//! Who a TLS server is, and whom a client must trust to believe it.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::NamedTempFile;

use crate::server::Peer;

/// The server's end of a TLS connection.
pub type TlsPeer = Peer<StreamOwned<ServerConnection, TcpStream>>;

/// A server's certificate and key.
#[derive(Debug)]
pub struct Identity {
    config: Arc<ServerConfig>,
    /// The certificate of its authority, as a PEM file.
    pub ca_file: NamedTempFile,
}

impl Identity {
    /// A server of this name, or address, with an authority of its own.
    pub fn of(name: &str) -> Self {
        Self::issued(&params(name))
    }

    /// As [`of`](Self::of), but no longer valid.
    pub fn expired(name: &str) -> Self {
        let mut params = params(name);
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
        Self::issued(&params)
    }

    /// A server that is its own authority.
    pub fn self_signed(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = params(name).self_signed(&key).unwrap();
        Self::new(&certificate, &key, &certificate.pem())
    }

    fn issued(leaf: &CertificateParams) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "an authority for tests");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = leaf.signed_by(&key, &issuer).unwrap();
        Self::new(&certificate, &key, &issuer.pem())
    }

    fn new(certificate: &rcgen::Certificate, key: &KeyPair, ca: &str) -> Self {
        let mut ca_file = NamedTempFile::new().unwrap();
        ca_file.write_all(ca.as_bytes()).unwrap();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key.into())
            .unwrap();
        Self { config: Arc::new(config), ca_file }
    }

    /// What makes TLS of this server's connections, for a script.
    pub fn tls(&self) -> impl Fn(TcpStream) -> TlsPeer + Send + 'static {
        let config = Arc::clone(&self.config);
        move |stream| Peer::new(StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream))
    }
}

fn params(name: &str) -> CertificateParams {
    CertificateParams::new([name.to_owned()]).unwrap()
}
