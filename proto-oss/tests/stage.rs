//! The stage as another vendor embeds it: its owner finds out what a lost answer left.

mod far;

use std::time::Duration;

use far::{Server, content, crc64, md5, parts, query, refusal, says};
use http::Response;
use resumable_core::{
    Advice, Answer, Digest, Env, HashJob, HashKind, How, Now, Observed, Occurrence, Remains, SourceInfo, Transition,
};
use resumable_proto_oss::codes::Class;
use resumable_proto_oss::stage::{self, Call, Doubt, Ephemeral, Probe, Reply, Settings, Stage, StageStep, Wire};
use resumable_proto_oss::*;

const NOW: Now = Now { mono: Duration::ZERO, unix: Duration::from_secs(1_767_225_600) };

struct Owner {
    stage: Stage,
    ephemeral: Ephemeral,
    server: Server,
    source: Vec<u8>,
    info: SourceInfo,
    digests: Vec<(HashJob, Digest)>,
}

/// Parts as those of the protocol's tests.
fn settings() -> Settings {
    let options = parts();
    let mut settings = Settings::default();
    settings.part_size = options.part_size;
    settings.one_request_max = options.one_request_max;
    settings.limits = options.limits;
    settings
}

impl Owner {
    fn new(len: u64, one_request_max: u64) -> Self {
        let mut settings = settings();
        settings.sequential = true;
        settings.probe = Probe::Owner;
        settings.one_request_max = one_request_max;
        let source = content(len);
        let info = far::info(&source);
        let (stage, ephemeral) = (Stage::new(&settings, len), Ephemeral::default());
        Self { stage, ephemeral, server: Server::new(), source, info, digests: Vec::new() }
    }

    fn env(&self) -> Env<'_> {
        Env::new(NOW, &self.info, 0, &self.digests)
    }

    fn next(&self) -> StageStep {
        self.stage.next(&self.ephemeral, &self.env(), &[])
    }

    fn call(&self) -> Call {
        match self.next() {
            StageStep::Call(call) => call,
            other => panic!("{other:?}"),
        }
    }

    fn answer(&mut self, call: &Call) -> Answer {
        let endpoint = Endpoint::new("http://127.0.0.1").unwrap();
        let object = Object::new(endpoint, "emubucket", ObjectKey::new("k").unwrap(), Addressing::Auto).unwrap();
        let credential = Credential::new("ak", "sk").unwrap();
        let callback = far::callback();
        let signing = Signing { credential: &credential, version: Version::V1, now: NOW.unix };
        let wire = Wire { object: &object, signing, callback: Some(&callback), content_type: None, headers: None };
        let request = stage::encode(call, &self.stage, &self.ephemeral, &wire).unwrap();
        let called = matches!(call, Call::Put | Call::Complete);
        assert_eq!(request.headers().contains_key("x-oss-callback"), called);
        assert!(!query(&request).contains_key("sequential") || *call == Call::Initiate);
        let sent = far::flat(request.body(), &self.source);
        let observe = request.body().observe().iter();
        let observed = Observed::all(observe.map(|kind| (*kind, far::digest(*kind, &sent))).collect());
        Answer { response: self.server.handle(&request, &self.source), observed }
    }

    fn hear(&mut self, heard: Occurrence<Call, Reply>) -> Transition<Fault> {
        let env = Env::new(NOW, &self.info, 0, &self.digests);
        self.stage.apply(&mut self.ephemeral, heard, &env)
    }

    fn exchange(&mut self) -> Transition<Fault> {
        let call = self.call();
        let answer = self.answer(&call);
        let reply = stage::decode(&call, true, &answer).unwrap();
        self.hear(Occurrence::Replied(call, reply))
    }

    fn run(&mut self) -> StageStep {
        loop {
            match self.next() {
                StageStep::Call(_) => assert!(matches!(self.exchange(), Transition::Forward)),
                end => return end,
            }
        }
    }

    fn run_until(&mut self, call: &Call) {
        while self.call() != *call {
            assert!(matches!(self.exchange(), Transition::Forward));
        }
    }

    /// Another process: what is not saved is gone.
    fn crash(&mut self) {
        self.stage = serde_json::from_str(&serde_json::to_string(&self.stage).unwrap()).unwrap();
        self.ephemeral = Ephemeral::default();
    }
}

