//! A stream of an async program, as something that a thread can read.
//!
//! ```text
//! stream ─► Feed (polled with the upload) ─► two pieces at most ─► Pieces (read where it may block) ─► temporary file
//! ```

use std::io::{self, ErrorKind, Read};
use std::pin::pin;

use bytes::{Buf as _, Bytes};
use futures::channel::mpsc;
use futures::future::BoxFuture;
use futures::io::{AsyncRead, AsyncReadExt as _};
use futures::{SinkExt as _, Stream, StreamExt as _, stream};
use resumable_transport::CancelFlag;

use crate::credentials::{BoxError, block_on};

/// How much of a reader is read at a time.
const PIECE: usize = 64 * 1024;

/// Takes pieces from the stream as long as they are read.
pub(crate) type Feed = BoxFuture<'static, ()>;

/// The pieces of a stream.
pub(crate) struct Pieces {
    come: mpsc::Receiver<Result<Bytes, BoxError>>,
    current: Bytes,
}

/// Both ends for this stream.
pub(crate) fn feed<B, E>(stream: impl Stream<Item = Result<B, E>> + Send + 'static) -> (Pieces, Feed)
where
    B: Into<Bytes> + Send,
    E: Into<BoxError> + Send,
{
    let (mut give, come) = mpsc::channel(1);
    let feed = async move {
        let mut stream = pin!(stream.map(|piece| piece.map(Into::into).map_err(Into::into)));
        while let Some(piece) = stream.next().await {
            if give.send(piece).await.is_err() {
                return;
            }
        }
    };
    (Pieces { come, current: Bytes::new() }, Box::pin(feed))
}

/// What an async reader reads.
pub(crate) fn pieces_of(reader: impl AsyncRead + Send + 'static) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::try_unfold(Box::pin(reader), |mut reader| async move {
        let mut buffer = vec![0; PIECE];
        let count = reader.read(&mut buffer).await?;
        buffer.truncate(count);
        Ok((count > 0).then(|| (Bytes::from(buffer), reader)))
    })
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // The reader looks now and then whether the upload is still wanted.
        let now_and_then = CancelFlag::new();
        now_and_then.cancel();
        while self.current.is_empty() {
            match block_on(&now_and_then, |context| self.come.poll_next_unpin(context)) {
                Some(Some(Ok(piece))) => self.current = piece,
                Some(Some(Err(error))) => return Err(io::Error::other(error)),
                Some(None) => return Ok(0),
                None => return Err(ErrorKind::Interrupted.into()),
            }
        }
        let count = self.current.len().min(buffer.len());
        self.current.copy_to_slice(&mut buffer[..count]);
        Ok(count)
    }
}
