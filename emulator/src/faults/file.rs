//! A plan file. It is read piece by piece, so that every complaint can say where.

use std::fmt::Display;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::error::PlanError;
use super::facts::Facts;
use super::fault::{Fault, VendorCode};
use super::plan::{ALWAYS, Plan, Rule};

/// Keys that every rule may have.
const SELECTORS: [&str; 6] = ["service", "op", "path", "skip", "times", "fault"];
const STATUSES: std::ops::RangeInclusive<u64> = 200..=599;

/// Every fault, with the further keys that go with it.
const FAULTS: [(&str, &[&str]); 33] = [
    ("refuse", &["status", "code", "at_byte", "commit"]),
    ("unavailable", &["at_byte", "commit"]),
    ("throttle", &["retry_after_seconds", "at_byte"]),
    ("html", &["status", "at_byte", "commit"]),
    ("garbage", &["at_byte", "commit"]),
    ("expire_token", &["at_byte"]),
    ("cut_before", &["at_byte"]),
    ("reset", &["at_byte", "commit"]),
    ("stall", &["at_byte", "commit"]),
    ("drop_reply", &[]),
    ("cut_reply", &[]),
    ("trickle", &["millis"]),
    ("delay", &["millis"]),
    ("forget_session", &[]),
    ("wrong_offset", &[]),
    ("wrong_length", &[]),
    ("wrong_session", &[]),
    ("offset_beyond_file", &[]),
    ("slice_size", &["bytes"]),
    ("callback_failed", &["delivered"]),
    ("stuck_marker", &[]),
    ("missing_marker", &[]),
    ("wrong_etag", &[]),
    ("wrong_crc", &[]),
    ("duplicate_part", &[]),
    ("missing_part", &[]),
    ("extra_part", &[]),
    ("other_bytes", &[]),
    ("other_writer", &[]),
    ("part_survives", &[]),
    ("blanks", &["count", "millis", "code", "cut", "commit"]),
    ("late", &["millis", "hidden"]),
    ("throttle_header", &["name", "value", "at_byte"]),
];

/// Reads a plan for these vendors.
pub(crate) fn read(text: &str, vendors: &[&Facts]) -> Result<Plan, PlanError> {
    let file = Object::read(text, text, "")?;
    file.check_keys(&["rules"], "a plan has")?;
    let Some(rules) = file.get("rules") else {
        return Err(file.wrong("`rules` is missing: a plan is {\"rules\": [ … ]}"));
    };
    let Ok(rules) = serde_json::from_str::<Vec<&RawValue>>(rules.get()) else {
        return Err(file.wrong_at("rules", "must be a list of rules"));
    };
    let rules = rules.into_iter().enumerate().map(|(index, rule)| {
        let rule = Object::read(text, rule.get(), &format!("rules[{index}]"))?;
        rule.rule(vendors)
    });
    Ok(Plan { rules: rules.collect::<Result<_, _>>()? })
}

/// A JSON object, with where it stands.
struct Object<'a> {
    file: &'a str,
    text: &'a str,
    name: String,
    members: Vec<(String, &'a RawValue)>,
}

