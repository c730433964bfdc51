//! Uploads a file under a key of the program's own, such as a job's number. Another process resumes the upload by that
//! key, although the file has another path there: in another container, say, with the same folder of checkpoints mounted.
//! If the file was copied, what was sent is read and compared before the rest is sent.
//!
//! ```sh
//! export OSS_ENDPOINT=https://oss-cn-shenzhen.aliyuncs.com OSS_REGION=cn-shenzhen OSS_BUCKET=…
//! export OSS_ACCESS_KEY_ID=… OSS_ACCESS_KEY_SECRET=…
//! cargo run --example resume_elsewhere --features oss -- job-17 /shared/uploads FILE KEY
//! ```
use std::env;
use std::error::Error;

use resumable::Event;
use resumable::blocking::Client;
use resumable::oss::{self, Credential};

const USAGE: &str = "usage: resume_elsewhere JOB CHECKPOINTS FILE KEY";

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().collect();
    let [_, job, checkpoints, file, key] = &args[..] else { return Err(USAGE.into()) };
    let var = |name| env::var(name).map_err(|error| format!("{name}: {error}"));
    let to = oss::at_region(&var("OSS_ENDPOINT")?, &var("OSS_REGION")?, &var("OSS_BUCKET")?, key)?;
    let credential = Credential::new(var("OSS_ACCESS_KEY_ID")?, var("OSS_ACCESS_KEY_SECRET")?)?;

    let client = Client::builder().checkpoints(checkpoints).build()?;
    let put = client.put(to, credential).file(file).key(job.as_str());
    let receipt = put
        .on_event(|event| {
            if let Event::Began { resumed_from: Some(bytes), total } = event {
                println!("resumes at {bytes} of {total} bytes");
            }
        })
        .send()?;
    println!("{receipt:?}");
    Ok(())
}
