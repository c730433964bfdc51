//! What a person is asked for a profile.

use std::io::{self, Write as _};

use resumable::vendors::{self, Entry};

use super::document::Document;
use super::entry;
use crate::exit::{Code, Problem};
use crate::printable;

/// What is known of a profile that is to be written.
#[derive(PartialEq, Eq)]
pub(super) struct Answers {
    pub(super) profile: Option<String>,
    pub(super) protocol: Option<String>,
    /// Keys and values, as they were written.
    pub(super) given: Vec<(String, String)>,
}

/// Who asks.
pub(super) trait Ask {
    /// Shows a question, and gives the line that comes back, without its end.
    fn ask(&mut self, question: &str) -> io::Result<String>;
    /// The same, and what is typed is not shown.
    fn ask_secretly(&mut self, question: &str) -> io::Result<String>;
}

/// The terminal of the user.
pub(super) struct Terminal;

impl Ask for Terminal {
    fn ask(&mut self, question: &str) -> io::Result<String> {
        let mut out = anstream::stderr().lock();
        write!(out, "{question} ")?;
        out.flush()?;
        let mut line = String::new();
        if io::stdin().read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim().to_owned())
    }

    fn ask_secretly(&mut self, question: &str) -> io::Result<String> {
        rpassword::prompt_password(format!("{question} ")).map(|line| line.trim().to_owned())
    }
}

impl Answers {
    /// Asks for the vendor, the name, and each key that the vendor's profiles need and nobody has said. An empty answer keeps
    /// what the file says.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn complete(mut self, document: &Document, ask: &mut impl Ask) -> Result<Self, Problem> {
        self.ask_for_all(document, ask).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted | io::ErrorKind::UnexpectedEof => {
                Problem::new(Code::Interrupted, "nothing was written")
            }
            _ => Problem::new(Code::Other, format!("the terminal cannot be read: {error}")),
        })?;
        Ok(self)
    }

    fn ask_for_all(&mut self, document: &Document, ask: &mut impl Ask) -> io::Result<()> {
        let there = |name: &Option<String>| name.as_ref().and_then(|name| document.text(name, "protocol"));
        if self.protocol.is_none() {
            self.protocol = there(&self.profile);
        }
        let vendor = match self.protocol.as_deref().map(entry) {
            Some(Ok(vendor)) => vendor,
            _ => choose(ask)?,
        };
        self.protocol = Some(vendor.name.to_owned());
        while self.profile.is_none() {
            let name = ask.ask("Name of the profile:")?;
            self.profile = Some(name).filter(|name| !name.is_empty() && !name.contains([':', '/']));
        }
        let name = self.profile.clone().unwrap_or_default();
        for key in vendor.needed() {
            if key.name == "protocol" || self.given.iter().any(|(given, _)| *given == key.name) {
                continue;
            }
            let is_secret = vendor.secrets.contains(&key.name.as_str());
            let now = match document.text(&name, &key.name) {
                Some(_) if is_secret => " (Enter keeps the one in the file)".to_owned(),
                Some(now) => format!(" (Enter keeps {})", printable::text(&now)),
                None => String::new(),
            };
            let comment = if key.comment.is_empty() { String::new() } else { format!(" - {}", key.comment) };
            let question = if is_secret {
                format!("{}{comment}{now}:", key.name)
            } else {
                format!("{}, like {}{comment}{now}:", key.name, key.example)
            };
            let answer = if is_secret { ask.ask_secretly(&question)? } else { ask.ask(&question)? };
            if !answer.is_empty() {
                self.given.push((key.name, answer));
            }
        }
        Ok(())
    }
}

fn choose(ask: &mut impl Ask) -> io::Result<Entry> {
    let names: Vec<&str> = vendors::entries().map(|vendor| vendor.name).collect();
    loop {
        let answer = ask.ask(&format!("Vendor ({}):", names.join(", ")))?;
        if let Some(vendor) = vendors::entries().find(|vendor| vendor.name == answer) {
            return Ok(vendor);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// Answers in turn, and which questions they were to.
    struct Script {
        answers: VecDeque<&'static str>,
        asked: Vec<(bool, String)>,
    }

    impl Script {
        fn new(answers: &[&'static str]) -> Self {
            Self { answers: answers.iter().copied().collect(), asked: Vec::new() }
        }

        fn next(&mut self, secretly: bool, question: &str) -> io::Result<String> {
            self.asked.push((secretly, question.to_owned()));
            self.answers.pop_front().map(str::to_owned).ok_or(io::ErrorKind::UnexpectedEof.into())
        }
    }

    impl Ask for Script {
        fn ask(&mut self, question: &str) -> io::Result<String> {
            self.next(false, question)
        }

        fn ask_secretly(&mut self, question: &str) -> io::Result<String> {
            self.next(true, question)
        }
    }

    fn nothing() -> Answers {
        Answers { profile: None, protocol: None, given: Vec::new() }
    }

    #[test]
    fn what_a_profile_needs_is_asked_for_and_secrets_secretly() {
        let mut script =
            Script::new(&["ftp", "oss", "a:b", "films", "https://oss-cn-shenzhen.aliyuncs.com", "bucket", "id", "key"]);
        let answers = nothing().complete(&Document::default(), &mut script).unwrap();
        assert_eq!((answers.protocol.as_deref(), answers.profile.as_deref()), (Some("oss"), Some("films")));
        let keys: Vec<&str> = answers.given.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["endpoint", "bucket", "access_key_id", "access_key_secret"]);
        let secretly = script.asked.iter().filter(|(secretly, _)| *secretly).count();
        assert_eq!(secretly, 2, "{:?}", script.asked);
        assert!(script.asked[7].1.starts_with("access_key_secret - or RESUMABLE_ACCESS_KEY_SECRET"));
    }

    #[test]
    fn what_is_known_is_not_asked_for_and_enter_keeps_what_the_file_says() {
        let document =
            Document::parse("[profiles.p]\nprotocol = 'oss'\nbucket = 'old'\naccess_key_secret = 's3cr3t'").unwrap();
        let known = Answers {
            profile: Some("p".to_owned()),
            given: vec![("endpoint".to_owned(), "https://x".to_owned())],
            ..nothing()
        };
        let mut script = Script::new(&["", "id", ""]);
        let answers = known.complete(&document, &mut script).unwrap();
        assert_eq!(answers.given.len(), 2, "the endpoint that was said, and the id");
        assert!(script.asked[0].1.contains("Enter keeps old"));
        assert!(script.asked.iter().all(|(_, question)| !question.contains("s3cr3t")));
    }

    #[test]
    fn a_terminal_that_is_gone_ends_it() {
        let problem = nothing().complete(&Document::default(), &mut Script::new(&["oss"])).err().unwrap();
        assert_eq!(problem.code(), Code::Interrupted);
    }
}
