//! How much of the code each target reaches.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::workspace::Result;

/// What is known of a target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    /// How many edges its corpus reaches: libFuzzer's `cov`.
    pub(crate) edges: u64,
    /// How many it has to reach.
    pub(crate) floor: u64,
    /// For how long it ran until the corpus was what it is.
    pub(crate) seconds: u64,
    /// And how often.
    pub(crate) runs: u64,
}

impl Reach {
    /// The same after another run, whose corpus reaches so many edges.
    pub(crate) fn after(self, edges: u64, seconds: u64, runs: u64) -> Self {
        Self { edges, floor: (edges * 9).div_ceil(10), seconds: self.seconds + seconds, runs: self.runs + runs }
    }

    /// So many runs took that long when the corpus was made.
    pub(crate) fn runs_in(self, seconds: u64) -> u64 {
        (self.runs * seconds).div_ceil(self.seconds.max(1))
    }
}

/// The table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Floors {
    /// The compiler whose edges are counted.
    pub(crate) compiler: String,
    targets: BTreeMap<String, Reach>,
}

fn file(root: &Path) -> PathBuf {
    root.join("fuzz/floors.json")
}

impl Floors {
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let file = file(root);
        let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        Self::parse(&text).ok_or_else(|| format!("{} is not the table of floors", file.display()))
    }

    fn parse(text: &str) -> Option<Self> {
        let table: Value = serde_json::from_str(text).ok()?;
        let floor = |row: &Value| {
            let number = |key: &str| row[key].as_u64();
            let (edges, floor) = (number("edges")?, number("floor")?);
            Some(Reach { edges, floor, seconds: number("seconds")?, runs: number("runs")? })
        };
        let rows = table["targets"].as_object()?.iter();
        let targets = rows.map(|(name, row)| Some((name.clone(), floor(row)?))).collect::<Option<_>>()?;
        Some(Self { compiler: table["compiler"].as_str()?.to_owned(), targets })
    }

    pub(crate) fn write(&self, root: &Path) -> Result<()> {
        let file = file(root);
        fs::write(&file, self.text()).map_err(|error| format!("{}: {error}", file.display()))
    }

    fn text(&self) -> String {
        let row = |floor: &Reach| {
            let Reach { edges, floor, seconds, runs } = floor;
            json!({ "edges": edges, "floor": floor, "seconds": seconds, "runs": runs })
        };
        let rows = self.targets.iter().map(|(name, floor)| format!("    {}: {}", json!(name), row(floor)));
        let rows: Vec<String> = rows.collect();
        format!("{{\n  \"compiler\": {},\n  \"targets\": {{\n{}\n  }}\n}}\n", json!(self.compiler), rows.join(",\n"))
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.targets.keys().map(String::as_str).collect()
    }

    /// What is known of it: nothing, if it is new.
    pub(crate) fn of(&self, name: &str) -> Reach {
        self.targets.get(name).copied().unwrap_or_default()
    }

    pub(crate) fn of_mut(&mut self, name: &str) -> &mut Reach {
        self.targets.entry(name.to_owned()).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut floors = Floors { compiler: "1.2.3".to_owned(), targets: BTreeMap::new() };
        *floors.of_mut("b") = Reach { edges: 1, floor: 2, seconds: 3, runs: 4 };
        *floors.of_mut("a") = Reach::default();
        assert_eq!(Floors::parse(&floors.text()), Some(floors));
        assert_eq!(Floors::parse("{}"), None);
    }

    #[test]
    fn a_floor_is_nine_tenths_and_the_times_add_up() {
        let after = Reach { edges: 5, floor: 5, seconds: 10, runs: 3 }.after(101, 20, 4);
        assert_eq!(after, Reach { edges: 101, floor: 91, seconds: 30, runs: 7 });
        assert_eq!((after.runs_in(30), after.runs_in(1), Reach::default().runs_in(1)), (7, 1, 0));
    }
}
