//! What a pure crate may not mention, and what to do instead.

use super::source::{Manner, Mention};

pub(crate) struct Rule {
    pub(crate) name: &'static str,
    pub(crate) instead: &'static str,
    denies: &'static [Deny],
}

enum Deny {
    /// The path and all below it, but for what begins with one of the exceptions.
    Under(&'static str, &'static [&'static str]),
    /// A path that ends so, wherever it begins.
    Suffix(&'static str),
    /// A path that ends so and is called without arguments.
    EmptyCall(&'static str),
    /// A name that means one thing only, as any segment of a path.
    Name(&'static str),
    /// Nothing below this path, but an import of the path itself or of all that it holds.
    Door(&'static str),
    Macro(&'static str),
    Attribute(&'static str),
}

use Deny::{Attribute, Door, EmptyCall, Macro, Name, Suffix, Under};

static RULES: [Rule; 9] = [
    Rule {
        name: "clock",
        instead: "time is an argument: take a `Now`, or a `Duration` of it",
        denies: &[
            // The epoch is a constant that dates are counted from; `elapsed` would make it a clock.
            Under("std::time", &["std::time::Duration", "std::time::UNIX_EPOCH"]),
            EmptyCall("elapsed"),
            Under("chrono", &[]),
            Under("jiff", &[]),
            Under("web_time", &[]),
            Name("SystemTime"),
            Suffix("Instant::now"),
            Suffix("Utc::now"),
            Suffix("Local::now"),
        ],
    },
    Rule {
        name: "file",
        instead: "say what is to be read or saved by an `Action`; the driver's rooms do it",
        denies: &[Under("std::fs", &[]), Under("std::path", &[]), Under("tempfile", &[])],
    },
    Rule {
        name: "net",
        instead: "say what is to be sent by an `Action`; a transport does it",
        denies: &[Under("std::net", &[]), Under("socket2", &[]), Under("ureq", &[]), Under("hyper", &[])],
    },
    Rule {
        name: "thread",
        instead: "`poll` decides alone; what runs at the same time is the driver's business",
        denies: &[
            Under("std::thread", &[]),
            Under("tokio", &[]),
            Under("rayon", &[]),
            Under("crossbeam", &[]),
            Macro("thread_local"),
        ],
    },
    Rule {
        name: "environment",
        instead: "take it as an argument, or as an option of the protocol value",
        denies: &[Under("std::env", &[]), Under("std::os", &[]), Macro("env"), Macro("option_env")],
    },
    Rule {
        name: "process",
        instead: "return an error or an `Event`; what to do about it is the host's choice",
        denies: &[
            Under("std::process", &[]),
            Under("libc", &[]),
            Under("rustix", &[]),
            Under("std::io::stdin", &[]),
            Under("std::io::stdout", &[]),
            Under("std::io::stderr", &[]),
            Macro("print"),
            Macro("println"),
            Macro("eprint"),
            Macro("eprintln"),
            Macro("dbg"),
        ],
    },
    Rule {
        name: "chance",
        instead: "draw from a generator that was made with the upload's seed (`Rng::with_seed`)",
        denies: &[
            Under("fastrand", &["fastrand::Rng"]),
            Under("getrandom", &[]),
            Under("uuid", &[]),
            Suffix("fastrand::Rng::new"),
            Suffix("fastrand::Rng::default"),
            EmptyCall("Rng::new"),
            EmptyCall("Rng::default"),
            EmptyCall("rand::rng"),
            Suffix("rand::random"),
            Name("thread_rng"),
            Name("ThreadRng"),
            Name("OsRng"),
            Name("SysRng"),
            Name("from_entropy"),
            Name("from_os_rng"),
            Name("RandomState"),
        ],
    },
    Rule {
        name: "order",
        instead: "its iteration order changes from run to run: take `BTreeMap`, `BTreeSet` or a sorted `Vec`",
        denies: &[
            Name("HashMap"),
            Name("HashSet"),
            Under("std::collections::hash_map", &[]),
            Under("std::collections::hash_set", &[]),
            Under("hashbrown", &[]),
        ],
    },
    Rule {
        name: "blind spot",
        instead: "this check could not see what comes in by it: name each thing that you need",
        denies: &[Door("std"), Macro("include"), Attribute("path")],
    },
];

/// The first rule that a mention breaks.
pub(crate) fn broken_by(mention: &Mention) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.denies.iter().any(|deny| deny.hits(mention)))
}

impl Deny {
    fn hits(&self, mention: &Mention) -> bool {
        let Mention { path, manner, .. } = mention;
        match (self, manner) {
            (Attribute(name), Manner::Attribute) => path.iter().eq([name]),
            (Attribute(_), _) | (_, Manner::Attribute) => false,
            (Under(above, but), _) => begins(path, above) && !but.iter().any(|exception| begins(path, exception)),
            (Suffix(end), _) => ends(path, end),
            (EmptyCall(end), manner) => *manner == Manner::EmptyCall && ends(path, end),
            (Name(name), _) => path.iter().any(|segment| segment == name),
            (Door(door), Manner::Import | Manner::Glob) => path.iter().eq([door]),
            (Door(_), _) => false,
            (Macro(name), manner) => *manner == Manner::Macro && ends(path, name),
        }
    }
}

fn begins(path: &[String], with: &str) -> bool {
    let mut path = path.iter();
    with.split("::").all(|segment| path.next().is_some_and(|other| other == segment))
}

fn ends(path: &[String], with: &str) -> bool {
    let mut path = path.iter().rev();
    with.rsplit("::").all(|segment| path.next().is_some_and(|other| other == segment))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(path: &str, manner: Manner) -> Option<&'static str> {
        let path = path.split("::").map(str::to_owned).collect();
        broken_by(&Mention { path, manner, line: 1 }).map(|rule| rule.name)
    }

    #[test]
    fn a_path_is_denied_with_all_below_it_but_for_the_exceptions() {
        assert_eq!(broken("std::time", Manner::Import), Some("clock"));
        assert_eq!(broken("std::time", Manner::Glob), Some("clock"));
        assert_eq!(broken("std::time::Instant::now", Manner::EmptyCall), Some("clock"));
        assert_eq!(broken("std::time::Duration::from_secs", Manner::Plain), None);
        assert_eq!(broken("crate::std::time", Manner::Import), None);
    }

    #[test]
    fn the_door_is_denied_but_not_what_lies_behind_it() {
        assert_eq!(broken("std", Manner::Glob), Some("blind spot"));
        assert_eq!(broken("std", Manner::Import), Some("blind spot"));
        assert_eq!(broken("std::fmt", Manner::Import), None);
    }

    #[test]
    fn macros_and_attributes_are_not_mistaken_for_names() {
        assert_eq!(broken("env", Manner::Macro), Some("environment"));
        assert_eq!(broken("std::println", Manner::Macro), Some("process"));
        assert_eq!(broken("env", Manner::Plain), None);
        assert_eq!(broken("path", Manner::Attribute), Some("blind spot"));
        assert_eq!(broken("path", Manner::Plain), None);
    }
}
