//! Amazon S3, as a client sees it.

mod auth;
mod client;
mod disk;
mod faults;
mod fuzz;
mod lists;
mod rules;
mod socket;
mod switches;
