//! Whom a TLS connection trusts.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::config::ConfigError;

/// TLS with ring, that trusts Mozilla's roots and the certificates in `ca_file` (PEM). It offers no protocol by ALPN.
///
/// # Errors
/// [`ConfigError::CaFile`] if the file cannot be read, holds no certificate, or something that is none.
pub fn client_config(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, ConfigError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = ca_file {
        add_file(&mut roots, path)?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| ConfigError::Tls(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), ConfigError> {
    let wrong = |why: String| ConfigError::CaFile { path: path.to_owned(), why };
    let pem = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let before = roots.len();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| wrong(format!("it is not valid PEM: {error}")))?;
        roots.add(certificate).map_err(|error| wrong(format!("a certificate in it is not valid: {error}")))?;
    }
    if roots.len() == before { Err(wrong("there is no certificate in it".to_owned())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(content: &str) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        client_config(Some(file.path())).unwrap_err().to_string()
    }

    #[test]
    fn a_ca_file_that_is_none_is_an_error_in_words() {
        assert!(why("").contains("no certificate in it"));
        assert!(why("-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n").contains("not valid"));
        assert!(why("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").contains("not valid"));
        let missing = client_config(Some(Path::new("no/such/file.pem"))).unwrap_err().to_string();
        assert!(missing.contains("no/such/file.pem"), "{missing}");
    }
}
