//! How a program's own test meets a vendor that misbehaves: an emulator on a loopback port, a fault that is planned, and a
//! look at what has arrived. Put `resumable-emulator` among the dev-dependencies, and the body of `main` into a `#[test]`.
//!
//! ```sh
//! cargo run --example emulator_in_a_test --features oss
//! ```
use std::error::Error;

use resumable::blocking::Client;
use resumable::oss::{self, Credential};
use resumable::{How, MemoryStore};
use resumable_emulator::{Config, Fault, Listener, Rule};

fn main() -> Result<(), Box<dyn Error>> {
    let server = Listener::start(Config::default())?;
    // The object is put together, and the answer that says so is lost.
    server.emulator().inject(Rule::once("complete", Fault::DropReply));

    let account = &server.emulator().config().oss.accounts[0];
    let credential = Credential::new(account.access_key_id.clone(), account.access_key_secret.clone())?;
    let to = oss::at_region(&server.base_url(), "cn-hangzhou", "examplebucket", "big.bin")?;
    let to = to.with_options(oss::Options::default().part_size(100 << 10).one_request_max(0))?;
    let content: Vec<u8> = (0..1 << 20).map(|at: u32| at.to_le_bytes()[1]).collect();

    let client = Client::builder().store(MemoryStore::new()).build()?;
    let receipt = client.put(to, credential).memory(content.clone()).send()?;

    assert_eq!(receipt.how, How::Parts);
    assert_eq!(server.emulator().oss().read_object("examplebucket", "big.bin")?, Some(content));
    assert_eq!(server.emulator().totals().received_file_bytes, 1 << 20, "no part was sent twice");
    let ops: Vec<String> = server.emulator().log().into_iter().map(|entry| entry.op).collect();
    println!("{}", ops.join("\n"));
    Ok(())
}
