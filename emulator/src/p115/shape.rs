//! The oddities of the vendor's JSON: each was seen by some client, none is on the vendor's pages.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::switch::switch;

/// How answers are written. A client should read all of them.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Shape {
    /// `data` of a success, and `callback` in it, stand in an array of one (`false`).
    pub in_arrays: bool,
    /// Numbers in `data` are texts: `status`, `file_size`, and so on (`false`).
    pub numbers_as_texts: bool,
    /// What `state` is in the answers of the file API (`bool`); in those about tokens it is a number.
    pub state: StateForm,
    /// `message` is a number: 0, or the code (`false`).
    pub message_as_number: bool,
    /// `data` of a refusal (`array`).
    pub refused_data: RefusedData,
    /// `data` of a log-in that nobody scanned yet (`object`).
    pub waiting: Waiting,
    /// The ids in `paths` of `folder/get_info` (`text`).
    pub path_ids: NumberForm,
    /// `count` of `folder/get_info` (`number`).
    pub count: NumberForm,
    /// Where refusals about tokens have their code and their text (`both`).
    pub token_errors: TokenErrors,
    /// `callback` of an init that wants no bytes (`array`).
    pub no_callback: NoCallback,
    /// The `endpoint` of `get_token` (`http`). The scheme means nothing at the vendor's, who answers `http://` and
    /// speaks TLS.
    pub endpoint: EndpointForm,
}

impl Default for Shape {
    fn default() -> Self {
        Shape {
            in_arrays: false,
            numbers_as_texts: false,
            state: StateForm::Bool,
            message_as_number: false,
            refused_data: RefusedData::Array,
            waiting: Waiting::Object,
            path_ids: NumberForm::Text,
            count: NumberForm::Number,
            token_errors: TokenErrors::Both,
            no_callback: NoCallback::Array,
            endpoint: EndpointForm::Http,
        }
    }
}

switch! {
    /// Success and failure.
    StateForm {
        /// `true` and `false`.
        Bool,
        /// 1 and 0.
        Number,
        /// `"1"` and `"0"`.
        Text,
    }
}
switch! {
    /// The `data` of a refusal.
    RefusedData {
        /// `[]`.
        Array,
        /// `{}`.
        Object,
        /// `null`.
        Null,
        /// None.
        Absent,
    }
}
switch! {
    /// The `data` of a log-in that nobody scanned yet.
    Waiting {
        /// `{}`.
        Object,
        /// `[]`.
        Array,
    }
}
switch! {
    /// How a number is written.
    NumberForm {
        /// `1`.
        Number,
        /// `"1"`.
        Text,
    }
}
switch! {
    /// The members of a refusal about tokens.
    TokenErrors {
        /// `code`, `message`, `errno` and `error` say the same.
        Both,
        /// `errno` and `error`; `code` is 0 and `message` empty.
        Errno,
        /// `code` and `message`; there is no `errno` and no `error`.
        Code,
    }
}
switch! {
    /// A `callback` that is none.
    NoCallback {
        /// `[]`.
        Array,
        /// `{}`.
        Object,
        /// `null`.
        Null,
        /// None.
        Absent,
    }
}
switch! {
    /// How an endpoint is written.
    EndpointForm {
        /// With `http://`.
        Http,
        /// With `https://`.
        Https,
        /// The host alone.
        Bare,
    }
}

impl NumberForm {
    pub(super) fn write(self, number: u64) -> Value {
        match self {
            NumberForm::Number => number.into(),
            NumberForm::Text => number.to_string().into(),
        }
    }
}

impl Shape {
    pub(super) fn state(&self, is_good: bool) -> Value {
        match self.state {
            StateForm::Bool => is_good.into(),
            StateForm::Number => u8::from(is_good).into(),
            StateForm::Text => u8::from(is_good).to_string().into(),
        }
    }

    /// `data` of a success, and whatever stands in it.
    pub(super) fn data(&self, data: Value) -> Value {
        let mut data = if self.numbers_as_texts { with_texts(data) } else { data };
        if !self.in_arrays {
            return data;
        }
        if let Some(callback) = data.get_mut("callback").filter(|it| it.is_object()) {
            *callback = vec![callback.take()].into();
        }
        if data.is_object() { vec![data].into() } else { data }
    }

    /// `data` of a log-in that nobody scanned yet.
    pub(super) fn waiting(&self) -> Value {
        match self.waiting {
            Waiting::Object => Value::Object(Map::new()),
            Waiting::Array => Value::Array(Vec::new()),
        }
    }

    /// Puts a member where a refusal has its data.
    pub(super) fn put_refused_data(&self, envelope: &mut Map<String, Value>) {
        let data = match self.refused_data {
            RefusedData::Array => Value::Array(Vec::new()),
            RefusedData::Object => Value::Object(Map::new()),
            RefusedData::Null => Value::Null,
            RefusedData::Absent => return,
        };
        envelope.insert("data".to_owned(), data);
    }

    /// Puts a member where init has no callback.
    pub(super) fn put_no_callback(&self, data: &mut Map<String, Value>) {
        let none = match self.no_callback {
            NoCallback::Array => Value::Array(Vec::new()),
            NoCallback::Object => Value::Object(Map::new()),
            NoCallback::Null => Value::Null,
            NoCallback::Absent => return,
        };
        data.insert("callback".to_owned(), none);
    }

    pub(super) fn endpoint(&self, host: &str) -> String {
        match self.endpoint {
            EndpointForm::Http => format!("http://{host}"),
            EndpointForm::Https => format!("https://{host}"),
            EndpointForm::Bare => host.to_owned(),
        }
    }
}

fn with_texts(value: Value) -> Value {
    match value {
        Value::Number(number) => number.to_string().into(),
        Value::Array(items) => items.into_iter().map(with_texts).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, with_texts(value))).collect(),
        other => other,
    }
}
