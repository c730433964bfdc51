//! What OSS is to tell of an object, and what is answered to that (reference §2.2, §6.7).
//!
//! The bytes count only if they are what init was told: length and SHA-1, from the object that init named. An object without
//! a SHA-1 (its parts came in any order) is none of them. A refusal is HTTP 200 all the same: `state` false, code 10002.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::{GARBAGE, page};
use super::code::{self, Code};
use super::digest;
use super::drive::{self, Entry};
use super::init::decimal;
use super::journal::Line;
use super::op::{CALLBACK, FACTS, rules};
use super::registrar::{Registered, Source, is_video};
use super::server::P115;
use super::switches::{CallbackAgain, CallbackData};
use super::tasks::Task;
use crate::faults::{Fault, FaultKey, VendorCode};
use crate::form::Fields;
use crate::oss::{CallbackAnswer, CallbackTarget};
use crate::storage::ObjectName;
use crate::switch::RepeatedField;

const FORM: &str = "application/x-www-form-urlencoded";
/// Where OSS keeps its objects.
const OSS: &str = "oss";

impl P115 {
    /// The two texts that go with a task, as init and resume answer them.
    pub(super) fn callback_of(&self, task: &Task) -> Value {
        let url = self.config.callback_url.replace('/', "\\/");
        let callback = format!(
            "{{\"callbackUrl\":\"{url}\",\"callbackBody\":\"bucket=${{bucket}}&object=${{object}}&size=${{size}}\
             &sha1=${{sha1}}&pick_code=${{x:pick_code}}&user_id=${{x:user_id}}&behavior_type=${{x:behavior_type}}\
             &source=${{x:source}}&target=${{x:target}}&task_uid=${{x:task_uid}}\"}}"
        );
        let user = &self.config.user.user_id;
        let vars = format!(
            "{{\"x:pick_code\":{},\"x:user_id\":{user},\"x:behavior_type\":\"0\",\"x:source\":\"100\",\
             \"x:target\":{},\"x:task_uid\":{user}}}",
            Value::from(task.pick_code.as_str()),
            Value::from(task.target.as_str()),
            user = Value::from(user.as_str()),
        );
        json!({ "callback": callback, "callback_var": vars })
    }

    /// Takes what OSS tells; of a file whose bytes are others, too, if a fault makes it.
    fn hear(&self, clock: Duration, fields: &Fields, fault: Option<&Fault>) -> Result<Registered, Code> {
        let pick_code = fields.text("pick_code").ok_or(code::CHECK_FAILED)?;
        let life = self.config.limits.task_life;
        let heard = self.tasks.with(pick_code, clock, life, |task| {
            let (sha1, size) = match fault {
                Some(Fault::OtherBytes) if self.is_of_task(task, fields) => told(task, fields),
                _ if self.is_what_was_promised(task, fields) => (task.sha1.clone(), task.size),
                _ => return Err(code::CHECK_FAILED),
            };
            if let Some(path) = &task.done {
                match self.config.switches.callback_again {
                    CallbackAgain::Same => return self.registered(path),
                    CallbackAgain::Second => {}
                    CallbackAgain::Refuse => return Err(code::CHECK_FAILED),
                }
            }
            let object = ObjectName::new(OSS, &format!("{}/{}", task.bucket, task.object)).ok_or(code::FAILED)?;
            let source = Source::Copy(object);
            let registered = self.register(&task.folder, &task.name, &sha1, size, &source, clock)?;
            self.journal.note(&Line::Done { pick_code: pick_code.to_owned(), path: registered.path.clone() })?;
            task.done = Some(registered.path.clone());
            Ok(registered)
        });
        heard.ok_or(code::CHECK_FAILED)?
    }

    fn is_what_was_promised(&self, task: &Task, fields: &Fields) -> bool {
        let text = |name| fields.text(name).unwrap_or_default();
        let sha1 = digest::read(text("sha1"));
        self.is_of_task(task, fields)
            && decimal(text("size")) == Some(task.size)
            && sha1.as_deref() == Some(task.sha1.as_str())
    }

