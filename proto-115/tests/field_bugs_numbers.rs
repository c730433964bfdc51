//! Numbers that nobody wrote: in a checkpoint of the format that had no checksum, and in 115's answers.

mod far;
#[path = "../../core/tests/numbers/mod.rs"]
mod numbers;

use far::{Fate, Registers, Rig, success};
use numbers::{World, edits};
use proptest::prelude::*;
use resumable_core::Checkpoint;
use resumable_proto_115::P115;
use serde_json::json;

/// With some of the parts acknowledged, and while it is asked whether the file is in the drive.
fn half_done() -> [Checkpoint<P115>; 2] {
    let mut rig = Rig::new(350);
    rig.server.registers = vec![Registers::Late];
    rig.run().unwrap();
    let read = |text: &String| Checkpoint::from_bytes(text.as_bytes()).unwrap();
    [r#""acknowledged":[{"#, "\"verify\""].map(|what| read(rig.saved.iter().rfind(|text| text.contains(what)).unwrap()))
}

fn world() -> World<P115, impl Fn() -> P115> {
    let rig = Rig::new(350);
    World {
        credential: rig.token(),
        options: rig.core.clone(),
        info: rig.info(),
        content: rig.source.clone(),
        protocol: move || rig.protocol(),
    }
}

#[test]
fn field_bug_86_no_number_in_a_checkpoint_panics() {
    for saved in half_done() {
        world().survives_all_edges(&saved);
    }
}

fn number() -> impl Strategy<Value = u64> {
    let edges = vec![0, 1, 349, 350, 351, u64::from(u32::MAX), 1 << 63, u64::MAX - 1, u64::MAX];
    prop_oneof![prop::sample::select(edges), any::<u64>()]
}

/// Times that are, and that are not.
fn time() -> impl Strategy<Value = String> {
    let (likely, any) = ([0u64..10_001, 0..14, 0..33, 0..25, 0..61, 0..62], prop::array::uniform6(number()));
    prop_oneof![likely, any].prop_map(|[year, month, day, hour, minute, second]| {
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    })
}

proptest! {
    #[test]
    fn field_bug_86_nor_do_any_three(edits in edits(), which in any::<prop::sample::Index>()) {
        world().survives(which.get(&half_done()), &edits);
    }

    #[test]
    fn field_bug_86_no_number_in_an_answer_panics(
        [first, last, status, code, size] in prop::array::uniform5(number()), expiration in time(), challenged: bool,
    ) {
        let mut rig = Rig::new(350);
        let registered = json!({"state": true, "code": 0, "data": {"file_id": "FILE_ID", "file_size": size}});
        rig.server.registers = vec![Registers::AndSays(registered.to_string())];
        let challenge = json!({"code": code, "status": status, "pick_code": "p", "sign_key": "K",
            "sign_check": format!("{first}-{last}"), "callback": []});
        let token = json!({"endpoint": "http://oss-cn-shenzhen.aliyuncs.com", "AccessKeyId": "STS.canary1",
            "AccessKeySecret": "secretcanary", "SecurityToken": "tokencanary", "Expiration": expiration});
        let info = json!({"file_id": "3", "file_category": "1", "size": size, "size_byte": size});
        let _ = rig.run_with(|kind, nth| match (kind, nth) {
            ("init", 0) if challenged => Fate::Says(success(&challenge)),
            ("token", 0) => Fate::ActsAndSays(success(&token)),
            ("check", 0) => Fate::Says(success(&info)),
            _ => Fate::Fine,
        });
    }
}
