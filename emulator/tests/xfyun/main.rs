//! iFLYTEK's file upload, as a client sees it.

mod disk;
mod faults;
mod field_bugs;
mod fuzz;
mod gateway;
mod kit;
mod rules;
mod socket;
mod vectors;
