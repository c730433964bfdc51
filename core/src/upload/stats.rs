/// What an upload did in this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Requests handed to the host.
    pub requests: u64,
    /// Answers of the vendor's, good and bad.
    pub answers: u64,
    /// Calls that carried bytes of the source and were answered with success.
    pub parts: u64,
    /// Calls that were planned again after a failure.
    pub retries: u64,
    /// Sessions lost.
    pub restarts: u32,
    /// Second passes over the source because the vendor disagreed.
    pub rehashes: u32,
    /// Checkpoints made durable.
    pub saves: u64,
    /// Bytes of the source that were read for requests, as far as the host reported them.
    pub bytes_sent: u64,
}
