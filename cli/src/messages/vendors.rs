//! What each vendor's codes mean, and what to do about them.

use std::fmt::Display;

use resumable::{cos_v2, oss, p115, xfyun};

use super::block;

pub(super) fn all() -> String {
    let oss = oss::codes::CODES.iter().map(|it| row(it.code, it.meaning, it.remedy));
    let cos = cos_v2::codes::CODES.iter().map(|it| row(it.code, it.meaning, it.remedy));
    let p115 = p115::codes::CODES.iter().map(|it| row(it.code, it.meaning, it.remedy));
    let xfyun = xfyun::codes::CODES.iter().map(|it| row(it.code, it.meaning, it.remedy));
    let gateway = xfyun::codes::TEXTS.iter().map(|it| row(it.part, it.meaning, it.remedy));
    [
        table("`oss`", oss),
        table("`cos-v1`, `cos-v2`", cos),
        table("`115`", p115),
        table("`xfyun`", xfyun.chain(gateway)),
    ]
    .concat()
}

fn row(code: impl Display + Copy, meaning: &str, remedy: &str) -> String {
    let remedy = if remedy.is_empty() { String::new() } else { format!("; {remedy}") };
    format!("{code}: {meaning}{remedy}")
}

fn table(name: &str, rows: impl Iterator<Item = String>) -> String {
    block(name, &rows.collect::<Vec<_>>().join("\n"))
}
