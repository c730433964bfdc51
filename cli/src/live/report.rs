//! What is written down: what was done, and which of the emulator's switches the vendor settled. No secret, and no text of an
//! answer.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use resumable_emulator::Config;
use serde_json::Value;

use super::vendors::Vendor;
use crate::date::show_utc;

/// A step, and what came of it.
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) result: Result<String, String>,
}

/// The report, as Markdown.
pub(super) fn text(vendor: &Vendor, steps: &[Step], settled: &BTreeMap<&'static str, String>, stays: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let version = env!("CARGO_PKG_VERSION");
    let mut text =
        format!("# resumable live: {}\n\n{}, resumable {version}\n\n## Steps\n\n", vendor.name, show_utc(now));
    for Step { name, result } in steps {
        let (mark, what) = match result {
            Ok(what) => ("done", what),
            Err(why) => ("FAILED", why),
        };
        let _ = writeln!(text, "- {name}: {mark}: {what}");
    }
    let _ = write!(text, "\n## Left at the vendor\n\n{stays}\n\n## Switches of the emulator\n\n");
    let switches = switches(vendor);
    if settled.keys().all(|switch| !switches.contains_key(*switch)) {
        text.push_str("Nothing that was seen settles any of them.\n");
        return text;
    }
    text.push_str("| switch | emulator | vendor |\n|---|---|---|\n");
    for (switch, choice) in settled {
        if let Some(default) = switches.get(*switch) {
            let differs = if default == choice { "" } else { " **differs**" };
            let _ = writeln!(text, "| `{switch}` | `{default}` | `{choice}`{differs} |");
        }
    }
    text
}

/// The switches of this vendor's emulator, and what each is set to by default.
fn switches(vendor: &Vendor) -> BTreeMap<String, String> {
    let config = serde_json::to_value(Config::default()).unwrap_or_default();
    let switches = &config[vendor.settings]["switches"];
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    switches.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), shown(value))).collect()
}
