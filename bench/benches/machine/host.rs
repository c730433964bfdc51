//! A host that carries out every action at once in its mind, and answers when the machine waits.

use std::collections::VecDeque;
use std::time::Duration;

use http::Uri;
use resumable_core::{
    Action, Input, Modified, Now, Options, Output, Protocol, Saving, Sending, SourceInfo, Ticket, Upload,
};

use crate::vendor::{PART, answer};

/// In which order requests are answered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    AsSent,
    Shuffled,
}

impl Order {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::AsSent => "in order",
            Self::Shuffled => "out of order",
        }
    }
}

/// What one upload took.
#[derive(Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) polls: u64,
    pub(crate) actions: u64,
    pub(crate) saves: u64,
}

/// A source of so many parts.
pub(crate) fn source(parts: u64) -> SourceInfo {
    let (changed, looked_at) = (Some(Modified { secs: 1, nanos: 2 }), Some(Modified { secs: 9, nanos: 0 }));
    SourceInfo { modified: changed, changed, looked_at, id: Some(3), ..SourceInfo::new(parts * PART, [4; 32]) }
}

/// What is under way, oldest first.
struct Host {
    order: Order,
    chance: fastrand::Rng,
    sent: VecDeque<(Ticket<Sending>, Uri)>,
    save: Option<Ticket<Saving>>,
}

/// Uploads a source of so many parts with a host that answers one request, and then the save if one is open, whenever
/// the machine waits.
pub(crate) fn upload<P>(protocol: P, parts: u64, window: usize, order: Order) -> Counts
where
    P: Protocol<Credential = ()>,
{
    let mut options = Options::new(7);
    options.window = window;
    let source = source(parts);
    let mut upload = Upload::start(protocol, source.clone(), Some(()), options);
    let mut host = Host { order, chance: fastrand::Rng::with_seed(5), sent: VecDeque::new(), save: None };
    let mut counts = Counts::default();
    let mut now = Now { mono: Duration::ZERO, unix: Duration::from_secs(1_000_000_000) };
    loop {
        counts.polls += 1;
        let output = upload.poll(now);
        counts.actions += u64::from(matches!(output, Output::Do(_)));
        match output {
            Output::Do(Action::Send { ticket, request, .. }) => host.sent.push_back((ticket, request.uri().clone())),
            Output::Do(Action::Save { ticket, .. }) => host.save = Some(ticket),
            Output::Do(Action::Check { ticket }) => upload.handle(Input::Source(ticket, Ok(source.clone()))),
            Output::Do(_) | Output::Tell(_) | Output::Share { .. } => {}
            Output::Wait { .. } => {
                now.mono += Duration::from_millis(10);
                host.answer(&mut upload);
            }
            Output::Finished(result) => {
                result.unwrap_or_else(|failure| panic!("the upload failed: {failure}"));
                counts.saves = upload.stats().saves;
                return counts;
            }
        }
    }
}

impl Host {
    fn answer<P: Protocol>(&mut self, upload: &mut Upload<P>) {
        let at = match self.order {
            Order::AsSent => 0,
            Order::Shuffled => self.chance.usize(..self.sent.len().max(1)),
        };
        if let Some((ticket, address)) = self.sent.swap_remove_front(at) {
            upload.handle(Input::Response(ticket, Ok(answer(&address))));
        }
        if let Some(ticket) = self.save.take() {
            upload.handle(Input::Saved(ticket, Ok(())));
        }
    }
}
