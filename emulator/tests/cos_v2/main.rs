//! Tencent COS JSON API v2, as a client sees it.

#[path = "../cos_client/mod.rs"]
mod client;
mod clock;
mod disk;
mod faults;
mod field_bugs;
mod fuzz;
mod null;
mod objects;
mod refusals;
mod requests;
mod uploads;
