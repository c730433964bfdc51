//! Uploads bytes from memory, and what a pipe gives. The pipe's length is not known, so it is first written to a temporary
//! file.
//!
//! ```sh
//! export OSS_ENDPOINT=https://oss-cn-shenzhen.aliyuncs.com OSS_REGION=cn-shenzhen OSS_BUCKET=…
//! export OSS_ACCESS_KEY_ID=… OSS_ACCESS_KEY_SECRET=…
//! pg_dump shop | cargo run --example memory_and_pipe --features oss -- dumps/shop
//! ```
use std::error::Error;
use std::{env, io};

use resumable::blocking::Client;
use resumable::oss::{self, Credential};

const USAGE: &str = "usage: … | memory_and_pipe KEY";

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().collect();
    let [_, key] = &args[..] else { return Err(USAGE.into()) };
    let var = |name| env::var(name).map_err(|error| format!("{name}: {error}"));
    let (endpoint, region, bucket) = (var("OSS_ENDPOINT")?, var("OSS_REGION")?, var("OSS_BUCKET")?);
    let credential = Credential::new(var("OSS_ACCESS_KEY_ID")?, var("OSS_ACCESS_KEY_SECRET")?)?;
    let client = Client::builder().checkpoints("uploads").build()?;

    let to = oss::at_region(&endpoint, &region, &bucket, key)?;
    let dump = client.put(to, credential.clone()).spool(io::stdin()).send()?;
    println!("{dump:?}");

    let note = format!("complete: {}\n", dump.url.unwrap_or_default());
    let to = oss::at_region(&endpoint, &region, &bucket, &format!("{key}.txt"))?;
    println!("{:?}", client.put(to, credential).memory(note).send()?);
    Ok(())
}
