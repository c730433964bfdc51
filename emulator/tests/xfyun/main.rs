//! iFLYTEK's file upload, as a client sees it.

mod client;
mod disk;
mod faults;
mod field_bugs;
mod fuzz;
mod gateway;
mod rules;
mod socket;
mod vectors;
