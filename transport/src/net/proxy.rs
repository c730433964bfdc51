//! Which requests go through which proxy.

use std::fmt;
use std::net::IpAddr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::uri::Scheme;
use http::{HeaderValue, Uri};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use zeroize::Zeroizing;

use super::config::{ConfigError, Proxy};
use super::environment;

/// The proxies in use, by the scheme of the request.
#[derive(Debug, Default)]
pub struct Routes {
    http: Option<ProxyServer>,
    https: Option<ProxyServer>,
    except: Option<Exceptions>,
}

impl Routes {
    /// The routes that the configuration or the environment gives.
    ///
    /// # Errors
    /// [`ConfigError::Proxy`] if an address is none of a proxy.
    pub fn new(proxy: &Proxy) -> Result<Self, ConfigError> {
        match proxy {
            Proxy::None => Ok(Self::default()),
            Proxy::Url(url) => {
                let server = ProxyServer::parse("the configuration", url)?;
                Ok(Self { http: Some(server.clone()), https: Some(server), except: None })
            }
            Proxy::FromEnvironment => Self::from_variables(environment::text),
        }
    }

    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let read = |name: &str| {
            [name.to_owned(), name.to_ascii_uppercase()].into_iter().find_map(|name| {
                let value = variable(&name)?.trim().to_owned();
                (!value.is_empty()).then_some((name, value))
            })
        };
        let server = |name: &str| {
            let given = read(name).or_else(|| read("all_proxy"));
            given.map(|(name, value)| ProxyServer::parse(&name, &value)).transpose()
        };
        let listed = read("no_proxy").map(|(_, list)| list).unwrap_or_default();
        Ok(Self {
            http: server("http_proxy")?,
            https: server("https_proxy")?,
            except: Some(Exceptions::parse(&listed)),
        })
    }

    /// The proxy for the requests of `scheme` that are no exception.
    pub fn server(&self, scheme: &Scheme) -> Option<&ProxyServer> {
        if *scheme == Scheme::HTTPS { self.https.as_ref() } else { self.http.as_ref() }
    }

    /// The proxy for this request, if one is to be used.
    pub fn proxy_for(&self, uri: &Uri) -> Option<&ProxyServer> {
        let server = self.server(uri.scheme().unwrap_or(&Scheme::HTTP));
        server.filter(|_| !self.except.as_ref().is_some_and(|except| except.cover(bare_host(uri), port(uri))))
    }
}

/// The port of a SOCKS proxy that names none.
const SOCKS_PORT: u16 = 1080;
/// The longest user name or password that SOCKS 5 can carry, in bytes.
const SOCKS_LOGIN: usize = 255;

/// One proxy.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProxyServer {
    /// Its name or address; an IPv6 one without its brackets.
    pub host: String,
    /// Its port; 80 if none was given, or 1080 with SOCKS.
    pub port: u16,
    /// For `Proxy-Authorization`; marked as sensitive. None with SOCKS.
    pub authorization: Option<HeaderValue>,
    /// How it is spoken to, if it speaks SOCKS 5 and not HTTP.
    pub socks: Option<Socks>,
}

/// How a SOCKS 5 proxy is spoken to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Socks {
    /// The proxy looks names up (`socks5h`), and not this machine (`socks5`).
    pub looks_names_up: bool,
    /// What logs in there.
    pub login: Option<SocksLogin>,
}

/// A user name and a password, of at most 255 bytes each. `Debug` shows neither, and both are wiped when they are dropped.
#[derive(Clone)]
pub struct SocksLogin {
    user: Zeroizing<Vec<u8>>,
    password: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for SocksLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SocksLogin([redacted])")
    }
}

impl SocksLogin {
    fn parse(login: &str) -> Option<Self> {
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let decoded = |text: &str| Zeroizing::new(percent_decode_str(text).collect::<Vec<u8>>());
        let login = Self { user: decoded(user), password: decoded(password) };
        let fits = !login.user.is_empty() && login.user.len().max(login.password.len()) <= SOCKS_LOGIN;
        fits.then_some(login)
    }

