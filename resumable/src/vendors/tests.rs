//! The pages that show profiles, held against the structs that profiles are read into.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::*;
use crate::profile::{CONNECTION_PAGE, Profiles};

fn context() -> Context {
    Context {
        tokens: Some(PathBuf::from("tokens")),
        transport: Arc::new(|| Err("nothing is sent here".into())),
        patience: Duration::ZERO,
        clock: Clock::start(),
    }
}

/// Shows a protocol.
struct Show;

impl Task for Show {
    type Out = String;

    fn run<P: Vendor>(self, protocol: P, _: Credentials<P::Credential>, _: Option<IfExists>) -> String {
        format!("{protocol:?}")
    }
}

/// What a profile made.
fn made(text: &str, name: &str) -> Result<String, ProfileError> {
    Profiles::parse(text, "page")?.get(name)?.with("/dir/file", &context(), Show)
}

/// The only profile of a page.
fn name_in(page: &str) -> &str {
    page.lines().find_map(|line| line.strip_prefix("[profiles.")?.split(']').next()).unwrap()
}

fn keys_in(lines: &str) -> BTreeSet<&str> {
    lines
        .lines()
        .filter(|line| !line.starts_with(['#', '[']))
        .filter_map(|line| Some(line.split_once(" = ")?.0))
        .collect()
}

fn whole(page: &str) -> String {
    format!("{page}{CONNECTION_PAGE}")
}

/// A page without what would get the keys that are written there.
fn written(page: &str) -> String {
    without(page, &["credential_command", "aws_profile"])
}

fn without(page: &str, keys: &[&str]) -> String {
    let is_one = |line: &str| keys.iter().any(|key| line.starts_with(&format!("{key} = ")));
    page.split_inclusive('\n').filter(|line| !is_one(line)).collect()
}

/// The keys that a profile of this page can have, as the error says about a key that is none of them.
fn known(page: &str) -> BTreeSet<String> {
    let told = made(&format!("{}unheard_of = 1", written(&whole(page))), name_in(page)).unwrap_err();
    let told = format!("{told:?}");
    let (_, keys) = told.split_once("Keys of this profile: ").unwrap_or_else(|| panic!("{told}"));
    keys.split('.').next().unwrap().split(", ").map(str::to_owned).collect()
}

#[test]
fn each_page_has_every_key_that_there_is_and_no_other() {
    for Entry { page, .. } in entries() {
        made(&written(&whole(page)), name_in(page)).unwrap();
        assert_eq!(keys_in(&whole(page)).into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), known(page));
    }
}

#[test]
fn the_keys_of_a_page_are_those_that_a_profile_can_have_and_their_values_can_be_read() {
    for vendor in entries() {
        let keys: Vec<PageKey> = vendor.keys().collect();
        let names: BTreeSet<&str> = keys.iter().map(|key| key.name.as_str()).collect();
        assert_eq!(names, keys_in(vendor.page));
        for PageKey { name, example, comment } in &keys {
            assert!(toml::from_str::<toml::Table>(&format!("x = {example}")).is_ok(), "{name}: {example}");
            assert!(!example.contains(" # ") && !comment.starts_with('#'), "{name}: {example} {comment}");
        }
        let lines: Vec<String> = vendor.needed().map(|key| format!("{} = {}", key.name, key.example)).collect();
        made(&format!("[profiles.p]\n{}", lines.join("\n")), "p").unwrap();
        assert!(vendor.needed().count() < keys.len());
    }
}

#[test]
fn what_is_set_for_one_upload_stands_in_place_of_the_file_and_is_named_where_it_cannot_be() {
    let with = |vendor: &Entry, set: fn(Profile) -> Profile| {
        let profile = Profiles::parse(&written(vendor.page), "page").unwrap().get(name_in(vendor.page)).unwrap();
        let made = set(profile).with("/dir/file", &context(), Show).map_err(|error| error.to_string());
        made.unwrap_or_else(|error| format!("error: {error}"))
    };
    for vendor in entries() {
        let sized = with(&vendor, |it| it.with_part_size(2 << 20));
        let size = match vendor.name {
            "xfyun" => "error: slice_size must be from 5.0 MiB",
            "s3" => "error: part_size must be from 5.0 MiB",
            _ => "part_size: 2097152",
        };
        assert!(sized.contains(size), "{}: {sized}", vendor.name);
        let typed = with(&vendor, |it| it.with_text("content_type", "text/x"));
        let kept = with(&vendor, |it| it.with_entry("metadata", "a", "one").with_entry("metadata", "b", "two"));
        if ["cos-xml", "oss", "s3"].contains(&vendor.name) {
            assert!(typed.contains("text/x"), "{typed}");
            // Values are not shown.
            assert!(["a", "b", "author"].iter().all(|name| kept.contains(&format!("-meta-{name}\""))), "{kept}");
        } else {
            assert_eq!(typed, format!("error: {} takes no content_type", vendor.name));
            assert_eq!(kept, format!("error: {} takes no metadata", vendor.name));
        }
    }
}

