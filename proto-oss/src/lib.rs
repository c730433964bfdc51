//! Aliyun OSS for resumable.