    /// The user name.
    pub fn user(&self) -> &[u8] {
        &self.user
    }

    /// The password: for the wire, never for a log.
    pub fn password(&self) -> &[u8] {
        &self.password
    }
}

impl ProxyServer {
    fn parse(given_by: &str, url: &str) -> Result<Self, ConfigError> {
        let wrong = |why: &str| ConfigError::Proxy { given_by: given_by.to_owned(), why: why.to_owned() };
        let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
        let uri: Uri = url.parse().map_err(|_| wrong("it is not a URL"))?;
        let looks_names_up = match uri.scheme_str() {
            Some("http") => None,
            Some("socks5") => Some(false),
            Some("socks5h") => Some(true),
            Some(other) => {
                return Err(wrong(&format!("{other} proxies are not supported, only http, socks5 and socks5h")));
            }
            None => return Err(wrong("it is not a URL")),
        };
        let host = bare_host(&uri).to_owned();
        if host.is_empty() {
            return Err(wrong("it names no host"));
        }
        if uri.path_and_query().is_some_and(|rest| rest.as_str() != "/") {
            return Err(wrong("it must end after the host and the port"));
        }
        let place = uri.authority().map_or("", http::uri::Authority::as_str);
        let (login, place) = place.rsplit_once('@').map_or((None, place), |(login, place)| (Some(login), place));
        let has_port = place.rsplit_once(']').map_or(place, |(_, rest)| rest).contains(':');
        if has_port && uri.port_u16().is_none_or(|port| port == 0) {
            return Err(wrong("its port is none from 1 to 65535"));
        }
        let malformed = || wrong("its user name or password is malformed");
        if let Some(looks_names_up) = looks_names_up {
            let login = login.map(|login| SocksLogin::parse(login).ok_or_else(malformed)).transpose()?;
            let socks = Some(Socks { looks_names_up, login });
            return Ok(Self { host, port: uri.port_u16().unwrap_or(SOCKS_PORT), authorization: None, socks });
        }
        let authorization = login.map(basic).transpose().map_err(|()| malformed())?;
        Ok(Self { host, port: port(&uri), authorization, socks: None })
    }

    /// Its address as a URL: for clients that are told of proxies like that. With SOCKS the login is in it, so it is never
    /// for a log.
    pub fn url(&self) -> String {
        let Self { host, port, socks, .. } = self;
        let place = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        let Some(Socks { looks_names_up, login }) = socks else { return format!("http://{place}") };
        let scheme = if *looks_names_up { "socks5h" } else { "socks5" };
        let encoded = |bytes: &[u8]| percent_encode(bytes, NON_ALPHANUMERIC).to_string();
        let login = login.as_ref().map(|it| format!("{}:{}@", encoded(&it.user), encoded(&it.password)));
        format!("{scheme}://{}{place}", login.unwrap_or_default())
    }
}

fn basic(login: &str) -> Result<HeaderValue, ()> {
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let mut plain = Zeroizing::new(Vec::with_capacity(login.len() + 1));
    plain.extend(percent_decode_str(user));
    plain.push(b':');
    plain.extend(percent_decode_str(password));
    let encoded = Zeroizing::new(BASE64_STANDARD.encode(&*plain));
    let mut value = HeaderValue::try_from(format!("Basic {}", *encoded)).map_err(|_| ())?;
    value.set_sensitive(true);
    Ok(value)
}

/// The host of an address, an IPv6 one without its brackets.
pub fn bare_host(uri: &Uri) -> &str {
    uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
}

/// The port of an address, by its scheme if it names none.
pub fn port(uri: &Uri) -> u16 {
    uri.port_u16().unwrap_or(if uri.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 })
}

/// The hosts that are reached without a proxy: this machine, and what `no_proxy` lists.
#[derive(Debug)]
struct Exceptions(Vec<Exception>);

