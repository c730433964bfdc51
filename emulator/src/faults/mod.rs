//! Faults on a plan, and which request meets which. The faults are the same for every vendor; each vendor's part
//! renders them in its own shapes.

mod error;
mod facts;
mod fault;
mod file;
mod pattern;
mod plan;

pub use self::error::PlanError;
pub(crate) use self::facts::{Facts, FaultKey};
pub use self::fault::{Fault, VendorCode};
pub(crate) use self::file::read;
pub(crate) use self::plan::Hit;
pub use self::plan::{Plan, Rule};
