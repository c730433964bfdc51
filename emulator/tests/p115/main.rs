//! The 115 open platform, as a client sees it.

mod answers;
mod challenge;
mod client;
mod disk;
mod drive;
mod faults;
mod field_bugs;
mod flow;
mod fuzz;
mod init;
mod login;
mod oss;
mod resume;
mod socket;
mod tokens;
