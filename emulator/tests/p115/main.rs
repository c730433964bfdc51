//! The 115 open platform, as a client sees it.

mod answers;
mod challenge;
mod disk;
mod drive;
mod faults;
mod field_bugs;
mod flow;
mod fuzz;
mod init;
mod kit;
mod login;
mod oss;
mod resume;
mod socket;
mod tokens;
