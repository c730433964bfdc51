//! Is what stands at the path ours? Only what can be told for certain counts.

use resumable_core::Env;
use resumable_proto_cos::Sha;

use crate::session::{Claim, Reason, Session};
use crate::stat::Stat;

/// True for an object that must be our file.
pub(crate) fn is_ours(stat: &Stat, why: Reason, session: &Session, insert_only: bool, env: &Env<'_>) -> bool {
    let fits = stat.filesize.map(|filesize| filesize == env.source.len);
    match (Sha::of_source(env), &stat.sha) {
        _ if fits == Some(false) => false,
        (Some(ours), Some(theirs)) => ours.is(theirs),
        (None, Some(_)) => false,
        // No digest to compare. The vendor has compared it itself; or all our slices were sent, the length is right, and
        // nothing older can be there.
        (Some(_), None) if why == Reason::Same => true,
        (_, None) => session.claim == Some(Claim::Slices) && insert_only && fits == Some(true),
    }
}