    fn is_of_task(&self, task: &Task, fields: &Fields) -> bool {
        let text = |name| fields.text(name).unwrap_or_default();
        (text("bucket"), text("object")) == (task.bucket.as_str(), task.object.as_str())
            && (text("target"), text("user_id")) == (task.target.as_str(), self.config.user.user_id.as_str())
    }

    /// The fault that this callback meets, if any.
    fn fault_of(&self, fields: &Fields) -> Option<(Fault, bool)> {
        let task = fields.text("pick_code").and_then(|pick_code| self.tasks.look(pick_code));
        let path = task.map_or(String::new(), |task| format!("/{}", drive::join(&task.folder, &task.name)));
        let hit = self.plan().draw(&FaultKey { facts: &FACTS, op: CALLBACK.to_owned(), path })?;
        let works = hit.lets_work();
        Some((hit.fault, works))
    }
}

/// SHA-1 and length of what is there; those that were promised where OSS tells none.
fn told(task: &Task, fields: &Fields) -> (String, u64) {
    let sha1 = fields.text("sha1").and_then(digest::read);
    let size = fields.text("size").and_then(decimal);
    (sha1.unwrap_or_else(|| task.sha1.clone()), size.unwrap_or(task.size))
}

impl CallbackTarget for P115 {
    fn claims(&self, url: &str) -> bool {
        self.config.callback_url == url
    }

    fn receive(&self, clock: Duration, content_type: &str, body: &str) -> CallbackAnswer {
        let mut fields = Fields::default();
        if content_type != FORM || fields.read_encoded(body, &rules(RepeatedField::Refuse)).is_err() {
            return self.refused(200, code::CHECK_FAILED);
        }
        let fault = self.fault_of(&fields);
        if let Some((fault, false)) = &fault {
            return self.fault_response(fault);
        }
        let fault = fault.map(|(fault, _)| fault);
        let heard = self.hear(clock, &fields, fault.as_ref());
        let short = match fault {
            None | Some(Fault::OtherBytes) => 0,
            Some(Fault::WrongLength) => 1,
            Some(fault) => return self.fault_response(&fault),
        };
        heard.map_or_else(|code| self.refused(200, code), |registered| self.success(&registered, short))
    }
}

impl P115 {
    /// What OSS gets in place of the true answer.
    fn fault_response(&self, fault: &Fault) -> CallbackAnswer {
        match fault {
            Fault::Refuse { status, code: VendorCode::Number(number) } => self.refused(*status, Code::of(*number)),
            Fault::Refuse { status, code: VendorCode::Text(text) } => {
                answer(*status, &json!({ "state": self.config.shape.state(false), "code": 0, "message": text }))
            }
            Fault::Html { status } => CallbackAnswer { status: *status, body: page(*status) },
            Fault::Garbage => CallbackAnswer { status: 200, body: GARBAGE },
            Fault::Unavailable => CallbackAnswer { status: 503, body: page(503) },
            // No answer at all, which is what OSS calls a 502.
            _ => CallbackAnswer { status: 502, body: Bytes::new() },
        }
    }

    fn refused(&self, status: u16, code: Code) -> CallbackAnswer {
        let state = self.config.shape.state(false);
        answer(status, &json!({ "state": state, "message": code.message, "code": code.number }))
    }

    /// `short`: how many bytes are missing in the answer.
    fn success(&self, registered: &Registered, short: u64) -> CallbackAnswer {
        let Registered { path, file } = registered;
        let (folder, name) = drive::split(path);
        let mut data = json!({
            "pick_code": file.pick_code,
            "file_name": name,
            "file_id": drive::id_of(path, &Entry::File(file.clone())),
            "thumb_url": "",
            "aid": 1,
            "cid": drive::id_of(folder, &Entry::Folder),
            "is_video": u8::from(is_video(name)),
        });
        if self.config.switches.callback_data == CallbackData::Full {
            data["file_size"] = file.size.saturating_sub(short).into();
            data["sha1"] = file.sha1.clone().into();
        }
        let shape = &self.config.shape;
        answer(200, &json!({ "state": shape.state(true), "code": 0, "message": "", "data": shape.data(data) }))
    }
}

fn answer(status: u16, body: &Value) -> CallbackAnswer {
    CallbackAnswer { status, body: body.to_string().into() }
}

#[cfg(test)]
#[path = "callback_tests.rs"]
mod tests;