#[derive(Debug)]
enum Exception {
    All,
    Network(IpAddr, u8),
    Domain { name: String, port: Option<u16> },
}

impl Exceptions {
    fn parse(list: &str) -> Self {
        Self(list.split([',', ' ']).map(str::trim).filter(|item| !item.is_empty()).map(Exception::parse).collect())
    }

    fn cover(&self, host: &str, port: u16) -> bool {
        is_this_machine(host) || self.0.iter().any(|exception| exception.covers(host, port))
    }
}

impl Exception {
    fn parse(item: &str) -> Self {
        if item == "*" {
            return Self::All;
        }
        if let Some(network) = parse_network(item) {
            return network;
        }
        let (name, port) = match item.rsplit_once(':').map(|(name, port)| (name, port.parse())) {
            Some((name, Ok(port))) => (name, Some(port)),
            _ => (item, None),
        };
        let name = name.trim_start_matches('*').trim_start_matches('.').trim_end_matches('.');
        Self::Domain { name: name.trim_matches(['[', ']']).to_ascii_lowercase(), port }
    }

    fn covers(&self, host: &str, port: u16) -> bool {
        match self {
            Self::All => true,
            Self::Network(network, bits) => host.parse().is_ok_and(|address| within(address, *network, *bits)),
            Self::Domain { name, port: only } => {
                let host = host.trim_end_matches('.').to_ascii_lowercase();
                let above = host.strip_suffix(name.as_str());
                only.is_none_or(|only| only == port) && above.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
        }
    }
}

fn parse_network(item: &str) -> Option<Exception> {
    let (address, bits) = item.split_once('/').map_or((item, None), |(address, bits)| (address, Some(bits)));
    let address: IpAddr = address.trim_matches(['[', ']']).parse().ok()?;
    let widest = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.map_or(Some(widest), |bits| bits.parse().ok().filter(|bits| *bits <= widest))?;
    Some(Exception::Network(address, bits))
}

fn within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    match (address.to_canonical(), network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            (u32::from(address) ^ u32::from(network)).leading_zeros() >= u32::from(bits)
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            (u128::from(address) ^ u128::from(network)).leading_zeros() >= u32::from(bits)
        }
        _ => false,
    }
}

