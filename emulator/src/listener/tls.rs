//! What a listener shows of itself over TLS.

use std::io;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// A certificate and its key.
#[derive(Clone)]
pub struct Tls {
    pub(super) acceptor: TlsAcceptor,
    ca_pem: Option<String>,
}

impl Tls {
    /// A certificate for these names and addresses, signed by an authority that is made for it and forgotten: whoever is
    /// given [`ca_pem`](Tls::ca_pem) trusts this listener, and nothing else.
    ///
    /// # Errors
    /// A name cannot be in a certificate.
    pub fn self_made(names: &[&str]) -> io::Result<Tls> {
        let (authority, issuer) = authority().map_err(io::Error::other)?;
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
        params.distinguished_name.push(DnType::CommonName, "resumable emulator");
        let own = params.signed_by(&key, &issuer).map_err(io::Error::other)?;
        let made = Tls::from_pem(own.pem().as_bytes(), key.serialize_pem().as_bytes())?;
        Ok(Tls { ca_pem: Some(authority), ..made })
    }

    /// A certificate (with its chain, if it has one) and its key, both PEM.
    ///
    /// # Errors
    /// Either cannot be read, or they do not belong together.
    pub fn from_pem(certificate: &[u8], key: &[u8]) -> io::Result<Tls> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
        let chain = chain.map_err(|error| invalid("the certificate", &error))?;
        if chain.is_empty() {
            return Err(invalid("the certificate", &"no certificate in it"));
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| invalid("the key", &error))?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| invalid("certificate and key", &error))?;
        Ok(Tls { acceptor: TlsAcceptor::from(Arc::new(config)), ca_pem: None })
    }

    /// The authority that signed a [`self_made`](Tls::self_made) certificate, PEM.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").field("ca_pem", &self.ca_pem).finish_non_exhaustive()
    }
}

/// An authority's certificate, and what it signs with.
fn authority() -> Result<(String, Issuer<'static, KeyPair>), rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, "resumable emulator's own authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let pem = params.self_signed(&key)?.pem();
    Ok((pem, Issuer::new(params, key)))
}

fn invalid(what: &str, why: &dyn std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{what}: {why}"))
}
