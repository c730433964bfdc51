//! Aliyun OSS, as a client sees it.

mod auth;
mod client;
mod description;
mod disk;
mod faults;
mod field_bugs;
mod fuzz;
mod lists;
mod oss2;
mod rules;
#[cfg(feature = "listener")]
#[path = "../sdk/mod.rs"]
mod sdk;
mod socket;