/// Makes parts of about so many bytes, and says how long they are.
struct Cut(u64);

impl Task for Cut {
    type Out = u64;

    fn run<P: Vendor>(self, protocol: P, _: Credentials<P::Credential>, _: Option<IfExists>) -> u64 {
        protocol.with_part_size(self.0).part_size()
    }
}

#[test]
fn parts_are_cut_as_near_to_a_wish_as_the_vendor_takes_them() {
    const MIB: u64 = 1 << 20;
    for vendor in entries() {
        let profile = Profiles::parse(&written(vendor.page), "page").unwrap().get(name_in(vendor.page)).unwrap();
        let cut = |bytes| profile.with("/dir/file", &context(), Cut(bytes)).unwrap();
        let (least, most) = match vendor.name {
            "cos-v1" | "cos-v2" => (512 << 10, 3 * MIB),
            "cos-xml" => (MIB, 5 << 30),
            "oss" | "115" => (100 << 10, 5 << 30),
            _ => (5 * MIB, 5 << 30),
        };
        assert_eq!((cut(0), cut(1), cut(u64::MAX)), (least, least, most), "{}", vendor.name);
        assert_eq!(cut(2 * MIB), (2 * MIB).max(least), "{}", vendor.name);
        assert_eq!(cut(7 * MIB + 1), (7 * MIB + 1).min(most), "{}", vendor.name);
    }
}

#[test]
fn a_bucket_of_cos_is_in_a_region_or_at_an_endpoint() {
    const KEYS: &str = "bucket = 'photos-1250000000'\nsecret_id = 'AKID'\nsecret_key = 's3cr3t'";
    let of = |where_: &str| {
        made(&format!("[profiles.p]\nprotocol = 'cos-xml'\n{KEYS}\n{where_}"), "p").map_err(|error| error.to_string())
    };
    for (where_, says) in [
        ("region = 'ap-guangzhou'", "(https://photos-1250000000.cos.ap-guangzhou.myqcloud.com/dir/file, ap-guangzhou)"),
        ("endpoint = 'http://127.0.0.1:1'", "(http://127.0.0.1:1/photos-1250000000/dir/file, no region)"),
        ("endpoint = 'files.example.com'\nregion = 'ap-x'", "(https://files.example.com/dir/file, ap-x)"),
        ("endpoint = 'http://127.0.0.1:1'\naddressing = 'own-domain'", "(http://127.0.0.1:1/dir/file, no region)"),
    ] {
        let made = of(where_).unwrap();
        assert!(made.contains(says), "{where_}: {made}");
    }
    for (where_, says) in [
        ("", "region is missing"),
        ("region = 'AP'", "the region must be its name"),
        ("region = 'ap-x'\nendpoint = 'cos.ap-y.myqcloud.com'", "the region is not the one in the endpoint's name"),
        ("endpoint = 'other-1.cos.ap-y.myqcloud.com'", "the endpoint begins with the name of another bucket"),
        ("endpoint = 'http://127.0.0.1:1'\naddressing = 'virtual-host'", "the endpoint is an IP address"),
        ("endpoint = 'http://127.0.0.1:1'\nbackup_domain = true", "backup_domain is for"),
        ("region = 'ap-x'\ntraffic_limit = '1KiB'", "traffic_limit is 1024 bytes a second"),
    ] {
        let error = of(where_).unwrap_err();
        assert!(error.contains(says) && !error.contains("s3cr3t"), "{where_}: {error}");
    }
}

#[test]
fn the_content_type_is_what_the_ending_of_the_name_says() {
    let vendor = entries().find(|vendor| vendor.name == "oss").unwrap();
    let page = without(&written(vendor.page), &["content_type"]);
    let made =
        |path: &str| Profiles::parse(&page, "page").unwrap().get(name_in(&page)).unwrap().with(path, &context(), Show);
    assert!(made("dir/a.MP4").unwrap().contains("video/mp4"));
    assert!(made("dir/a.unheard-of").unwrap().contains("content_type: None"));
}

#[test]
fn headers_that_cannot_be_kept_are_named_with_their_line() {
    for (lines, says) in [
        ("headers = { Host = 'x' }", "the header host cannot be set"),
        ("headers = { Cache-Control = 'é' }", "the value of cache-control must be printable ASCII"),
        ("metadata = { my_key = 'x' }", "the name of metadata consists of"),
        ("metadata = { a = 1 }", "metadata must be a table of texts"),
        ("headers = 'x'", "headers must be a table of texts"),
    ] {
        let vendor = entries().find(|vendor| vendor.name == "oss").unwrap();
        let page = without(&written(vendor.page), &["metadata", "headers"]);
        let error = made(&format!("{page}{lines}"), name_in(&page)).unwrap_err().to_string();
        assert!(error.starts_with("page line ") && error.contains(says), "{lines}: {error}");
    }
}

