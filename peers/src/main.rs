//! One file to an S3 bucket by another library: parts of 8 MiB, four at once, no checksum.
//!
//! `resumable-peers rusty-s3|opendal|object_store FILE`, with `S3_ENDPOINT`, `S3_BUCKET`, `S3_REGION`, `S3_KEY_ID` and
//! `S3_SECRET` in the environment.

use std::env;
use std::error::Error;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::buffered::BufWriter;
use object_store::path::Path;
use rusty_s3::actions::{CompleteMultipartUpload, CreateMultipartUpload, S3Action as _, UploadPart};
use rusty_s3::{Bucket, Credentials, UrlStyle};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const PART: u64 = 8 << 20;
const AT_ONCE: usize = 4;
const KEY: &str = "content";

struct Service {
    endpoint: String,
    bucket: String,
    region: String,
    id: String,
    secret: String,
}

impl Service {
    fn from_env() -> Result<Self> {
        let var = |name: &str| env::var(name).map_err(|why| format!("{name}: {why}"));
        Ok(Self {
            endpoint: var("S3_ENDPOINT")?,
            bucket: var("S3_BUCKET")?,
            region: var("S3_REGION")?,
            id: var("S3_KEY_ID")?,
            secret: var("S3_SECRET")?,
        })
    }
}

fn main() -> Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    let service = Service::from_env()?;
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["rusty-s3", file] => rusty_s3(&service, file),
        ["opendal", file] => opendal(service, file),
        ["object_store", file] => object_store(service, file),
        _ => Err("usage: resumable-peers rusty-s3|opendal|object_store FILE".into()),
    }
}

/// Its requests are carried by ureq, from four threads.
fn rusty_s3(service: &Service, file: &str) -> Result<()> {
    let bucket =
        Bucket::new(service.endpoint.parse()?, UrlStyle::Path, service.bucket.clone(), service.region.clone())?;
    let credentials = Credentials::new(service.id.clone(), service.secret.clone());
    let (agent, valid) = (ureq::Agent::new_with_defaults(), Duration::from_secs(3600));
    let len = File::open(file)?.metadata()?.len();
    let create = CreateMultipartUpload::new(&bucket, Some(&credentials), KEY).sign(valid);
    let mut answer = agent.post(create.as_str()).send_empty()?;
    let created = CreateMultipartUpload::parse_response(&answer.body_mut().read_to_string()?)?;
    let (count, next) = (len.div_ceil(PART).max(1), AtomicU64::new(0));
    let worker = || -> Result<Vec<(u64, String)>> {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return Ok(done);
            }
            let start = number * PART;
            let size = PART.min(len - start);
            let mut source = File::open(file)?;
            source.seek(SeekFrom::Start(start))?;
            let nth = u16::try_from(number + 1)?;
            let put = UploadPart::new(&bucket, Some(&credentials), KEY, nth, created.upload_id()).sign(valid);
            let body = ureq::SendBody::from_owned_reader(source.take(size));
            let answer = agent.put(put.as_str()).header("content-length", size.to_string()).send(body)?;
            let etag = answer.headers().get("etag").ok_or("no ETag")?.to_str()?;
            done.push((number, etag.to_owned()));
        }
    };
    let mut parts = thread::scope(|scope| -> Result<Vec<(u64, String)>> {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(worker)).collect();
        let mut all = Vec::new();
        for worker in workers {
            all.extend(worker.join().map_err(|_| "a worker panicked")??);
        }
        Ok(all)
    })?;
    parts.sort_unstable();
    let etags = parts.iter().map(|(_, etag)| etag.as_str());
    let complete = CompleteMultipartUpload::new(&bucket, Some(&credentials), KEY, created.upload_id(), etags);
    let url = complete.sign(valid);
    agent.post(url.as_str()).send(complete.body())?;
    Ok(())
}

#[tokio::main]
async fn opendal(service: Service, file: &str) -> Result<()> {
    let builder = opendal::services::S3::default()
        .endpoint(&service.endpoint)
        .bucket(&service.bucket)
        .region(&service.region)
        .access_key_id(&service.id)
        .secret_access_key(&service.secret)
        .disable_config_load()
        .disable_ec2_metadata();
    let operator = opendal::Operator::new(builder)?;
    let chunk = usize::try_from(PART)?;
    let mut writer = operator.writer_with(KEY).chunk(chunk).concurrent(AT_ONCE).await?;
    let mut source = tokio::fs::File::open(file).await?;
    loop {
        let mut piece = Vec::with_capacity(chunk);
        if (&mut source).take(PART).read_to_end(&mut piece).await? == 0 {
            break;
        }
        writer.write(piece).await?;
    }
    writer.close().await?;
    Ok(())
}

#[tokio::main]
async fn object_store(service: Service, file: &str) -> Result<()> {
    let store = AmazonS3Builder::new()
        .with_endpoint(service.endpoint)
        .with_bucket_name(service.bucket)
        .with_region(service.region)
        .with_access_key_id(service.id)
        .with_secret_access_key(service.secret)
        .with_virtual_hosted_style_request(false)
        .with_allow_http(true)
        .build()?;
    let mut writer = BufWriter::with_capacity(Arc::new(store), Path::from(KEY), usize::try_from(PART)?)
        .with_max_concurrency(AT_ONCE);
    let mut source = tokio::fs::File::open(file).await?;
    tokio::io::copy(&mut source, &mut writer).await?;
    writer.shutdown().await?;
    Ok(())
}
