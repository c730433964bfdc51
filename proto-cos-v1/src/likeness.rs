//! Is what stands at the path ours? Only what can be told for certain counts.

use resumable_core::Env;
use resumable_proto_cos::Sha;

use crate::session::{Claim, Session, Suspicion};
use crate::stat::Stat;

/// How much a finished object is like our file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Likeness {
    Ours,
    Other,
    Unknown,
}

pub(crate) fn likeness(stat: &Stat, why: Suspicion, session: &Session, insert_only: bool, env: &Env<'_>) -> Likeness {
    if stat.filesize.is_some_and(|filesize| filesize != env.source.len) {
        return Likeness::Other;
    }
    let fits = stat.filesize.is_some();
    match (Sha::of_source(env), &stat.sha) {
        (Some(ours), Some(theirs)) if ours.is(theirs) => Likeness::Ours,
        (Some(_), Some(_)) => Likeness::Other,
        // No digest to compare. The vendor has compared it itself; or all our slices are there, the length is right, and
        // nothing older can be there.
        (Some(_), None) if why == Suspicion::Same => Likeness::Ours,
        (_, None) if session.claim == Some(Claim::Slices) && insert_only && fits => Likeness::Ours,
        _ => Likeness::Unknown,
    }
}

/// An unfinished upload may show as an object of which less is there than its length.
pub(crate) fn is_whole(stat: &Stat) -> bool {
    match (stat.filelen, stat.filesize) {
        (Some(have), Some(all)) => have >= all,
        _ => true,
    }
}
