//! What stands at a target: one [`get_info`] by its path. The path to a folder that is named by its id is asked for first.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use http::Request;
use resumable_core::{
    Advice, Answer, Body, Digest, Env, Found, HashKind, IfExists, Lane, Located, Lookup, NoLeftovers, Outline,
    Rejection, SourceInfo, Told,
};
use resumable_proto_oss as oss;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::get_info::{self, Info};
use crate::limits::REPLY_BYTES;
use crate::machine::P115;
use crate::op::Op;
use crate::site::Site;
use crate::target::{Folder, FolderId, Target};
use crate::token::AccessToken;

/// What a folder's answer lacks if the names on the way to it are not told.
const PATHS: &str = "paths";

/// The question what stands at a target. 115 shows a new file only some seconds after its upload. Of several files of the
/// same name it tells one.
#[derive(Clone, Debug)]
pub struct P115Lookup {
    site: Site,
    account: String,
    target: Target,
}

/// One of its calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Which names lead to the target's folder.
    Folder(FolderId),
    /// What stands at the end of these names.
    Path(Vec<String>),
}

impl P115Lookup {
    fn path(&self, folders: &[String]) -> Question {
        Question::Path(folders.iter().cloned().chain([self.target.name().to_owned()]).collect())
    }

    /// The path to a file in this folder; `None` where the vendor would take a name for two.
    fn below(&self, folder: Info) -> Option<Question> {
        let above = folder.above?;
        let folders: Vec<String> = above.into_iter().chain([folder.file_name?]).collect();
        folders.iter().all(|name| is_one_name(name)).then(|| self.path(&folders))
    }
}

/// 115 takes `>` for a separator, like `/`.
fn is_one_name(name: &str) -> bool {
    !name.contains(['/', '>'])
}

impl Lookup for P115Lookup {
    const ID: &'static str = "115-open/1";
    const PACED: &'static [Lane] = &[Lane::Api];
    type Credential = AccessToken;
    type Question = Question;
    type Finding = Found;
    type Fault = Fault;

    fn target(&self) -> String {
        format!("{} {} {}", self.site.endpoint(), self.account, self.target)
    }

    fn first(&self) -> Question {
        match self.target.folder() {
            Folder::Id(id) if *id == FolderId::root() => self.path(&[]),
            Folder::Id(id) => Question::Folder(id.clone()),
            Folder::Path(names) => self.path(names),
        }
    }

    fn name(_: &Question) -> &'static str {
        Op::GetInfo.name()
    }

    fn request_id(fault: &Fault) -> Option<&str> {
        fault.request_id()
    }

    fn reply_bytes(&self, _: &Question) -> u64 {
        REPLY_BYTES
    }

    fn encode(&self, question: &Question, token: &AccessToken, _: &Env<'_>) -> Result<Request<Body>, Fault> {
        let question = match question {
            Question::Folder(id) => get_info::Question::Id(id.as_str()),
            Question::Path(names) => get_info::Question::Path(names),
        };
        Ok(get_info::encode(&self.site, question, token))
    }

    fn decode(&self, question: &Question, answer: &Answer) -> Result<Told<Question>, Rejection<Fault>> {
        let Some(info) = get_info::decode(&answer.response)? else { return Ok(Told::Nothing) };
        match question {
            Question::Folder(_) => {
                let fault = Fault::Incomplete { op: Op::GetInfo, missing: PATHS };
                let refused = || Rejection { fault, advice: Advice::Fatal };
                self.below(info).map(Told::Ask).ok_or_else(refused)
            }
            Question::Path(_) => Ok(Told::Found(found(info))),
        }
    }
}

fn found(info: Info) -> Found {
    let mut found = Found::default();
    let sha1 = info.sha1.and_then(|sha1| hex::decode(sha1).ok()).filter(|sha1| sha1.len() == 20);
    found.len = info.size.filter(|_| !info.is_folder);
    found.digests.extend(sha1.map(|sha1| (HashKind::Sha1, Digest::new(sha1))));
    found.id = Some(info.file_id);
    found.modified = info.utime;
    found.name = info.file_name;
    found.is_folder = info.is_folder;
    found
}

impl Located for P115 {
    type Lookup = P115Lookup;
    type Leftovers = NoLeftovers<Self>;

    fn lookup(&self) -> Option<P115Lookup> {
        let (site, account, target) = (self.site().clone(), self.account().to_owned(), Self::target(self).clone());
        is_one_name(target.name()).then_some(P115Lookup { site, account, target })
    }

    fn outline(&self, source: &SourceInfo) -> Result<Outline, Fault> {
        let stage = oss::stage::Stage::new(&self.options().stage(), source.len);
        let parts = stage.parts();
        // The folder, init, get_token; then the storage's own.
        let own = if self.names().is_empty() { 2 } else { 3 };
        stage.check()?;
        Ok(Outline::new(parts, own + if stage.is_one_request() { 1 } else { parts + 2 }, true))
    }

    fn part_size(&self) -> u64 {
        self.options().part_size
    }

    fn with_part_size(&self, bytes: u64) -> Self {
        let limits = &self.options().limits;
        let options = self.options().clone().part_size(bytes.clamp(limits.part_min, limits.part_max));
        self.clone().with_options(options).unwrap_or_else(|_| self.clone())
    }

    fn compares_content(&self) -> bool {
        false
    }

    fn if_exists(&self) -> Option<IfExists> {
        Some(IfExists::Rename)
    }

    fn with_if_exists(&self, policy: IfExists) -> Option<Self> {
        (policy == IfExists::Rename).then(|| self.clone())
    }

    /// The vendor finds a free name by itself.
    fn renamed(&self, _: u32) -> Option<(Self, String)> {
        None
    }

    fn is_kept_from_asking(fault: &Fault) -> bool {
        matches!(fault, Fault::Incomplete { op: Op::GetInfo, missing: PATHS })
    }

    fn is_taken(_: &Fault) -> bool {
        false
    }
}
