//! As much of an OSS client as an upload to 115 needs: it signs with version 1.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use resumable_emulator::Reply;
use serde_json::Value;
use sha1::Sha1;

use crate::client::*;

/// A temporary key, and where an upload has to go.
pub(crate) struct Stage<'a> {
    client: Client<'a>,
    key: Value,
    bucket: String,
    object: String,
    callback: String,
    callback_var: String,
}

impl<'a> Stage<'a> {
    /// `task`: the answer of an init or of a resume.
    pub(crate) fn of(client: Client<'a>, task: &Answer) -> Stage<'a> {
        let answer = client.get(GET_TOKEN, &[]);
        Stage::with_key(client, task, answer.succeeds().data().clone())
    }

    /// The same with a key that is at hand.
    pub(crate) fn with_key(client: Client<'a>, task: &Answer, key: Value) -> Stage<'a> {
        let callback = &task.data()["callback"];
        let text = |name: &str| callback[name].as_str().unwrap_or_else(|| panic!("{}", task.body)).to_owned();
        Stage {
            client,
            key,
            bucket: task.text("bucket"),
            object: task.text("object"),
            callback: text("callback"),
            callback_var: text("callback_var"),
        }
    }

    fn send(&self, method: &str, query: &str, headers: &[(&str, String)], body: &[u8]) -> Reply {
        let date = httpdate::fmt_http_date(std::time::UNIX_EPOCH + self.client.now);
        let key = |name: &str| self.key[name].as_str().expect("text");
        let mut headers = [headers, &[("x-oss-security-token", key("SecurityToken").to_owned())]].concat();
        headers.sort();
        let own = headers.iter().fold(String::new(), |text, (name, value)| text + name + ":" + value + "\n");
        let mark = if query.is_empty() { "" } else { "?" };
        let resource = format!("/{}/{}{mark}{query}", self.bucket, self.object);
        let clear = format!("{method}\n\n\n{date}\n{own}{resource}");
        let mac = Hmac::<Sha1>::new_from_slice(key("AccessKeySecret").as_bytes()).expect("any key");
        let signature = STANDARD.encode(mac.chain_update(clear).finalize().into_bytes());
        let mut request = http::Request::builder()
            .method(method)
            .uri(&resource)
            .header("host", HOST)
            .header("date", &date)
            .header("content-length", body.len())
            .header("authorization", format!("OSS {}:{signature}", key("AccessKeyId")));
        for (name, value) in &headers {
            request = request.header(*name, value);
        }
        self.client.emulator.handle(self.client.now, request.body(body.to_vec().into()).expect("a request"))
    }

    fn callback(&self) -> [(&'static str, String); 2] {
        [
            ("x-oss-callback", STANDARD.encode(&self.callback)),
            ("x-oss-callback-var", STANDARD.encode(&self.callback_var)),
        ]
    }

    pub(crate) fn put(&self, bytes: &[u8]) -> Answer {
        Answer::of(self.send("PUT", "", &self.callback(), bytes))
    }

    /// An upload id.
    pub(crate) fn initiate(&self, query: &str) -> String {
        let reply = self.send("POST", query, &[], b"");
        let text = String::from_utf8_lossy(reply.response.body()).into_owned();
        let id = text.split_once("<UploadId>").and_then(|(_, rest)| rest.split_once('<'));
        id.unwrap_or_else(|| panic!("{text}")).0.to_owned()
    }

    pub(crate) fn part(&self, id: &str, number: usize, bytes: &[u8]) -> u16 {
        let query = format!("partNumber={number}&uploadId={id}");
        self.send("PUT", &query, &[], bytes).response.status().as_u16()
    }

    pub(crate) fn complete(&self, id: &str, parts: &[&[u8]]) -> Answer {
        let etag = |bytes: &[u8]| Md5::digest(bytes).iter().fold(String::new(), |text, it| text + &format!("{it:02X}"));
        let part = |(index, bytes): (usize, &&[u8])| {
            format!("<Part><PartNumber>{}</PartNumber><ETag>\"{}\"</ETag></Part>", index + 1, etag(bytes))
        };
        let parts: String = parts.iter().enumerate().map(part).collect();
        let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
        Answer::of(self.send("POST", &format!("uploadId={id}"), &self.callback(), body.as_bytes()))
    }
}
