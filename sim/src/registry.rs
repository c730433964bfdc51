//! Every vendor: a name for `--protocol`, and a folder with all that is the vendor's.

mod cos;
pub mod cos_v1;
pub mod cos_v2;
pub mod cos_xml;
pub mod oss;
pub mod p115;
pub mod s3;
pub mod xfyun;

use crate::vendor::Expectations;

/// What is to be done with a vendor, whichever it is.
pub trait Task: Sized {
    /// Does it; true if all is well.
    fn run<S: Expectations>(&self, name: &str) -> bool;
}

/// A vendor: its name, and how a task is done with it.
pub type Entry<T> = (&'static str, fn(&T, &str) -> bool);

/// All of them.
pub fn all<T: Task>() -> Vec<Entry<T>> {
    vec![
        ("cos-v1", T::run::<cos_v1::Setting>),
        ("cos-v2", T::run::<cos_v2::Setting>),
        ("cos-xml", T::run::<cos_xml::Setting>),
        ("oss", T::run::<oss::Setting>),
        ("s3", T::run::<s3::Setting>),
        ("115", T::run::<p115::Setting>),
        ("xfyun", T::run::<xfyun::Setting>),
    ]
}
