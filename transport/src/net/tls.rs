//! Whom a TLS connection trusts.

use std::env::split_paths;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, ClientConfig, InvalidMessage, RootCertStore};
use rustls_native_certs::{load_certs_from_paths, load_native_certs};

use super::config::{Config, ConfigError};
use super::environment;
use crate::error::WireError;

/// TLS with ring, that trusts Mozilla's roots, the system's certificates and those in the CA file (PEM), as the
/// configuration says. It offers no protocol by ALPN.
///
/// Every transport with sockets of its own asks for it, so the configuration's times are looked at here, too.
///
/// # Errors
/// [`ConfigError::CaFile`] if the CA file cannot be read, holds no certificate, or something that is none;
/// [`ConfigError::Time`] if nothing could be waited for so long.
pub fn client_config(config: &Config) -> Result<Arc<ClientConfig>, ConfigError> {
    config.check_times()?;
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if config.system_certificates {
        // What is there is often read by nobody else for years: the rest counts, whatever is broken.
        roots.add_parsable_certificates(of_the_system(environment::path));
    }
    if let Some(path) = &config.ca_file {
        add_file(&mut roots, path)?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| ConfigError::Tls(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// What the variables name, or else what the system has in its usual places.
fn of_the_system(variable: impl Fn(&str) -> Option<OsString>) -> Vec<CertificateDer<'static>> {
    let named = |name| variable(name).filter(|value| !value.is_empty());
    let file = named("SSL_CERT_FILE").map(PathBuf::from);
    let folders: Vec<PathBuf> = named("SSL_CERT_DIR").iter().flat_map(split_paths).collect();
    if file.is_none() && folders.is_empty() {
        return load_native_certs().certs;
    }
    let mut certificates = load_certs_from_paths(file.as_deref(), None).certs;
    certificates.extend(folders.iter().flat_map(|folder| load_certs_from_paths(None, Some(folder)).certs));
    certificates
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

impl WireError {
    /// What a failed TLS handshake means. rustls puts its own error into one of input and output.
    pub fn of_handshake(error: &io::Error) -> Self {
        match rustls_error(error) {
            Some(rustls::Error::InvalidCertificate(why)) => Self::Untrusted(in_words(why)),
            Some(rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType)) => {
                let why = "the server does not speak TLS on this port (http:// instead of https://?)";
                Self::Tls(io::Error::new(error.kind(), why))
            }
            _ => Self::Tls(io::Error::new(error.kind(), error.to_string())),
        }
    }
}

fn rustls_error(error: &io::Error) -> Option<&rustls::Error> {
    let under = error.get_ref()?;
    under.downcast_ref().or_else(|| rustls_error(under.downcast_ref()?))
}

fn in_words(why: &CertificateError) -> String {
    match why {
        // A CA that was made anew has the name of the older one, and another key.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "it is signed by an authority that is not known here".to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "it has expired, by this machine's clock".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet, by this machine's clock".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for a server of another name".to_owned()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

    use super::*;

    fn trusting(ca_file: &Path) -> Config {
        Config { ca_file: Some(ca_file.to_owned()), ..Config::default() }
    }

    fn why(content: &str) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), content).unwrap();
        client_config(&trusting(file.path())).unwrap_err().to_string()
    }

    #[test]
    fn a_ca_file_that_is_none_is_an_error_in_words() {
        assert!(why("").contains("no certificate in it"));
        assert!(why("-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n").contains("not valid"));
        assert!(why("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").contains("not valid"));
        let missing = client_config(&trusting(Path::new("no/such/file.pem"))).unwrap_err().to_string();
        assert!(missing.contains("no/such/file.pem"), "{missing}");
    }

    fn authority() -> rcgen::Certificate {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap()
    }

    #[test]
    fn field_bug_64_the_variables_name_files_and_folders_and_what_is_broken_there_harms_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let [one, two, three] = [(); 3].map(|()| authority());
        for name in ["a", "b"] {
            fs::create_dir(at(name)).unwrap();
        }
        fs::write(at("bundle.pem"), format!("{}-----BEGIN CERTIFICATE-----\n!!\n", one.pem())).unwrap();
        // What OpenSSL looks for in a folder.
        fs::write(at("a/0123abcd.0"), two.pem()).unwrap();
        fs::write(at("b/0123abce.0"), three.pem()).unwrap();
        let folders = std::env::join_paths([at("a"), at("missing"), at("b")]).unwrap();
        let bundle = at("bundle.pem").into_os_string();
        let found = of_the_system(|name| match name {
            "SSL_CERT_FILE" => Some(bundle.clone()),
            "SSL_CERT_DIR" => Some(folders.clone()),
            _ => None,
        });
        assert_eq!(found, [one.der().clone(), two.der().clone(), three.der().clone()]);
        let missing = of_the_system(|name| (name == "SSL_CERT_FILE").then(|| at("missing").into_os_string()));
        assert_eq!(missing, []);
    }
}