#[test]
fn each_page_tells_the_true_defaults() {
    for Entry { page, .. } in entries() {
        let (needed, rest) = page.split_once("# Optional keys, with their defaults:\n").unwrap();
        let (defaults, _) = rest.split_once("# Optional keys without a default:\n").unwrap();
        let made = |text: &str| made(text, name_in(page)).unwrap();
        assert_eq!(made(&format!("{needed}{defaults}")), made(needed));
    }
}

#[test]
fn secrets_are_the_keys_whose_values_are_read_as_such() {
    for Entry { page, secrets, .. } in entries() {
        assert!(secrets.iter().all(|key| keys_in(page).contains(key)), "{secrets:?}");
        for key in keys_in(page) {
            let empty = |line: &str| {
                if line.starts_with(&format!("{key} = ")) { format!("{key} = ''\n") } else { format!("{line}\n") }
            };
            let told = made(&written(&page.lines().map(empty).collect::<String>()), name_in(page));
            let is_read_as_one = told.is_err_and(|problem| problem.to_string().ends_with(&format!("{key} is empty")));
            assert_eq!(is_read_as_one, secrets.contains(&key), "{key}");
            assert_eq!(secrets.contains(&key), page.contains(&variable(key)), "{key}");
        }
    }
}

#[test]
fn a_program_that_cannot_be_one_is_named_with_its_line() {
    for (given, says) in [
        ("'pass'", "credential_command must be a list of texts"),
        ("[]", "credential_command must be a list of texts"),
        ("['']", "credential_command must be a list of texts"),
        ("['pass', 5]", "credential_command must be a list of texts"),
        ("['pass']\nsecret_key = 's3cr3t'", "secret_key and credential_command are both set"),
    ] {
        let text =
            "[profiles.p]\nprotocol = 'cos-v2'\nendpoint = 'https://sh.file.myqcloud.com'\nappid = '1'\nbucket = 'b'";
        let error = made(&format!("{text}\ncredential_command = {given}"), "p").unwrap_err().to_string();
        assert!(error.starts_with("page line ") && error.contains(says), "{given}: {error}");
        assert!(!error.contains("s3cr3t"), "{given}: {error}");
    }
}

#[test]
fn the_environment_is_not_asked_for_keys_that_a_program_prints() {
    let text = "[profiles.p]\nprotocol = 'oss'\ncredential_command = ['pass']";
    let profile = Profiles::parse(text, "page").unwrap().get("p").unwrap();
    profile.with_environment(|name| panic!("{name}")).unwrap();
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// What stands in fences that are marked so.
fn fenced<'a>(text: &'a str, mark: &str) -> impl Iterator<Item = &'a str> {
    text.split("```").skip(1).step_by(2).filter_map(move |block| block.strip_prefix(mark)?.strip_prefix('\n'))
}

/// Keys with values in the middle of a text, like `window = 4`.
fn in_prose(text: &str) -> impl Iterator<Item = &str> {
    let prose = text.split("```").step_by(2).flat_map(|part| part.split('`').skip(1).step_by(2));
    let keys = prose.filter_map(|code| Some(code.split_once(" = ")?.0));
    keys.filter(|key| key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
}

#[test]
fn the_docs_show_each_page_and_give_values_to_no_other_key() {
    for Entry { name, page, .. } in entries() {
        let text = fs::read_to_string(root().join(format!("docs/{name}.md"))).unwrap();
        assert!(fenced(&text, "toml").any(|block| block == page), "docs/{name}.md shows another page");
        let known = known(page);
        for key in in_prose(&text) {
            assert!(known.contains(key), "docs/{name}.md: {key}");
        }
    }
}

#[test]
fn the_readme_shows_profiles_that_can_be_used() {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    let mut shown = BTreeSet::new();
    for block in fenced(&text, "toml") {
        for name in block.lines().filter_map(|line| line.strip_prefix("[profiles.")?.split(']').next()) {
            shown.insert(made(block, name).unwrap().split(' ').next().unwrap().to_owned());
        }
    }
    assert_eq!(shown.len(), entries().count(), "a profile of each vendor: {shown:?}");
}

#[test]
fn no_prose_gives_a_value_to_a_key_that_is_not_there() {
    let known: BTreeSet<String> = entries().flat_map(|vendor| known(vendor.page)).collect();
    let docs = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    for path in docs.chain([root().join("README.md")]) {
        for key in in_prose(&fs::read_to_string(&path).unwrap()) {
            assert!(known.contains(key), "{}: {key}", path.display());
        }
    }
}
