//! Uploads the files of a folder side by side: they share one window of requests, one rate, and one progress. Each line on
//! stdin is another rate in bytes per second, 0 for none; the uploads that run follow it.
//!
//! ```sh
//! export OSS_ENDPOINT=https://oss-cn-shenzhen.aliyuncs.com OSS_REGION=cn-shenzhen OSS_BUCKET=…
//! export OSS_ACCESS_KEY_ID=… OSS_ACCESS_KEY_SECRET=…
//! cargo run --example many_files --features oss -- FOLDER 1000000
//! ```
use std::error::Error;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::{env, fs, io, thread};

use resumable::blocking::Client;
use resumable::oss::{self, Credential};

const USAGE: &str = "usage: many_files FOLDER BYTES_PER_SECOND";

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().collect();
    let [_, folder, rate] = &args[..] else { return Err(USAGE.into()) };
    let rate: u64 = rate.parse().map_err(|error| format!("BYTES_PER_SECOND: {error}"))?;
    let var = |name| env::var(name).map_err(|error| format!("{name}: {error}"));
    let (endpoint, region, bucket) = (var("OSS_ENDPOINT")?, var("OSS_REGION")?, var("OSS_BUCKET")?);
    let credential = Credential::new(var("OSS_ACCESS_KEY_ID")?, var("OSS_ACCESS_KEY_SECRET")?)?;

    let client = Client::builder().checkpoints("uploads").build()?;
    client.limits().set_rate(NonZeroU64::new(rate));
    let limits = client.limits().clone();
    thread::spawn(move || {
        for line in io::stdin().lines().map_while(Result::ok) {
            match line.trim().parse() {
                Ok(rate) => limits.set_rate(NonZeroU64::new(rate)),
                Err(error) => eprintln!("{line:?} is no rate: {error}"),
            }
        }
    });

    let files = files(folder).map_err(|error| format!("{folder}: {error}"))?;
    let mut puts = Vec::new();
    for file in &files {
        let name = file.file_name().and_then(|name| name.to_str()).ok_or("a file's name is no UTF-8")?;
        let to = oss::at_region(&endpoint, &region, &bucket, name)?;
        puts.push(client.put(to, credential.clone()).file(file));
    }
    let results = client
        .put_all(puts)
        .on_progress(|all| eprint!("\r{} of {} files, {} of {} bytes", all.done, all.uploads, all.confirmed, all.total))
        .send();

    for (file, result) in files.iter().zip(&results) {
        match result {
            Ok(receipt) => println!("{}: {}", file.display(), receipt.url.as_deref().unwrap_or_default()),
            Err(error) => println!("{}: {error}", file.display()),
        }
    }
    let failed = results.iter().filter(|result| result.is_err()).count();
    if failed == 0 { Ok(()) } else { Err(format!("{failed} files are not uploaded").into()) }
}

fn files(folder: impl AsRef<Path>) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            files.push(entry.path());
        }
    }
    Ok(files)
}
