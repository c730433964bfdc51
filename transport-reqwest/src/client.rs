//! The reqwest client, told to do nothing of its own.

use std::sync::Arc;

use http::Uri;
use http::uri::Scheme;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Proxy, Url, retry};
use resumable_transport::USER_AGENT;
use resumable_transport::net::{Config, ConfigError, ProxyServer, Routes, client_config};

/// A client without connections.
pub(crate) fn client(config: &Config, routes: &Arc<Routes>) -> Result<Client, ConfigError> {
    let tls = client_config(config)?;
    let builder = Client::builder()
        .tls_backend_preconfigured(Arc::unwrap_or_clone(tls))
        .http1_only()
        .user_agent(USER_AGENT)
        .redirect(Policy::none())
        .referer(false)
        .retry(retry::never())
        .connect_timeout(config.connect_timeout)
        .pool_max_idle_per_host(config.max_idle)
        .no_proxy();
    let builder = [Scheme::HTTP, Scheme::HTTPS].into_iter().fold(patient(builder, config), |builder, scheme| {
        match routes.server(&scheme) {
            Some(server) => builder.proxy(proxy(server, scheme, Arc::clone(routes))),
            None => builder,
        }
    });
    builder.build().map_err(|error| ConfigError::Tls(error.without_url().to_string()))
}

/// The system gives a connection up that nobody takes anything from: the net under one that is closed while its last
/// bytes wait. Until then the stall timeout watches.
#[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
fn patient(builder: ClientBuilder, config: &Config) -> ClientBuilder {
    builder.tcp_user_timeout(config.stall_timeout.saturating_mul(2))
}

#[cfg(not(any(target_os = "android", target_os = "fuchsia", target_os = "linux")))]
fn patient(builder: ClientBuilder, _: &Config) -> ClientBuilder {
    builder
}

/// The proxy for the requests of one scheme, where the routes say so.
fn proxy(server: &ProxyServer, scheme: Scheme, routes: Arc<Routes>) -> Proxy {
    let proxy = Proxy::custom(move |url: &Url| {
        let uri: Uri = url.as_str().parse().ok()?;
        let server = routes.proxy_for(&uri).filter(|_| uri.scheme() == Some(&scheme))?;
        Some(server.url())
    });
    match &server.authorization {
        Some(authorization) => proxy.custom_http_auth(authorization.clone()),
        None => proxy,
    }
}
