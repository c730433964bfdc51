//! Uploads a file to OSS with tokio, and shows how far it is. Ctrl-C lets what is under way arrive, and ends the upload so
//! that the same command resumes it; a second Ctrl-C does not wait.
//!
//! ```sh
//! export OSS_ENDPOINT=https://oss-cn-shenzhen.aliyuncs.com OSS_REGION=cn-shenzhen OSS_BUCKET=…
//! export OSS_ACCESS_KEY_ID=… OSS_ACCESS_KEY_SECRET=…
//! cargo run --example async_progress --features oss,reqwest -- FILE KEY
//! ```
use std::env;
use std::error::Error;
use std::time::Duration;

use resumable::Client;
use resumable::oss::{self, Credential};
use tokio::signal::ctrl_c;

const USAGE: &str = "usage: async_progress FILE KEY";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().collect();
    let [_, file, key] = &args[..] else { return Err(USAGE.into()) };
    let var = |name| env::var(name).map_err(|error| format!("{name}: {error}"));
    let to = oss::at_region(&var("OSS_ENDPOINT")?, &var("OSS_REGION")?, &var("OSS_BUCKET")?, key)?;
    let credential = Credential::new(var("OSS_ACCESS_KEY_ID")?, var("OSS_ACCESS_KEY_SECRET")?)?;

    let client = Client::builder().checkpoints("uploads").build()?;
    let put = client.put(to, credential).file(file);
    let put = put.on_progress(|now| eprint!("\r{} of {} bytes ({:?})\x1b[K", now.confirmed, now.total, now.phase));

    let handle = put.handle();
    tokio::spawn(async move {
        ctrl_c().await?;
        eprintln!("\nlets what is under way arrive; Ctrl-C stops at once");
        handle.drain(Duration::from_secs(300));
        ctrl_c().await?;
        handle.stop();
        std::io::Result::Ok(())
    });

    // Once it is drained or stopped, this is an error that says how far the upload is.
    println!("\n{:?}", put.send().await?);
    Ok(())
}
