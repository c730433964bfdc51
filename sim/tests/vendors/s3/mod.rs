//! Uploads to S3, and to servers that speak it.

mod enumerated;
mod planned;
mod random;
mod signed;
