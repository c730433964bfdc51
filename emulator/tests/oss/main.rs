//! Aliyun OSS, as a client sees it.

mod auth;
mod disk;
mod faults;
mod field_bugs;
mod fuzz;
mod kit;
mod lists;
mod oss2;
mod rules;
mod socket;
