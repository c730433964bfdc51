//! The vendors, as the simulator knows them: a byte chooses one.

use fastrand::Rng;
use resumable_core::Protocol;
use resumable_sim::registry::{self, Task};
use resumable_sim::vendor::{Expectations, Scenario};

use crate::draw::Draw;

/// What is done with the vendor that was chosen.
pub trait Work {
    /// Does it with what is left of the input.
    fn with<S: Expectations>(&self, name: &str, draw: Draw<'_>);
}

/// How many vendors there are.
pub fn count() -> usize {
    registry::all::<Chosen<'_, Nothing>>().len()
}

/// Takes a byte, and does the work with the vendor that it chooses.
pub fn with<W: Work>(mut draw: Draw<'_>, work: &W) {
    let entries = registry::all::<Chosen<'_, W>>();
    let (name, run) = entries[draw.index(entries.len())];
    run(&Chosen { work, draw }, name);
}

struct Chosen<'a, W> {
    work: &'a W,
    draw: Draw<'a>,
}

impl<W: Work> Task for Chosen<'_, W> {
    fn run<S: Expectations>(&self, name: &str) -> bool {
        self.work.with::<S>(name, self.draw.clone());
        true
    }
}

struct Nothing;

impl Work for Nothing {
    fn with<S: Expectations>(&self, _: &str, _: Draw<'_>) {}
}

/// One of the few settings that differ in what the client does, and its window.
pub fn plain<S: Scenario>(draw: &mut Draw<'_>) -> (S, usize) {
    let mut settings = S::enumerated();
    settings.swap_remove(draw.index(settings.len()))
}

/// One of 65,536 settings, with the chance that goes on with it.
pub fn drawn<S: Scenario>(draw: &mut Draw<'_>) -> (S, Rng) {
    let mut chance = Rng::with_seed(draw.small().into());
    (S::draw(&mut chance), chance)
}

/// The vendor's calls: as a checkpoint would name one in doubt.
pub fn calls<P: Protocol>() -> Vec<P::Call> {
    let texts = CALLS.iter().filter_map(|text| serde_json::from_str(text).ok());
    texts.collect()
}

/// The calls of all vendors. Each vendor reads its own.
const CALLS: &[&str] = &[
    // COS, xfyun.
    r#""upload""#,
    r#""init""#,
    r#""list""#,
    r#"{"data":{"offset":0,"datalen":64}}"#,
    r#"{"data":{"offset":64,"datalen":64}}"#,
    r#"{"init":{"with_session":true}}"#,
    r#"{"init":{"with_session":false}}"#,
    r#"{"slice":{"offset":0,"datalen":64,"last":false}}"#,
    r#"{"slice":{"offset":64,"datalen":64,"last":true}}"#,
    r#"{"slice":{"slice_id":1}}"#,
    r#""finish""#,
    r#""delete""#,
    r#""stat""#,
    r#""cancel""#,
    // What keeps numbered parts.
    r#""put""#,
    r#""initiate""#,
    r#"{"list":{"after":0}}"#,
    r#"{"list":{"after":3}}"#,
    r#"{"part":{"number":1}}"#,
    r#""complete""#,
    r#""abort""#,
    r#""head""#,
    // 115.
    r#"{"look":{"depth":1}}"#,
    r#"{"folder_add":{"depth":1}}"#,
    r#"{"init":{"proof":false}}"#,
    r#"{"init":{"proof":true}}"#,
    r#""resume""#,
    r#""get_token""#,
    r#""check""#,
    r#"{"oss":"put"}"#,
    r#"{"oss":"initiate"}"#,
    r#"{"oss":{"list":{"after":3}}}"#,
    r#"{"oss":{"part":{"number":1}}}"#,
    r#"{"oss":"complete"}"#,
    r#"{"oss":"abort"}"#,
    r#"{"oss":"head"}"#,
];

#[cfg(test)]
mod tests {
    use super::*;

    struct HasCalls;

    impl Work for HasCalls {
        fn with<S: Expectations>(&self, name: &str, _: Draw<'_>) {
            let calls = calls::<S::Protocol>();
            let mut names: Vec<&str> = calls.iter().map(S::Protocol::name).collect();
            names.sort_unstable();
            names.dedup();
            let expected = match name {
                // Its slices and what begins them are one operation.
                "cos-v1" => 3,
                "xfyun" => 5,
                "115" => 12,
                _ => 7,
            };
            assert_eq!(names.len(), expected, "{name}: {names:?}");
        }
    }

    #[test]
    fn every_call_of_every_vendor_is_there() {
        for number in 0..u8::try_from(count()).unwrap() {
            with(Draw::new(&[number]), &HasCalls);
        }
    }
}
