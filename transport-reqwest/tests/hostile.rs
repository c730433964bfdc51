//! The servers that every transport must stand.

mod subject;

use subject::Reqwest;

resumable_hostile::tests!(Reqwest);
