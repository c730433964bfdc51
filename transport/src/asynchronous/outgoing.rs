//! A request body on its way out, as a stream.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::channel::oneshot;
use futures::{FutureExt as _, Stream};
use resumable_core::{Body, Segment};

use super::offload::{Offload, Threads};
use super::progress::Progress;
use super::reading::{Piece, Read, Reader};
use super::report::{Report, Shared};
use super::timer::{Sleep, Timer};
use crate::cancel_flag::CancelFlag;
use crate::clock::Clock;
use crate::rate::Rate;
use crate::source::Source;

/// The longest piece that is read and given away at a time.
const PIECE: usize = 128 * 1024;

/// A [`Body`] as a stream of exactly [`len`](Self::len) bytes, given away no faster than a limit allows.
///
/// Ranges of the source are read in pieces of 128 KiB at most. What is at hand ([`Source::read_now`]) is read by the thread
/// that polls, unless digests are to be taken that cost more than the reading. The rest is read elsewhere, in one job for
/// each piece ([`Offload`]): a piece is read, and its digests are taken, while the one before is sent. So a body holds
/// some four pieces whatever its length, whose memory is used again, never blocks the thread that polls it, and occupies no other thread while it
/// waits. A body without ranges of the source has no jobs.
pub struct Outgoing {
    len: u64,
    given: u64,
    feed: Feed,
    offload: Arc<dyn Offload>,
    cancel: CancelFlag,
    /// Locked by nobody: what is in it need not be `Sync`, and the stream is.
    pace: Mutex<Pacing>,
    progress: Arc<Progress>,
    shared: Arc<Shared>,
}

struct Pacing {
    rate: Rate,
    clock: Clock,
    timer: Option<Arc<dyn Timer>>,
    on_read: Box<dyn FnMut(u64) + Send>,
    /// The piece whose time has not come yet.
    held: Option<(Piece, Sleep)>,
    /// What of a piece is longer than the limit allows at a time: it was read before the limit was what it is.
    rest: Option<Piece>,
}

impl Pacing {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Piece>> {
        if let Some((_, sleep)) = &mut self.held {
            ready!(sleep.as_mut().poll(context));
        }
        Poll::Ready(self.held.take().map(|(piece, _)| piece))
    }

    /// Takes a piece with bytes of the source, which is given back at once, or when its time has come; a long one in
    /// pieces.
    fn take(&mut self, mut piece: Piece) -> Option<Piece> {
        (self.on_read)(piece.source_read);
        self.rest = piece.split_off(self.rate.piece());
        let bytes = piece.bytes.len() as u64;
        let wait = self.rate.take(bytes, self.clock.now().mono);
        match &self.timer {
            Some(timer) if !wait.is_zero() => {
                self.held = Some((piece, timer.sleep(wait)));
                None
            }
            _ => Some(piece),
        }
    }
}

enum Feed {
    Memory(VecDeque<Segment>),
    /// No piece is being read yet.
    Idle(Reader),
    Reading(oneshot::Receiver<Read>),
    Ended,
}

impl Outgoing {
    /// A stream of `body` over `source`, until it is cancelled, and what will be known of it.
    pub fn new(body: Body, source: Arc<dyn Source>, cancel: CancelFlag) -> (Self, Report) {
        let shared = Arc::new(Shared::new(&body, &*source));
        let (len, report) = (body.len(), Report::of(&shared));
        let feed = if body.source_len() == 0 {
            Feed::Memory(body.segments().iter().cloned().collect())
        } else {
            Feed::Idle(Reader::new(body, source, Arc::clone(&shared)))
        };
        let clock = Clock::start();
        let pace =
            Pacing { rate: Rate::unlimited(), clock, timer: None, on_read: Box::new(|_| ()), held: None, rest: None };
        let outgoing = Self {
            len,
            given: 0,
            feed,
            offload: Arc::new(Threads::new()),
            cancel,
            pace: Mutex::new(pace),
            progress: Arc::new(Progress::new(clock)),
            shared,
        };
        (outgoing, report)
    }

    /// Tells how many source bytes were read, before they are given away.
    #[must_use]
    pub fn on_read(mut self, on_read: impl FnMut(u64) + Send + 'static) -> Self {
        self.pace().on_read = Box::new(on_read);
        self
    }

    /// Gives source bytes away no faster than this, by this timer.
    #[must_use]
    pub fn at_rate(mut self, rate: &Rate, timer: Arc<dyn Timer>) -> Self {
        let pace = self.pace();
        pace.rate = rate.clone();
        pace.timer = Some(timer);
        self
    }

