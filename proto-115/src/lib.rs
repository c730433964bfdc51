//! The 115 open platform for resumable.
