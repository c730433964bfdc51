//! Amazon S3, as a client sees it.

mod auth;
mod client;
mod rules;
