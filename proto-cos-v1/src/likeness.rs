//! Is what stands at the path ours? Only what can be told for certain counts.

use resumable_core::Env;
use resumable_proto_cos::Sha;

use crate::session::{Claim, Session, Suspicion};
use crate::stat::Stat;

/// True for an object that must be our file.
pub(crate) fn is_ours(stat: &Stat, why: Suspicion, session: &Session, insert_only: bool, env: &Env<'_>) -> bool {
    let fits = stat.filesize.map(|filesize| filesize == env.source.len);
    match (Sha::of_source(env), &stat.sha) {
        _ if fits == Some(false) => false,
        (Some(ours), Some(theirs)) => ours.is(theirs),
        (None, Some(_)) => false,
        // No digest to compare. The vendor has compared it itself; or all our slices were sent, the length is right, and
        // nothing older can be there.
        (Some(_), None) if why == Suspicion::Same => true,
        (_, None) => session.claim == Some(Claim::Slices) && insert_only && fits == Some(true),
    }
}

/// An unfinished upload may show as an object of which less is there than its length.
pub(crate) fn is_whole(stat: &Stat) -> bool {
    match (stat.filelen, stat.filesize) {
        (Some(have), Some(all)) => have >= all,
        _ => true,
    }
}
