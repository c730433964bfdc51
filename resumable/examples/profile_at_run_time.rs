//! Uploads a file to whatever a profile says: which vendor, which account, how to connect. Whoever runs the program chooses
//! that, and may leave secrets to the environment.
//!
//! ```sh
//! cat >profiles.toml <<END
//! [profiles.work]
//! protocol = "oss"
//! endpoint = "https://oss-cn-shenzhen.aliyuncs.com"
//! bucket = "…"
//! access_key_id = "…"
//! END
//! export RESUMABLE_ACCESS_KEY_SECRET=…
//! cargo run --example profile_at_run_time --features profiles,oss,115,cos-v2 -- profiles.toml work FILE dir/name
//! ```
use std::env;
use std::error::Error;

use resumable::blocking::Client;
use resumable::profile::Profiles;

const USAGE: &str = "usage: profile_at_run_time PROFILES NAME FILE PATH";

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().collect();
    let [_, profiles, name, file, path] = &args[..] else { return Err(USAGE.into()) };
    let profile = Profiles::load(profiles)?.get(name)?.with_environment(|name| env::var_os(name))?;
    if let Some(warning) = profile.plain_http_warning() {
        eprintln!("{warning}");
    }

    let client =
        Client::builder().connection(&profile.connection()?).checkpoints("uploads").tokens("tokens").build()?;
    let receipt = client.put_to(&profile, path)?.file(file).send()?;
    println!("{receipt:?}");
    Ok(())
}
