//! What every vendor's uploads have to withstand.

pub(crate) mod broken;
pub(crate) mod changed;
pub(crate) mod checkpoints;
mod drive;
pub(crate) mod enumerated;
pub(crate) mod planned;
pub(crate) mod random;
pub(crate) mod signed;