#[test]
fn the_callbacks_answer_comes_with_the_object() {
    for (one_request_max, how) in [(0, How::Parts), (1000, How::OneRequest)] {
        let mut owner = Owner::new(40, one_request_max);
        let StageStep::Stored(stored) = owner.run() else { panic!() };
        let sum = Checksum { kind: ChecksumKind::Crc64, value: crc64(&owner.source) };
        assert_eq!((stored.how, stored.checksum), (how, Some(sum)));
        assert_eq!(stored.callback.as_deref(), Some(b"{\"ok\":true}".as_slice()));
        assert_eq!(owner.stage.confirmed(), 40);
        owner.crash();
        let StageStep::Stored(stored) = owner.next() else { panic!() };
        assert_eq!(stored.callback, None, "it is not saved: its owner asks again");
    }
}

#[test]
fn the_owner_is_asked_after_a_lost_complete_and_may_begin_anew() {
    let mut owner = Owner::new(40, 0);
    owner.run_until(&Call::Complete);
    let _ = owner.answer(&Call::Complete);
    assert!(matches!(owner.hear(Occurrence::Unsure(Call::Complete)), Transition::Forward));
    owner.crash();
    assert_eq!(owner.call(), Call::List { after: 0 });
    let StageStep::Unknown(doubt) = owner.run() else { panic!() };
    assert_eq!((doubt, owner.stage.confirmed(), owner.stage.upload_id()), (Doubt::LostReply, 40, None));
    owner.stage.reset(&mut owner.ephemeral);
    assert!(owner.stage.is_fresh() && owner.stage.confirmed() == 0);
    assert!(matches!(owner.run(), StageStep::Stored(_)));
}

#[test]
fn the_owner_is_asked_after_a_failed_callback() {
    for one_request_max in [0, 1000] {
        let mut owner = Owner::new(40, one_request_max);
        owner.server.callback = None;
        let StageStep::Unknown(Doubt::CallbackFailed(fault)) = owner.run() else { panic!() };
        assert!(fault.to_string().contains("its callback failed"), "{fault}");
        owner.crash();
        assert!(matches!(owner.next(), StageStep::Unknown(Doubt::CallbackFailed(_))));
    }
}

#[test]
fn a_lost_put_is_made_again_and_the_owner_is_not_asked() {
    let mut owner = Owner::new(40, 1000);
    assert!(matches!(owner.hear(Occurrence::Unsure(Call::Put)), Transition::Forward));
    assert!(!owner.stage.is_fresh());
    assert_eq!(owner.call(), Call::Put);
    assert!(matches!(owner.run(), StageStep::Stored(_)));
}

#[test]
fn a_success_before_the_whole_file_was_sent_is_none() {
    let mut owner = Owner::new(40, 1000);
    let mut answer = owner.answer(&Call::Put);
    answer.observed = Observed::none();
    let reply = stage::decode(&Call::Put, true, &answer).unwrap();
    let step = owner.hear(Occurrence::Replied(Call::Put, reply));
    assert!(matches!(step, Transition::Regressed { why: Fault::TooEarly { .. }, .. }));
    assert_eq!(owner.call(), Call::Put);
}

#[test]
fn a_refused_key_is_for_the_owner_to_see() {
    for code in ["SecurityTokenExpired", "InvalidAccessKeyId", "InvalidSecurityToken"] {
        for call in [Call::Put, Call::Part { number: 1 }, Call::List { after: 0 }, Call::Complete] {
            let answer = Answer { response: refusal(403, code), observed: Observed::none() };
            let refused = stage::decode(&call, true, &answer).unwrap_err();
            assert_eq!((refused.fault.class(), refused.advice), (Some(Class::Credential), Advice::Reauthorize));
        }
    }
}

#[test]
fn an_owner_of_another_object_begins_anew_and_its_part_size_stays() {
    let mut owner = Owner::new(40, 0);
    owner.run_until(&Call::Part { number: 3 });
    assert!(owner.server.uploads["U1"].sequential);
    assert_eq!((owner.stage.upload_id(), owner.stage.part_size()), (Some("U1"), Some(16)));
    owner.stage.reset(&mut owner.ephemeral);
    assert_eq!((owner.stage.upload_id(), owner.stage.part_size()), (None, Some(16)));
    assert_eq!(owner.call(), Call::Initiate);
}

#[test]
fn an_owners_own_digests_do_no_harm() {
    let mut owner = Owner::new(40, 0);
    owner.run_until(&Call::Part { number: 2 });
    let before = owner.stage.clone();
    let job = HashJob { kind: HashKind::Sha1, range: 0..40, keep: true };
    owner.digests.push((job, Digest::new([1; 20])));
    assert!(matches!(owner.hear(Occurrence::Hashed), Transition::Forward));
    assert_eq!(owner.stage, before);
}

