//! Fifty uploads that share temporary credentials. A server of one's own gives them out: here, to whoever connects, a line of
//! key id, secret, token, and for how many seconds they are good. It is asked before the first upload, ahead of their end,
//! and when the vendor refuses them; once for all uploads each time. A program in its place: `Credentials::command`.
//!
//! ```sh
//! export OSS_ENDPOINT=https://oss-cn-shenzhen.aliyuncs.com OSS_REGION=cn-shenzhen OSS_BUCKET=…
//! cargo run --example renewed_credentials --features oss -- keys.internal:7000
//! ```
use std::env;
use std::error::Error;
use std::io::{self, Read as _};
use std::net::TcpStream;
use std::time::Duration;

use resumable::blocking::Client;
use resumable::oss::{self, Credential};
use resumable::{BoxError, Credentials, Issued};

const USAGE: &str = "usage: renewed_credentials HOST:PORT";

fn main() -> Result<(), Box<dyn Error>> {
    let server = env::args().nth(1).ok_or(USAGE)?;
    let var = |name| env::var(name).map_err(|error| format!("{name}: {error}"));
    let (endpoint, region, bucket) = (var("OSS_ENDPOINT")?, var("OSS_REGION")?, var("OSS_BUCKET")?);

    let credentials = Credentials::refreshed(move || issue(&server));
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

fn issue(server: &str) -> Result<Issued<Credential>, BoxError> {
    let line = ask(server).map_err(|error| format!("{server} gives no credentials: {error}"))?;
    let words: Vec<&str> = line.split_whitespace().collect();
    let [id, secret, token, seconds] = words[..] else {
        return Err(format!("{server} gave {} words, not id, secret, token and seconds", words.len()).into());
    };
    let credential = Credential::temporary(id, secret.to_owned(), token.to_owned())?;
    Ok(Issued::lasting(credential, Duration::from_secs(seconds.parse()?)))
}

fn ask(server: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut line = String::new();
    stream.read_to_string(&mut line)?;
    Ok(line)
}
