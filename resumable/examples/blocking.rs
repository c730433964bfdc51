//! Uploads a file to OSS, to the key that its path is. After a crash, or an error, the same command resumes where it stopped.
//!
//! ```sh
//! export OSS_ENDPOINT=https://oss-cn-shenzhen.aliyuncs.com OSS_REGION=cn-shenzhen OSS_BUCKET=…
//! export OSS_ACCESS_KEY_ID=… OSS_ACCESS_KEY_SECRET=…
//! cargo run --example blocking --features oss -- dir/big.bin
//! ```
use resumable::blocking::Client;
use resumable::oss::{self, Credential};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("usage: blocking FILE")?;
    let var = |name| std::env::var(name).map_err(|error| format!("{name}: {error}"));
    let to = oss::at_region(&var("OSS_ENDPOINT")?, &var("OSS_REGION")?, &var("OSS_BUCKET")?, &file)?;
    let credential = Credential::new(var("OSS_ACCESS_KEY_ID")?, var("OSS_ACCESS_KEY_SECRET")?)?;
    let client = Client::builder().checkpoints("uploads").build()?;
    let receipt = client.put(to, credential).file(file).send()?;
    println!("{receipt:?}");
    Ok(())
}
