//! Fifty uploads that share temporary credentials. A command gives them out: it prints a line of key id, secret, token, and
//! for how many seconds they are good, as a script around `aliyun sts AssumeRole` would. It is asked before the first upload,
//! ahead of their end, and when the vendor refuses them; once for all uploads each time.
//!
//! ```sh
//! export OSS_ENDPOINT=https://oss-cn-shenzhen.aliyuncs.com OSS_REGION=cn-shenzhen OSS_BUCKET=…
//! cargo run --example renewed_credentials --features oss -- ./assume-role arn:…
//! ```
use std::env;
use std::error::Error;
use std::process::Command;
use std::time::Duration;

use resumable::blocking::Client;
use resumable::oss::{self, Credential};
use resumable::{BoxError, Credentials, Issued};

const USAGE: &str = "usage: renewed_credentials COMMAND [ARGUMENT…]";

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    if args.is_empty() {
        return Err(USAGE.into());
    }
    let var = |name| env::var(name).map_err(|error| format!("{name}: {error}"));
    let (endpoint, region, bucket) = (var("OSS_ENDPOINT")?, var("OSS_REGION")?, var("OSS_BUCKET")?);

    let credentials = Credentials::refreshed(move || issue(Command::new(&args[0]).args(&args[1..])));
    let client = Client::builder().checkpoints("uploads").build()?;
    let mut puts = Vec::new();
    for number in 0..50 {
        let to = oss::at_region(&endpoint, &region, &bucket, &format!("notes/{number}.txt"))?;
        puts.push(client.put(to, credentials.clone()).memory(format!("note {number}\n")));
    }
    for receipt in client.put_all(puts).send() {
        println!("{}", receipt?.url.unwrap_or_default());
    }
    Ok(())
}

fn issue(command: &mut Command) -> Result<Issued<Credential>, BoxError> {
    eprintln!("asks for credentials");
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!("the command for credentials failed: {}", output.status).into());
    }
    let line = String::from_utf8(output.stdout)?;
    let words: Vec<&str> = line.split_whitespace().collect();
    let [id, secret, token, seconds] = words[..] else {
        return Err("the command for credentials printed something else than id, secret, token and seconds".into());
    };
    let credential = Credential::temporary(id, secret.to_owned(), token.to_owned())?;
    Ok(Issued::lasting(credential, Duration::from_secs(seconds.parse()?)))
}
