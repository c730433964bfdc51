//! Keeps checkpoints in a place of the program's own. Here it is a map; with a table of a database in its place, uploads go
//! on on any machine that reaches the database. The upload is stopped halfway, and goes on by what the map holds.
//!
//! ```sh
//! export OSS_ENDPOINT=https://oss-cn-shenzhen.aliyuncs.com OSS_REGION=cn-shenzhen OSS_BUCKET=…
//! export OSS_ACCESS_KEY_ID=… OSS_ACCESS_KEY_SECRET=…
//! cargo run --example own_store --features oss -- FILE KEY
//! ```
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{env, io};

use resumable::blocking::Client;
use resumable::file::LockError;
use resumable::oss::{self, Credential};
use resumable::{ErrorKind, Key, Progress, Store, StoreGuard};

const USAGE: &str = "usage: own_store FILE KEY";

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().collect();
    let [_, file, key] = &args[..] else { return Err(USAGE.into()) };
    let var = |name| env::var(name).map_err(|error| format!("{name}: {error}"));
    let to = oss::at_region(&var("OSS_ENDPOINT")?, &var("OSS_REGION")?, &var("OSS_BUCKET")?, key)?;
    let credential = Credential::new(var("OSS_ACCESS_KEY_ID")?, var("OSS_ACCESS_KEY_SECRET")?)?;

    let table = Table::default();
    let client = Client::builder().store(table.clone()).window(1).build()?;

    let put = client.put(to.clone(), credential.clone()).file(file);
    let handle = put.handle();
    let halfway = move |now: &Progress| {
        if now.confirmed > 0 {
            handle.stop();
        }
    };
    match put.on_progress(halfway).send() {
        Err(error) if error.kind() == ErrorKind::Stopped => println!("{error}; rows: {}", table.rows().len()),
        other => println!("it took one request: {:?}", other?),
    }

    let receipt = client.put(to, credential).file(file).send()?;
    println!("{receipt:?}; rows: {}", table.rows().len());
    Ok(())
}

/// A row for each upload that is not finished. Clones are the same table.
#[derive(Clone, Default)]
struct Table(Arc<Mutex<HashMap<Key, Row>>>);

#[derive(Default)]
struct Row {
    /// Somebody works on the upload. A database has locks for that which end with the connection, like `pg_advisory_lock`.
    locked: bool,
    record: Option<Vec<u8>>,
}

impl Table {
    fn rows(&self) -> MutexGuard<'_, HashMap<Key, Row>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Table {
    fn lock(&self, key: &Key) -> Result<Box<dyn StoreGuard>, LockError> {
        let mut rows = self.rows();
        let row = rows.entry(key.clone()).or_default();
        if row.locked {
            return Err(LockError::Held(None));
        }
        row.locked = true;
        Ok(Box::new(LockedRow { table: self.clone(), key: key.clone() }))
    }
}

struct LockedRow {
    table: Table,
    key: Key,
}

impl StoreGuard for LockedRow {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        Ok(self.table.rows().get(&self.key).and_then(|row| row.record.clone()))
    }

    fn save(&self, record: &[u8]) -> io::Result<()> {
        self.table.rows().entry(self.key.clone()).or_default().record = Some(record.to_vec());
        Ok(())
    }

    fn remove(&self) -> io::Result<()> {
        self.table.rows().entry(self.key.clone()).or_default().record = None;
        Ok(())
    }
}

impl Drop for LockedRow {
    fn drop(&mut self) {
        let mut rows = self.table.rows();
        match rows.get_mut(&self.key) {
            Some(row) if row.record.is_some() => row.locked = false,
            _ => drop(rows.remove(&self.key)),
        }
    }
}
