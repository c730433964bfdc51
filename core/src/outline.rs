/// What an upload takes from its beginning to its end, if the vendor has nothing of it and nothing goes wrong. Taken from
/// the source's length and the vendor's options alone: nothing is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outline {
    /// In how many parts the content is sent; 1 where it goes in one request.
    pub parts: u64,
    /// How many requests it takes at least, those for parts among them.
    pub requests: u64,
    /// The whole source is read for digests before any of it is sent.
    pub reads_all_first: bool,
}

impl Outline {
    /// So many parts and so many requests.
    pub fn new(parts: u64, requests: u64, reads_all_first: bool) -> Self {
        Self { parts, requests, reads_all_first }
    }
}
