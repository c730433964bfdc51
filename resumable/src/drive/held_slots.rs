use http::StatusCode;
use resumable_core::{Answer, Input, OpId, Protocol, SendError, Sent, Slot};

/// The slots of requests that are under way, and of those that were answered but not acted on yet: what an answer leads
/// to (another key is asked for, say) is told to the host before it gives the slot to another upload.
#[derive(Default)]
pub(super) struct HeldSlots {
    under_way: Vec<UnderWay>,
    spent: Vec<Slot>,
}

struct UnderWay {
    op: OpId,
    slot: Slot,
    /// How long its body is.
    len: u64,
}

/// What an input says of the request that ends with it.
pub(super) enum Ends {
    Taken,
    Throttled,
    Failed,
    Unsent,
}

impl Ends {
    pub(super) fn of<P: Protocol>(input: &Input<P>) -> Self {
        const BUSY: [StatusCode; 2] = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE];
        match input {
            Input::Response(_, Ok(Answer { response, .. })) if response.status().is_success() => Self::Taken,
            Input::Response(_, Ok(Answer { response, .. })) if BUSY.contains(&response.status()) => Self::Throttled,
            Input::Response(_, Ok(_) | Err(SendError::Unsure(_))) => Self::Failed,
            _ => Self::Unsent,
        }
    }
}

impl HeldSlots {
    pub(super) fn keep(&mut self, op: OpId, slot: Slot, len: u64) {
        self.under_way.push(UnderWay { op, slot, len });
    }

    /// The upload was handed the answer.
    pub(super) fn answered(&mut self, op: OpId, ends: &Ends) {
        for UnderWay { mut slot, len, .. } in self.under_way.extract_if(.., |held| held.op == op) {
            slot.ended(match ends {
                Ends::Throttled => Sent::Throttled,
                Ends::Taken if len > 0 => Sent::Acknowledged(len),
                Ends::Failed if len > 0 => Sent::Failed,
                Ends::Taken | Ends::Failed | Ends::Unsent => Sent::Nothing,
            });
            self.spent.push(slot);
        }
    }

    /// The upload has acted on all answers: it waits, or has finished.
    pub(super) fn give_back(&mut self) {
        self.spent.clear();
    }
}