    /// Goes by this clock, in what it gives away and in what its [`Watch`](super::Watch) sees.
    #[must_use]
    pub fn by(mut self, clock: Clock) -> Self {
        self.pace().clock = clock;
        self.progress = Arc::new(Progress::new(clock));
        self
    }

    /// Reads the source there; on threads of the body's own if this is not called.
    #[must_use]
    pub fn on(mut self, offload: Arc<dyn Offload>) -> Self {
        self.offload = offload;
        self
    }

    /// How many bytes the stream has in all: the request's `Content-Length`.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// True for a body without bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    fn pace(&mut self) -> &mut Pacing {
        self.pace.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<Piece>>> {
        if self.cancel.is_set() && !matches!(self.feed, Feed::Ended) {
            return Poll::Ready(Err(io::Error::other("the request was cancelled")));
        }
        loop {
            if let Some(piece) = ready!(self.pace().poll(context)) {
                return Poll::Ready(Ok(Some(piece)));
            }
            let piece = match self.pace().rest.take() {
                Some(rest) => rest,
                None => match ready!(self.poll_feed(context))? {
                    Some(piece) => piece,
                    None => return Poll::Ready(Ok(None)),
                },
            };
            let of_source = piece.source_read > self.shared.source_read();
            let piece = if of_source { self.pace().take(piece) } else { Some(piece) };
            if piece.is_some() {
                return Poll::Ready(Ok(piece));
            }
        }
    }