impl<'a> Object<'a> {
    fn read(file: &'a str, text: &'a str, name: &str) -> Result<Object<'a>, PlanError> {
        let name = name.to_owned();
        match serde_json::from_str::<Members<'a>>(text) {
            Ok(Members(members)) => Ok(Object { file, text, name, members }),
            Err(error) => {
                let key = name.clone();
                let object = Object { file, text, name, members: Vec::new() };
                Err(object.error(place(text, &error), &key, &plain(&error)))
            }
        }
    }

    fn get(&self, key: &str) -> Option<&'a RawValue> {
        self.members.iter().find(|(known, _)| known == key).map(|(_, value)| *value)
    }

    fn wrong(&self, problem: impl Display) -> PlanError {
        self.error(self.text, &self.name, &problem)
    }

    fn wrong_at(&self, key: &str, problem: impl Display) -> PlanError {
        let place = self.get(key).map_or(self.text, RawValue::get);
        let name = if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) };
        self.error(place, &name, &problem)
    }

    /// `place` is a piece of the file.
    fn error(&self, place: &str, key: &str, problem: &dyn Display) -> PlanError {
        let at = (place.as_ptr() as usize).saturating_sub(self.file.as_ptr() as usize);
        let before = &self.file[..at.min(self.file.len())];
        let line = before.rsplit('\n').next().unwrap_or_default();
        PlanError {
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
            key: key.to_owned(),
            problem: problem.to_string(),
        }
    }

    fn check_keys(&self, allowed: &[&str], who: &str) -> Result<(), PlanError> {
        for (index, (key, value)) in self.members.iter().enumerate() {
            let name = if self.name.is_empty() { key.clone() } else { format!("{}.{key}", self.name) };
            if !allowed.contains(&key.as_str()) {
                let problem = format!("this key is not known; {who} {}", listed(allowed));
                return Err(self.error(value.get(), &name, &problem));
            }
            if self.members[..index].iter().any(|(earlier, _)| earlier == key) {
                return Err(self.error(value.get(), &name, &"this key is there twice"));
            }
        }
        Ok(())
    }

    fn rule(&self, vendors: &[&Facts]) -> Result<Rule, PlanError> {
        let (name, own) = self.fault_name()?;
        self.check_keys(&[&SELECTORS, own].concat(), &format!("a rule with the fault `{name}` has"))?;
        let rule = Rule {
            service: self.text_of("service")?,
            op: self.text_of("op")?,
            path: self.text_of("path")?,
            skip: self.number("skip")?.unwrap_or(0),
            times: self.times()?,
            at_byte: self.number("at_byte")?,
            commit: self.flag("commit")?,
            fault: self.fault(name)?,
        };
        if rule.commit && rule.at_byte.is_some() {
            return Err(
                self.wrong_at("commit", "a fault in the middle of the body comes before the work: leave out one")
            );
        }
        self.check_target(&rule, vendors)?;
        Ok(rule)
    }

    fn fault_name(&self) -> Result<(&'static str, &'static [&'static str]), PlanError> {
        let names = FAULTS.map(|(name, _)| name);
        let Some(name) = self.text_of("fault")? else {
            return Err(self.wrong(format!("`fault` is missing: one of {}", listed(&names))));
        };
        let known = FAULTS.iter().find(|(known, _)| *known == name);
        known.copied().ok_or_else(|| self.wrong_at("fault", format!("no such fault; there are {}", listed(&names))))
    }

    fn fault(&self, name: &str) -> Result<Fault, PlanError> {
        Ok(match name {
            "refuse" => Fault::Refuse { status: self.status(None)?, code: self.code()? },
            "unavailable" => Fault::Unavailable,
            "throttle" => Fault::Throttle { retry_after_seconds: self.number("retry_after_seconds")? },
            "html" => Fault::Html { status: self.status(Some(502))? },
            "garbage" => Fault::Garbage,
            "expire_token" => Fault::ExpireToken,
            "cut_before" => Fault::CutBefore,
            "reset" => Fault::Reset,
            "stall" => Fault::Stall,
            "drop_reply" => Fault::DropReply,
            "cut_reply" => Fault::CutReply,
            "trickle" => Fault::Trickle { millis: self.number("millis")?.unwrap_or(10) },
            "delay" => Fault::Delay { millis: self.needed("millis")? },
            "forget_session" => Fault::ForgetSession,
            "wrong_offset" => Fault::WrongOffset,
            "wrong_length" => Fault::WrongLength,
            "wrong_session" => Fault::WrongSession,
            "callback_failed" => Fault::CallbackFailed { delivered: self.flag("delivered")? },
            "stuck_marker" => Fault::StuckMarker,
            "missing_marker" => Fault::MissingMarker,
            "wrong_etag" => Fault::WrongEtag,
            "wrong_crc" => Fault::WrongCrc,
            "offset_beyond_file" => Fault::OffsetBeyondFile,
            "duplicate_part" => Fault::DuplicatePart,
            "missing_part" => Fault::MissingPart,
            "extra_part" => Fault::ExtraPart,
            "other_bytes" => Fault::OtherBytes,
            "other_writer" => Fault::OtherWriter,
            "part_survives" => Fault::PartSurvives,
            "blanks" => Fault::Blanks {
                count: self.number("count")?.unwrap_or(20),
                millis: self.number("millis")?.unwrap_or(0),
                code: self.get("code").map(|_| self.code()).transpose()?,
                cut: self.flag("cut")?,
            },
            "late" => Fault::Late { millis: self.needed("millis")?, hidden: self.flag("hidden")? },
            "throttle_header" => {
                Fault::ThrottleHeader { name: self.needed_text("name")?, value: self.needed_text("value")? }
            }
            _ => Fault::SliceSize { bytes: self.needed("bytes")? },
        })
    }

    fn text_of(&self, key: &str) -> Result<Option<String>, PlanError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let text: Result<String, _> = serde_json::from_str(value.get());
        text.map(Some).map_err(|_| self.wrong_at(key, "must be a text"))
    }

    fn needed_text(&self, key: &str) -> Result<String, PlanError> {
        self.text_of(key)?.ok_or_else(|| self.wrong_at(key, "is missing: this fault needs it"))
    }

    fn number(&self, key: &str) -> Result<Option<u64>, PlanError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let number: Result<u64, _> = serde_json::from_str(value.get());
        number.map(Some).map_err(|_| self.wrong_at(key, "must be a whole number, 0 or more"))
    }

    fn needed(&self, key: &str) -> Result<u64, PlanError> {
        self.number(key)?.ok_or_else(|| self.wrong_at(key, "is missing: this fault needs it"))
    }

    fn flag(&self, key: &str) -> Result<bool, PlanError> {
        let Some(value) = self.get(key) else { return Ok(false) };
        serde_json::from_str(value.get()).map_err(|_| self.wrong_at(key, "must be true or false"))
    }

    fn times(&self) -> Result<u64, PlanError> {
        let Some(value) = self.get("times") else { return Ok(1) };
        if self.text_of("times").is_ok_and(|text| text.as_deref() == Some(ALWAYS)) {
            return Ok(Rule::ALWAYS);
        }
        let number = serde_json::from_str(value.get()).ok().filter(|number| *number > 0);
        number.ok_or_else(|| self.wrong_at("times", format!("must be a whole number, 1 or more, or \"{ALWAYS}\"")))
    }

    fn status(&self, default: Option<u16>) -> Result<u16, PlanError> {
        if let (None, Some(default)) = (self.get("status"), default) {
            return Ok(default);
        }
        let status = Some(self.needed("status")?).filter(|status| STATUSES.contains(status));
        let status = status.and_then(|status| u16::try_from(status).ok());
        status.ok_or_else(|| self.wrong_at("status", "must be an HTTP status from 200 to 599"))
    }

    fn code(&self) -> Result<VendorCode, PlanError> {
        let Some(value) = self.get("code") else {
            return Err(self.wrong_at("code", "is missing: this fault needs it"));
        };
        serde_json::from_str(value.get())
            .map_err(|_| self.wrong_at("code", "must be the vendor's code, a whole number or a text"))
    }

    /// A rule that no request can match is a mistake.
    fn check_target(&self, rule: &Rule, vendors: &[&Facts]) -> Result<(), PlanError> {
        let is_meant = |it: &&&Facts| rule.service.as_deref().is_none_or(|name| name == it.name);
        let services: Vec<&&Facts> = vendors.iter().filter(is_meant).collect();
        if services.is_empty() {
            let known: Vec<&str> = vendors.iter().map(|it| it.name).collect();
            return Err(self.wrong_at("service", format!("no such service; there are {}", listed(&known))));
        }
        let ops: Vec<(&str, bool)> =
            services.iter().flat_map(|it| it.ops.iter().map(|op| (*op, (it.fits)(op, &rule.fault)))).collect();
        let fitting: Vec<&str> = ops.iter().filter(|(_, fits)| *fits).map(|(op, _)| *op).collect();
        match rule.op.as_deref() {
            None if fitting.is_empty() => Err(self.wrong_at("fault", "no request of this service can show it")),
            Some(op) if !ops.iter().any(|(known, _)| *known == op) => {
                let known: Vec<&str> = ops.iter().map(|(op, _)| *op).collect();
                Err(self.wrong_at("op", format!("no such operation; there are {}", listed(&known))))
            }
            Some(op) if !fitting.contains(&op) => {
                Err(self.wrong_at("op", format!("cannot show this fault; those that can are {}", listed(&fitting))))
            }
            _ => Ok(()),
        }
    }
}

/// The members of an object in their order, their values unread.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        from.deserialize_map(Reader).map(Members)
    }
}

/// A parser's complaint without its own idea of the place.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}

/// The rest of the text from where `serde_json` found an error: its column counts bytes, and is 0 in a line that has none.
fn place<'a>(text: &'a str, error: &serde_json::Error) -> &'a str {
    let before = error.line().saturating_sub(1);
    let line = text.split_inclusive('\n').take(before).map(str::len).sum::<usize>();
    let at = (line + error.column().saturating_sub(1)).min(text.len());
    (0..=at).rev().find_map(|at| text.get(at..)).unwrap_or(text)
}

/// Each name once, however many services have it.
fn listed(names: &[&str]) -> String {
    let mut once: Vec<String> = Vec::new();
    for name in names.iter().map(|name| format!("`{name}`")) {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    once.join(", ")
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