/// Whether a name, or an address without brackets, is this very machine's.
pub fn is_this_machine(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use zeroize::ZeroizeOnDrop;

    use super::*;

    fn routes(variables: &[(&str, &str)]) -> Result<Routes, ConfigError> {
        Routes::from_variables(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    fn via(routes: &Routes, uri: &str) -> Option<String> {
        let server = routes.proxy_for(&uri.parse().unwrap())?;
        Some(format!("{}:{}", server.host, server.port))
    }

    #[test]
    fn each_scheme_has_its_variable_and_all_proxy_fills_the_gaps() {
        let routes = routes(&[("HTTPS_PROXY", "http://secure:1"), ("all_proxy", "rest:2")]).unwrap();
        assert_eq!(via(&routes, "https://example.com/").as_deref(), Some("secure:1"));
        assert_eq!(via(&routes, "http://example.com/").as_deref(), Some("rest:2"));
    }

    #[test]
    fn small_letters_win_and_empty_values_count_as_unset() {
        let one = routes(&[("http_proxy", "small"), ("HTTP_PROXY", "capital:9")]).unwrap();
        assert_eq!(via(&one, "http://example.com/").as_deref(), Some("small:80"));
        let none = routes(&[("http_proxy", " "), ("HTTPS_PROXY", "")]).unwrap();
        assert_eq!(via(&none, "http://example.com/"), None);
    }

    #[test]
    fn this_machine_is_never_reached_through_the_environment_proxy() {
        let from_env = routes(&[("all_proxy", "http://p")]).unwrap();
        for host in ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]"]
        {
            assert_eq!(via(&from_env, &format!("http://{host}:8080/")), None, "{host}");
        }
        let given = Routes::new(&Proxy::Url("http://p".into())).unwrap();
        assert_eq!(via(&given, "http://127.0.0.1:8080/").as_deref(), Some("p:80"));
    }

    #[test]
    fn no_proxy_takes_names_ports_addresses_and_networks() {
        let list = "example.com, .dotted.org,*.star.net other.io:8443,10.0.0.0/8,fd00::/8,192.168.1.7";
        let routes = routes(&[("all_proxy", "http://p"), ("NO_PROXY", list)]).unwrap();
        let direct = [
            "example.com",
            "a.b.EXAMPLE.com",
            "dotted.org",
            "x.dotted.org",
            "y.star.net",
            "other.io:8443",
            "10.200.0.1",
            "[fd12::1]",
            "192.168.1.7",
        ];
        for host in direct {
            assert_eq!(via(&routes, &format!("http://{host}/")), None, "{host}");
        }
        for host in ["notexample.com", "example.com.evil.org", "other.io", "11.0.0.1", "192.168.1.8", "[fe80::1]"] {
            assert!(via(&routes, &format!("http://{host}/")).is_some(), "{host}");
        }
    }

    #[test]
    fn a_star_turns_the_proxy_off() {
        let routes = routes(&[("all_proxy", "http://p"), ("no_proxy", "*")]).unwrap();
        assert_eq!(via(&routes, "https://example.com/"), None);
    }

    #[test]
    fn unusable_proxies_are_errors_that_name_the_variable_and_no_secret() {
        for url in [
            "socks4://user:hunter2@host",
            "socks5://:hunter2@host",
            "https://user:hunter2@host",
            "http://user:hunter2@ho st",
        ] {
            let error = routes(&[("ALL_PROXY", url)]).unwrap_err().to_string();
            assert!(error.contains("ALL_PROXY"), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_socks_proxy_has_a_port_of_its_own_and_a_login_that_is_never_shown() {
        let routes = routes(&[("all_proxy", "socks5h://me:p%40ss@host"), ("http_proxy", "socks5://[::1]:9")]).unwrap();
        let (https, http) = (routes.https.as_ref().unwrap(), routes.http.as_ref().unwrap());
        assert_eq!((https.host.as_str(), https.port, &https.authorization), ("host", 1080, &None));
        let socks = https.socks.as_ref().unwrap();
        let login = socks.login.as_ref().unwrap();
        assert_eq!((socks.looks_names_up, login.user(), login.password()), (true, &b"me"[..], &b"p@ss"[..]));
        assert_eq!((https.url(), http.url()), ("socks5h://me:p%40ss@host:1080".into(), "socks5://[::1]:9".into()));
        assert!(!http.socks.as_ref().unwrap().looks_names_up);
        assert!(!format!("{routes:?}").contains("p@ss"));
        let long = format!("socks5://{}@host", "x".repeat(256));
        assert!(Routes::new(&Proxy::Url(long)).is_err());
    }

    #[test]
    fn a_login_is_wiped_when_it_is_dropped() {
        fn wiped(_: &impl ZeroizeOnDrop) {}
        let SocksLogin { user, password } = SocksLogin::parse("me:p%40ss").unwrap();
        wiped(&user);
        wiped(&password);
    }

    #[test]
    fn a_login_is_decoded_and_never_shown() {
        let routes = Routes::new(&Proxy::Url("http://me:p%40ss%3Aword@host:3128".into())).unwrap();
        let server = routes.http.as_ref().unwrap();
        assert_eq!(
            server.authorization.as_ref().unwrap(),
            &format!("Basic {}", BASE64_STANDARD.encode("me:p@ss:word"))
        );
        let shown = format!("{routes:?} {:?}", Proxy::Url("http://me:p%40ss%3Aword@host:3128".into()));
        for secret in ["word", &BASE64_STANDARD.encode("me:p@ss:word")] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
