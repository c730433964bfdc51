use crate::protocol::{AuthReason, Protocol};
use crate::ticket::OpId;

/// The credential, and whether another one is needed.
pub(super) struct Access<P: Protocol> {
    pub(super) credential: Option<P::Credential>,
    pub(super) generation: u32,
    pub(super) need: Need<P>,
}

pub(super) enum Need<P: Protocol> {
    Nothing,
    Another { reason: AuthReason, refusal: Option<(P::Credential, P::Fault)> },
    Asked { op: OpId, reason: AuthReason, refusal: Option<(P::Credential, P::Fault)> },
}

impl<P: Protocol> Access<P> {
    pub(super) fn new(credential: Option<P::Credential>) -> Self {
        let need = match credential {
            Some(_) => Need::Nothing,
            None => Need::Another { reason: AuthReason::Missing, refusal: None },
        };
        Self { credential, generation: 0, need }
    }
}
