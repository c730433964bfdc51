//! Tencent COS XML, as a client sees it.

mod auth;
mod checklist;
mod client;
mod disk;
mod faults;
mod fuzz;
mod hostile;
mod keys;
mod lists;
mod rules;
#[cfg(feature = "listener")]
#[path = "../sdk/mod.rs"]
mod sdk;
mod sdks;
mod socket;
mod switches;
