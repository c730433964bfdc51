//! The servers that every transport must stand.

mod subject;

use subject::Ureq;

resumable_hostile::tests!(Ureq);
