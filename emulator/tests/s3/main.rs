//! Amazon S3, as a client sees it.

mod auth;
mod boto3;
mod client;
mod disk;
mod faults;
mod fuzz;
mod lists;
mod rules;
#[cfg(feature = "listener")]
#[path = "../sdk/mod.rs"]
mod sdk;
mod socket;
mod switches;
