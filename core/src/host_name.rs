//! Names of servers.

/// The longest name that the domain name system has.
const LONGEST: usize = 253;

/// Whether this can be the host of an endpoint, by its length and its end. The domain name system allows a dot at the end,
/// but no certificate has one, and neither does the host that a vendor's signature is over.
pub fn is_host_name(host: &str) -> bool {
    (1..=LONGEST).contains(&host.len()) && !host.ends_with('.')
}
