//! Uploads a file to a drive at 115. The first run logs in: a person scans a code with the 115 app and confirms. The
//! tokens are kept in the folder `tokens`; from then on they are refreshed whenever the vendor wants other ones, also while
//! uploads run, and by one process at a time.
//!
//! ```sh
//! export P115_CLIENT_ID=…          # the number of your application at https://open.115.com
//! cargo run --example tokens_115 --features 115 -- FILE /films/NAME
//! ```
//! `P115_ENDPOINT` names another host, such as an emulator's.
use std::env;

use resumable::BoxError;
use resumable::blocking::Client;
use resumable::p115::{Account, AccountTokens, LogIn, Options, P115};
use resumable::transport::CancelFlag;
use resumable::transport::net::Config;
use resumable::transports::{TransportKind, blocking_transport};

const USAGE: &str = "usage: tokens_115 FILE /FOLDER/NAME, with P115_CLIENT_ID";

fn main() -> Result<(), BoxError> {
    let args: Vec<String> = env::args().collect();
    let [_, file, path] = &args[..] else { return Err(USAGE.into()) };
    let client_id = env::var("P115_CLIENT_ID").map_err(|error| format!("P115_CLIENT_ID: {error}"))?;
    let account = match env::var("P115_ENDPOINT") {
        Ok(host) => Account::at("mine", &host, &host, &host)?,
        Err(_) => Account::new("mine"),
    };

    let options = Options::default().create_folders(true);
    let to = P115::new(account.site().clone(), account.name(), path.parse()?, options)?;

    let tokens = AccountTokens::new("tokens", account);
    let transport = blocking_transport(Config::default(), TransportKind::default())?;
    if !tokens.path().exists() {
        log_in(&tokens.log_in(client_id, transport.clone()))?;
    }

    let client = Client::builder().checkpoints("uploads").build()?;
    let receipt = client.put(to, tokens.credentials(transport)).file(file).send()?;
    println!("{receipt:?}");
    Ok(())
}

fn log_in(log_in: &LogIn) -> Result<(), BoxError> {
    let cancel = CancelFlag::new();
    let code = log_in.begin(&cancel)?;
    println!("make a QR code of this, scan it with the 115 app and confirm: {:?}", code.text());
    log_in.agreed(&code, &cancel, || println!("Scanned. Confirm on the phone."))?;
    println!("the tokens are in {}", log_in.finish(code, &cancel)?.display());
    Ok(())
}
