//! Aliyun OSS, as a client sees it.

mod auth;
mod disk;
mod faults;
mod fuzz;
mod kit;
mod lists;
mod rules;
mod socket;