#[test]
fn the_list_of_another_run_is_compared_and_only_what_is_not_known_is_read() {
    let mut owner = Owner::new(100, 0);
    owner.run_until(&Call::Part { number: 4 });
    // Part 4 arrives, and nobody hears of it.
    let _ = owner.answer(&Call::Part { number: 4 });
    owner.crash();
    assert!(matches!(owner.exchange(), Transition::Forward));
    let StageStep::Hash(jobs) = owner.next() else { panic!() };
    let ranges: Vec<_> = jobs.iter().map(|job| (job.kind, job.range.clone())).collect();
    assert_eq!(ranges, [(HashKind::Md5, 48..64), (HashKind::Crc64, 48..64)]);
    let digests = jobs.iter().map(|job| (job.clone(), far::digest(job.kind, &owner.source[48..64])));
    owner.digests = digests.collect();
    assert!(matches!(owner.hear(Occurrence::Hashed), Transition::Forward));
    assert_eq!((owner.stage.confirmed(), owner.call()), (64, Call::Part { number: 5 }));
    assert!(matches!(owner.run(), StageStep::Stored(_)));
}

#[test]
fn what_is_known_of_an_upload_that_is_given_up_is_said() {
    let mut owner = Owner::new(40, 0);
    let abandon = |owner: &Owner| {
        let mut env = owner.env();
        env.intent = resumable_core::Intent::Abandon;
        owner.stage.next(&owner.ephemeral, &env, &[])
    };
    assert!(matches!(abandon(&owner), StageStep::Left(Remains::Nothing)));
    assert!(matches!(owner.hear(Occurrence::Unsure(Call::Initiate)), Transition::Forward));
    assert_eq!(owner.stage.orphans(), 1);
    assert!(matches!(abandon(&owner), StageStep::Left(Remains::Unknown)));
    owner.run_until(&Call::Part { number: 2 });
    assert!(matches!(abandon(&owner), StageStep::Call(Call::Abort)));
}

#[test]
fn a_page_of_parts_that_cannot_be_ours_is_no_reason_to_panic() {
    for sequential in [true, false] {
        let mut owner = Owner::new(40, 0);
        let mut settings = settings();
        settings.sequential = sequential;
        owner.stage = Stage::new(&settings, 40);
        owner.run_until(&Call::Part { number: 1 });
        owner.crash();
        let tag = md5(b"x");
        let part = |number: u64, size: u64| {
            format!("<Part><PartNumber>{number}</PartNumber><Size>{size}</Size><ETag>{tag}</ETag></Part>")
        };
        let list = [part(0, 16), part(2, u64::MAX), part(3, 16), part(4_294_967_295, 16), part(9, 0)].concat();
        let response: Response<_> =
            says(200, &format!("<ListPartsResult><IsTruncated>false</IsTruncated>{list}</ListPartsResult>"));
        let call = Call::List { after: 0 };
        let reply = stage::decode(&call, true, &Answer { response, observed: Observed::none() }).unwrap();
        assert!(matches!(reply, Reply::Page(_)));
        let step = owner.hear(Occurrence::Replied(call, reply));
        assert_eq!(matches!(step, Transition::Regressed { why: Fault::PartsDoNotFit { .. }, .. }), sequential);
        assert_eq!(owner.call(), if sequential { Call::Abort } else { Call::Part { number: 1 } });
    }
}

#[test]
fn answers_that_come_after_the_upload_is_known_to_be_gone_change_nothing() {
    let mut settings = settings();
    settings.forbid_overwrite = true;
    let mut owner = Owner::new(40, 0);
    owner.stage = Stage::new(&settings, 40);
    owner.run_until(&Call::Complete);
    let _ = owner.answer(&Call::Complete);
    assert!(matches!(owner.hear(Occurrence::Unsure(Call::Complete)), Transition::Forward));
    // The list was asked again meanwhile, and parts were sent again side by side.
    for number in [1, 2, 3] {
        let call = Call::Part { number };
        let answer = Answer { response: refusal(404, "NoSuchUpload"), observed: Observed::none() };
        let reply = stage::decode(&call, true, &answer).unwrap();
        assert!(matches!(owner.hear(Occurrence::Replied(call, reply)), Transition::Forward), "{number}");
    }
    assert_eq!(owner.call(), Call::Head);
    assert!(matches!(owner.run(), StageStep::Stored(_)));
    assert_eq!(owner.server.opened, 1);
}
