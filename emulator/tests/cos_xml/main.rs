//! Tencent COS XML, as a client sees it.

mod auth;
mod checklist;
mod client;
mod disk;
mod faults;
mod fuzz;
mod keys;
mod lists;
mod rules;
mod socket;
mod switches;
