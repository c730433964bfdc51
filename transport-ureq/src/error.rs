//! Errors on their way through ureq, and back.

use std::io;

use resumable_transport::WireError;

/// Hands an error of ours to ureq, which hands it on.
pub(crate) fn into_ureq(error: WireError) -> ureq::Error {
    ureq::Error::Other(Box::new(error))
}

/// What an error of ureq means; one of ours is taken out again.
pub(crate) fn from_ureq(error: ureq::Error) -> WireError {
    match error {
        ureq::Error::Other(other) => match other.downcast() {
            Ok(ours) => *ours,
            Err(other) => WireError::Other(other.to_string()),
        },
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => WireError::ReplyCut,
        ureq::Error::Io(error) => WireError::Other(error.to_string()),
        ureq::Error::Protocol(error) => WireError::Garbage(error.to_string()),
        // Its text is the whole address, the query with its signature included.
        ureq::Error::BadUri(_) => WireError::Address,
        other => WireError::Other(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_ureq_refuses_is_not_repeated() {
        let error = from_ureq(ureq::Error::BadUri("https://h/?sign=s3cret".into()));
        assert!(!error.to_string().contains("s3cret"));
    }
}