    fn poll_feed(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<Piece>>> {
        if let Feed::Idle(_) = self.feed
            && let Feed::Idle(reader) = std::mem::replace(&mut self.feed, Feed::Ended)
        {
            match reader.piece_now(self.most())? {
                (Some(piece), reader) => {
                    self.feed = if reader.left() > 0 { Feed::Idle(reader) } else { Feed::Ended };
                    return Poll::Ready(Ok(Some(piece)));
                }
                (None, reader) => self.read(reader)?,
            }
        }
        match &mut self.feed {
            Feed::Reading(told) => {
                let read = ready!(told.poll_unpin(context));
                self.feed = Feed::Ended;
                let (piece, reader) = read.unwrap_or_else(|_| Err(io::Error::other("the read was given up")))?;
                if reader.left() > 0 {
                    self.go_on(reader)?;
                }
                Poll::Ready(Ok(Some(piece)))
            }
            Feed::Memory(segments) => Poll::Ready(Ok(segments.pop_front().and_then(in_memory))),
            Feed::Idle(_) | Feed::Ended => Poll::Ready(Ok(None)),
        }
    }

    /// The next piece is read while this one is sent, or when it is asked for, if it may be at hand.
    fn go_on(&mut self, reader: Reader) -> io::Result<()> {
        if reader.reads_elsewhere() {
            return self.read(reader);
        }
        self.feed = Feed::Idle(reader);
        Ok(())
    }

    fn read(&mut self, reader: Reader) -> io::Result<()> {
        self.feed = Feed::Reading(reader.begin(self.most(), &*self.offload)?);
        Ok(())
    }

    fn most(&mut self) -> usize {
        self.pace().rate.piece().min(PIECE)
    }

    fn end(&mut self) {
        self.feed = Feed::Ended;
        (self.pace().held, self.pace().rest) = (None, None);
    }
}

fn in_memory(segment: Segment) -> Option<Piece> {
    match segment {
        Segment::Bytes(bytes) => Some(Piece { bytes, source_read: 0 }),
        Segment::Source(_) => None,
    }
}

impl Stream for Outgoing {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.given == self.len {
            if self.len == 0 {
                self.progress.gives(true);
            }
            self.end();
            return Poll::Ready(None);
        }
        self.progress.reads();
        match ready!(self.poll_piece(context)) {
            Ok(Some(piece)) => {
                self.given += piece.bytes.len() as u64;
                self.progress.gives(self.given == self.len);
                self.shared.gave(piece.source_read);
                Poll::Ready(Some(Ok(piece.bytes)))
            }
            Ok(None) => Poll::Ready(None),
            Err(error) => {
                self.end();
                Poll::Ready(Some(Err(error)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;
    use std::ops::Range;
    use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
    use std::thread;
    use std::time::Duration;

    use futures::executor::block_on;

    use futures::StreamExt as _;
    use futures::channel::mpsc;
    use resumable_core::{HashKind, Hasher, Observed, SourceInfo};

    use super::*;
    use crate::source::SourceError;

    /// Counts its reads; panics where it has no byte.
    struct Counted {
        bytes: Vec<u8>,
        reads: AtomicUsize,
        panics: bool,
    }

    impl Counted {
        fn new(bytes: impl Into<Vec<u8>>) -> Arc<Self> {
            Arc::new(Self { bytes: bytes.into(), reads: AtomicUsize::new(0), panics: false })
        }
    }

    impl Source for Counted {
        fn info(&self) -> Result<SourceInfo, SourceError> {
            Err(SourceError::Missing("not asked for".to_owned()))
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, SourceError> {
            self.reads.fetch_add(1, Ordering::SeqCst);
            let rest = &self.bytes[usize::try_from(offset).unwrap().min(self.bytes.len())..];
            assert!(!self.panics || !rest.is_empty(), "a defect in the source");
            let count = rest.len().min(buffer.len());
            buffer[..count].copy_from_slice(&rest[..count]);
            Ok(count)
        }
    }

    fn body(range: Range<u64>) -> Body {
        let mut body = Body::from(Bytes::from_static(b"<")).observing(&[HashKind::Md5]);
        body.push(Segment::Source(range));
        body.push(Segment::Bytes(Bytes::from_static(b">")));
        body
    }

    fn md5(bytes: &[u8]) -> resumable_core::Digest {
        let mut md5 = Hasher::new(HashKind::Md5).unwrap();
        md5.update(bytes);
        md5.finish()
    }

    /// All pieces, or the first error.
    fn read_all(outgoing: &mut Outgoing) -> io::Result<Vec<Bytes>> {
        block_on(async {
            let mut pieces = Vec::new();
            while let Some(piece) = outgoing.next().await {
                pieces.push(piece?);
            }
            Ok(pieces)
        })
    }

    #[test]
    fn gives_exactly_its_length_and_hashes_the_source_bytes_alone() {
        let (mut outgoing, report) = Outgoing::new(body(2..9), Counted::new(b"0123456789"), CancelFlag::new());
        assert_eq!((outgoing.len(), report.observed()), (9, Observed::none()));
        assert_eq!(read_all(&mut outgoing).unwrap().concat(), b"<2345678>");
        assert_eq!(report.observed().get(HashKind::Md5), Some(&md5(b"2345678")));
        assert_eq!(report.source_read(), 7);
        assert!(block_on(outgoing.next()).is_none());
    }

    #[test]
    fn a_long_body_comes_in_pieces_with_the_digest_of_all() {
        let content: Vec<u8> = (0..1_000_003u32).map(|at| (at % 251) as u8).collect();
        let (mut outgoing, report) =
            Outgoing::new(body(0..1_000_003), Counted::new(content.clone()), CancelFlag::new());
        let pieces = read_all(&mut outgoing).unwrap();
        assert!(pieces.iter().all(|piece| piece.len() <= PIECE));
        assert_eq!(pieces.concat()[1..=1_000_003], content);
        assert_eq!(report.observed().get(HashKind::Md5), Some(&md5(&content)));
    }

    #[test]
    fn a_body_goes_anywhere() {
        fn check<T: Send + Sync + Unpin + 'static>(_: &T) {}
        let (outgoing, report) = Outgoing::new(Body::empty(), Counted::new(""), CancelFlag::new());
        check(&outgoing);
        check(&report);
        assert!(outgoing.is_empty());
    }

    #[test]
    fn memory_alone_is_given_as_it_is_without_a_read() {
        let source = Counted::new("");
        let mut body = Body::from(Bytes::from_static(b"a")).observing(&[HashKind::Md5]);
        body.push(Segment::Bytes(Bytes::from_static(b"bc")));
        let (mut outgoing, report) = Outgoing::new(body, Arc::clone(&source) as _, CancelFlag::new());
        assert!(matches!(outgoing.feed, Feed::Memory(_)));
        assert_eq!(read_all(&mut outgoing).unwrap(), [&b"a"[..], b"bc"]);
        assert_eq!(report.observed().get(HashKind::Md5), Some(&md5(b"")));
        assert_eq!(source.reads.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn nothing_is_read_before_the_first_poll_and_one_piece_ahead_after_it() {
        let source = Counted::new(vec![7; 10 * PIECE]);
        let mut body = Body::empty();
        body.push(Segment::Source(0..10 * PIECE as u64));
        let (mut outgoing, report) = Outgoing::new(body, Arc::clone(&source) as _, CancelFlag::new());
        for given in 1..=3 {
            assert_eq!(block_on(outgoing.next()).unwrap().unwrap().len(), PIECE);
            assert_eq!(report.source_read(), given * PIECE as u64);
            let ahead = source.reads.load(Ordering::SeqCst) as u64 - given;
            assert!(ahead <= 1, "{ahead} pieces ahead");
        }
    }

    /// Of which some pieces are at hand.
    struct Cached {
        content: Arc<Counted>,
        at_hand: fn(u64) -> bool,
        read_here: AtomicUsize,
        here: thread::ThreadId,
    }

    impl Source for Cached {
        fn info(&self) -> Result<SourceInfo, SourceError> {
            self.content.info()
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, SourceError> {
            assert_ne!(thread::current().id(), self.here, "it may have to wait");
            self.content.read_at(offset, buffer)
        }

        fn read_now(&self, offset: u64, buffer: &mut [u8]) -> Result<Option<usize>, SourceError> {
            assert_eq!(thread::current().id(), self.here);
            if !(self.at_hand)(offset / PIECE as u64) {
                return Ok(None);
            }
            self.read_here.fetch_add(1, Ordering::SeqCst);
            self.content.read_at(offset, buffer).map(Some)
        }
    }

    fn sent_of_cached(kind: HashKind, at_hand: fn(u64) -> bool) -> usize {
        let content: Vec<u8> = (0..=250u8).cycle().take(30 * PIECE).collect();
        let source = Arc::new(Cached {
            content: Counted::new(content.clone()),
            at_hand,
            read_here: AtomicUsize::new(0),
            here: thread::current().id(),
        });
        let mut body = Body::empty().observing(&[kind]);
        body.push(Segment::Source(0..content.len() as u64));
        let (mut outgoing, report) = Outgoing::new(body, Arc::clone(&source) as _, CancelFlag::new());
        assert!(read_all(&mut outgoing).unwrap().concat() == content);
        let mut hasher = Hasher::new(kind).unwrap();
        hasher.update(&content);
        assert_eq!(report.observed().get(kind), Some(&hasher.finish()));
        source.read_here.load(Ordering::SeqCst)
    }

    #[test]
    fn what_is_at_hand_is_read_by_the_thread_that_polls_and_the_rest_elsewhere() {
        assert_eq!(sent_of_cached(HashKind::Crc64, |_| true), 30);
        assert_eq!(sent_of_cached(HashKind::Crc64, |_| false), 0);
        assert_eq!(sent_of_cached(HashKind::Crc64, |piece| !(5..=20).contains(&piece)), 14, "each ninth is looked for");
        for (kind, expected) in [
            (HashKind::Crc64Nvme, 30),
            (HashKind::Crc32c, 30),
            (HashKind::Md5, 0),
            (HashKind::Sha1, 0),
            (HashKind::Sha256, 0),
        ] {
            assert_eq!(sent_of_cached(kind, |_| true), expected, "{kind:?} costs more than the reading, or less");
        }
    }

    #[test]
    fn a_source_that_shrank_is_named_and_nothing_is_observed() {
        let (mut outgoing, report) = Outgoing::new(body(2..9), Counted::new(b"01234"), CancelFlag::new());
        assert!(read_all(&mut outgoing).is_err());
        assert!(matches!(report.take_source_error(), Some(SourceError::Ended { at: 5, .. })));
        assert_eq!(report.observed(), Observed::none());
        assert!(block_on(outgoing.next()).is_none(), "after an error there is nothing");
    }

    #[test]
    fn a_source_that_panics_fails_the_body_and_its_panic_is_kept() {
        let source = Counted { bytes: b"01234".to_vec(), reads: AtomicUsize::new(0), panics: true };
        let (mut outgoing, report) = Outgoing::new(body(2..9), Arc::new(source), CancelFlag::new());
        assert!(read_all(&mut outgoing).is_err());
        assert!(report.take_source_error().is_none());
        assert_eq!(report.take_panic().unwrap().downcast_ref(), Some(&"a defect in the source"));
    }

    #[test]
    fn a_dropped_body_lets_go_of_the_source_soon() {
        let source = Counted::new(vec![7; 10 * PIECE]);
        let (mut outgoing, _report) =
            Outgoing::new(body(0..10 * PIECE as u64), Arc::clone(&source) as _, CancelFlag::new());
        block_on(outgoing.next()).unwrap().unwrap();
        drop(outgoing);
        while Arc::strong_count(&source) > 1 {
            thread::yield_now();
        }
        assert!(source.reads.load(Ordering::SeqCst) <= 2);
    }

    /// A timer whose sleeps end when they are told to.
    struct ByHand(mpsc::UnboundedSender<oneshot::Sender<()>>);

    impl Timer for ByHand {
        fn sleep(&self, _: Duration) -> Sleep {
            let (end, ended) = oneshot::channel();
            self.0.unbounded_send(end).unwrap();
            Box::pin(async { ended.await.unwrap_or_default() })
        }
    }

    #[test]
    fn a_piece_of_the_source_waits_until_its_time_has_come() {
        let rate = Rate::limited(NonZeroU64::new(50).unwrap());
        rate.take(1_000_000, Clock::start().now().mono);
        let (begun, mut sleeps) = mpsc::unbounded();
        let (cancel, read) = (CancelFlag::new(), Arc::new(AtomicU64::new(0)));
        let (outgoing, report) = Outgoing::new(body(2..9), Counted::new(b"0123456789"), cancel.clone());
        let told = Arc::clone(&read);
        let outgoing = outgoing.at_rate(&rate, Arc::new(ByHand(begun)));
        let mut outgoing = outgoing.on_read(move |bytes| told.store(bytes, Ordering::SeqCst));
        block_on(async {
            assert_eq!(outgoing.next().await.unwrap().unwrap(), &b"<"[..]);
            let (piece, ()) = futures::future::join(outgoing.next(), async {
                let first = sleeps.next().await.unwrap();
                assert_eq!((report.source_read(), read.load(Ordering::SeqCst)), (0, 5), "read, but not sent");
                first.send(()).unwrap();
            })
            .await;
            assert_eq!(piece.unwrap().unwrap(), &b"23456"[..], "a tenth of a second's worth");
            let (refused, ()) = futures::future::join(outgoing.next(), async {
                let last = sleeps.next().await.unwrap();
                assert_eq!(
                    (read.load(Ordering::SeqCst), report.observed()),
                    (7, Observed::none()),
                    "read, but not sent"
                );
                cancel.cancel();
                drop(last);
            })
            .await;
            assert!(refused.unwrap().is_err(), "nobody wants it any more");
            assert_eq!(report.source_read(), 5);
            assert!(outgoing.next().await.is_none(), "nothing comes after a failure");
        });
    }

    /// A timer whose sleeps are over at once, and are counted.
    #[derive(Default)]
    struct AtOnce(AtomicUsize);

    impl Timer for AtOnce {
        fn sleep(&self, _: Duration) -> Sleep {
            self.0.fetch_add(1, Ordering::SeqCst);
            Box::pin(std::future::ready(()))
        }
    }

    #[test]
    fn a_limit_that_is_set_meanwhile_holds_for_the_piece_that_was_read_already() {
        let content: Vec<u8> = (0..=250).cycle().take(3 * PIECE).collect();
        let mut body = Body::empty().observing(&[HashKind::Md5]);
        body.push(Segment::Source(0..content.len() as u64));
        let (rate, timer) = (Rate::unlimited(), Arc::new(AtOnce::default()));
        let (outgoing, report) = Outgoing::new(body, Counted::new(content.clone()), CancelFlag::new());
        let mut outgoing = outgoing.at_rate(&rate, Arc::clone(&timer) as _);
        let first = block_on(outgoing.next()).unwrap().unwrap();
        assert_eq!((first.len(), timer.0.load(Ordering::SeqCst)), (PIECE, 0));
        rate.set(NonZeroU64::new(10_000));
        let second = block_on(outgoing.next()).unwrap().unwrap();
        assert_eq!(
            (second.len(), timer.0.load(Ordering::SeqCst)),
            (1000, 1),
            "a tenth of a second's worth, waited for"
        );
        assert_eq!(report.source_read(), PIECE as u64 + 1000);
        rate.set(None);
        let rest = read_all(&mut outgoing).unwrap();
        assert_eq!(rest.len(), 3, "the rest of the second piece, what was read at the limit, and the rest");
        assert_eq!([first, second, rest.concat().into()].concat(), content);
        assert_eq!(report.observed().get(HashKind::Md5), Some(&md5(&content)));
    }
}
