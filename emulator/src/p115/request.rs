//! A request that is arriving: its form is read, and at its end it becomes a call.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use http::header::{AUTHORIZATION, HOST};
use http::request::Parts;

use super::answer::Success;
use super::call::Call;
use super::code::{self, Code};
use super::op::{FACTS, Family, Op, rules};
use super::server::P115;
use super::{drive, files, folder_add, get_info, init, log_in, resume};
use crate::faults::{Fault, FaultKey};
use crate::form::{Fields, Form};
use crate::service::{Outcome, RequestHandler};

pub(super) struct Request {
    server: Arc<P115>,
    op: Option<Op>,
    path: String,
    host: String,
    authorization: Option<HeaderValue>,
    form: Form,
}

impl Request {
    pub(super) fn begin(server: Arc<P115>, head: &Parts) -> Request {
        let path = head.uri.path().to_owned();
        let op = Op::of_path(&path).filter(|op| op.takes(&head.method));
        let host = head.headers.get(HOST).and_then(|value| value.to_str().ok());
        let host = host.or(head.uri.authority().map(http::uri::Authority::as_str)).unwrap_or_default();
        let mut form = Form::new(&head.headers, rules(server.config.switches.repeated_field));
        form.read_query(head.uri.query().unwrap_or_default());
        Request {
            server,
            op,
            path,
            host: host.to_owned(),
            authorization: head.headers.get(AUTHORIZATION).cloned(),
            form,
        }
    }

    fn run(&self, op: Op, clock: Duration, fault: Option<&Fault>) -> Result<Success, Code> {
        let call = Call {
            server: &self.server,
            fields: self.form.outcome()?,
            authorization: self.authorization.as_ref(),
            host: &self.host,
            clock,
            fault,
        };
        work(&call, op)
    }
}

impl RequestHandler for Request {
    fn feed(&mut self, chunk: &[u8]) {
        self.form.feed(chunk, None);
    }

    fn is_decided(&self) -> bool {
        false
    }

    fn close(&mut self) {
        self.form.close(None);
    }

    /// Known at the end of the body, which says what file it is about.
    fn fault_key(&self) -> Option<FaultKey> {
        if !self.form.is_closed() {
            return None;
        }
        let fields = self.form.outcome().ok();
        let object = fields.zip(self.op).and_then(|(fields, op)| object_of(&self.server, op, fields));
        let op = self.op.map_or("", Op::name);
        Some(FaultKey { facts: &FACTS, op: op.to_owned(), path: object.unwrap_or_else(|| self.path.clone()) })
    }

    fn offset(&self) -> Option<u64> {
        None
    }

    fn received(&self) -> u64 {
        0
    }

    /// The file API and the token API refuse differently.
    fn fault_response(&self, clock: Duration, fault: &Fault) -> Option<Outcome> {
        let expired = match self.op {
            Some(Op::RefreshToken) => code::REFRESH_EXPIRED,
            Some(Op::AuthDeviceCode | Op::GetStatus | Op::DeviceCodeToToken) => code::CODE_EXPIRED,
            _ => code::ACCESS_INVALID,
        };
        Some(self.server.context(self.op, clock).fault_response(fault, expired))
    }

    fn work(mut self: Box<Self>, clock: Duration, fault: Option<&Fault>) -> Outcome {
        self.close();
        let context = self.server.context(self.op, clock);
        let Some(op) = self.op else {
            return context.page(404);
        };
        match self.run(op, clock, fault) {
            Ok(success) => context.success(success),
            Err(code) => context.refused(200, code),
        }
    }
}

/// Does what is asked for.
fn work(call: &Call<'_>, op: Op) -> Result<Success, Code> {
    if op.family() == Family::Files {
        call.server.tokens.check(call.authorization, &call.server.config, call.clock)?;
    }
    match op {
        Op::AuthDeviceCode => log_in::auth_device_code(call),
        Op::GetStatus => log_in::get_status(call),
        Op::DeviceCodeToToken => log_in::device_code_to_token(call),
        Op::RefreshToken => log_in::refresh_token(call),
        Op::Init => init::run(call),
        Op::GetToken => Ok(log_in::get_token(call)),
        Op::Resume => resume::run(call),
        Op::GetInfo => get_info::run(call),
        Op::FolderAdd => folder_add::run(call),
        Op::Files => files::run(call),
    }
}

/// The path in the drive that a request is about, if it is about one.
fn object_of(server: &P115, op: Op, fields: &Fields) -> Option<String> {
    let path = match op {
        Op::Init => {
            let folder = server.drive.folder(fields.text("target")?.strip_prefix("U_1_")?)?;
            drive::join(&folder, fields.text("file_name")?)
        }
        Op::Resume => {
            let task = server.tasks.look(fields.text("pick_code")?)?;
            drive::join(&task.folder, &task.name)
        }
        Op::GetInfo => match fields.text("file_id") {
            Some(id) => server.drive.by_id(id)?.0,
            None => get_info::place(fields.text("path")?),
        },
        Op::FolderAdd => drive::join(&server.drive.folder(fields.text("pid")?)?, fields.text("file_name")?),
        Op::Files => server.drive.folder(fields.text("cid").unwrap_or(drive::ROOT))?,
        Op::AuthDeviceCode | Op::GetStatus | Op::DeviceCodeToToken | Op::RefreshToken | Op::GetToken => return None,
    };
    Some(format!("/{path}"))
}
