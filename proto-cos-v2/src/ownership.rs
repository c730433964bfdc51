//! Is what the vendor shows ours? Only what can be told for certain counts.

use alloc::string::String;

use resumable_core::{Env, Intent, Ranges};
use resumable_proto_cos::Sha;

use crate::session::{Claim, Ephemeral, Init, Phase, Reason, Session};
use crate::stat::Stat;

/// An unfinished upload that the list shows.
pub(crate) struct Found {
    pub(crate) session: String,
    pub(crate) slice_size: u64,
    pub(crate) filesize: Option<u64>,
    pub(crate) sha: Option<String>,
    pub(crate) got: Ranges,
}

impl Found {
    /// Ours to go on with: the saved session; or one that the vendor ties to our content; or, where there is no hash to
    /// tie it by, one without bytes after an init of ours that has no answer.
    pub(crate) fn is_ours(&self, session: &Session, ephemeral: &Ephemeral, env: &Env<'_>) -> bool {
        let saved = session.is_named(&self.session);
        let fits = self.filesize.is_none_or(|filesize| filesize == env.source.len)
            && self.got.iter().all(|range| range.end <= env.source.len);
        let tied = match (Sha::of_source(env), &self.sha) {
            _ if !session.hashed() => session.init == Init::Unsure && self.got.bytes() == 0,
            (Some(ours), Some(theirs)) => ours.is(theirs),
            (ours, None) => ours.is_some() && ephemeral.phase == Phase::Leftover,
            (None, Some(_)) => false,
        };
        let contradicted = session.hashed() && self.sha.is_some() && !tied;
        fits && !contradicted && (saved || tied)
    }
}

/// How much a finished object is like our file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ownership {
    Ours,
    Other,
    Unknown,
    /// Our SHA-1 would tell.
    Unhashed,
}

pub(crate) fn ownership(stat: &Stat, why: Reason, session: &Session, insert_only: bool, env: &Env<'_>) -> Ownership {
    if stat.filesize.is_some_and(|filesize| filesize != env.source.len) {
        return Ownership::Other;
    }
    match (Sha::of_source(env), &stat.sha) {
        (Some(ours), Some(theirs)) if ours.is(theirs) => Ownership::Ours,
        (Some(_), Some(_)) => Ownership::Other,
        (None, Some(_)) if env.intent == Intent::Finish => Ownership::Unhashed,
        // No digest to compare. The vendor has compared it itself; or our own finish has no answer, the length is
        // right, and nothing older can be there.
        (_, None) if why == Reason::Same && session.hashed() => Ownership::Ours,
        (_, None) if session.claim == Some(Claim::Finish) && insert_only && stat.filesize.is_some() => Ownership::Ours,
        _ => Ownership::Unknown,
    }
}
