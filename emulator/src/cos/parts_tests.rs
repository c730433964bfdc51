use super::*;

/// File, part size, and each part's `datasha`, from reference §5.6.
fn vectors() -> Vec<(Vec<u8>, usize, Vec<&'static str>)> {
    let ramp = |length: u32| (0..length).map(|i| (i & 255) as u8).collect::<Vec<u8>>();
    let big = (0..2_109_497u32).map(|i| ((7 * i + 13 * (i >> 8) + 29 * (i >> 16)) & 255) as u8).collect::<Vec<u8>>();
    let mib = 1024 * 1024;
    vec![
        (vec![b'a'; 64], 64, vec!["0098ba824b5c16427bd7a1122a5a442a25ec644d"]),
        (
            vec![b'a'; 128],
            64,
            vec!["eb6849da1f7c372e528f4e88eb4b5283bdbd4ee7", "ad5b3fdbcb526778c2839d2f151ea753995e26a0"],
        ),
        (
            vec![b'a'; 130],
            64,
            vec![
                "eb6849da1f7c372e528f4e88eb4b5283bdbd4ee7",
                "4929a00b382871dee5769e6881f85b884434ba17",
                "e1cd437ec3e8a60db34e1d150a4fc73882d83b41",
            ],
        ),
        (
            vec![0; 131_072],
            65_536,
            vec!["5798e16fa93942d6e1b76c6ca8217f1761bf95cb", "67dfd19f3eb3649d6f3f6631e44d0bd36b8d8d19"],
        ),
        (
            vec![0; 1_048_577],
            524_288,
            vec![
                "a9a367b44b8ffd0c81c3425071a7fb52861c3834",
                "99c460eef9b1336489cc206bcde3f3a58b5a6466",
                "a84d35eda74338bd79a432f77d73f8ab5eb91902",
            ],
        ),
        (
            vec![0; 2 * mib],
            mib,
            vec!["99c460eef9b1336489cc206bcde3f3a58b5a6466", "7d76d48d64d7ac5411d714a4bb83f37e3e5b8df6"],
        ),
        (
            ramp(2_621_440),
            mib,
            vec![
                "bde3d5f0c937a8eb2abe70b069324a7b259193e8",
                "b8d8619566388433f1c4164bb5e2097a6cd86191",
                "99f2acc2b3e259a99e3f17a6c733de11200acbf9",
            ],
        ),
        (
            big,
            mib,
            vec![
                "574cdf712583672e44a640868e4f971283846b55",
                "bc7649ffd38e699ad57b3934e6b937c52d8032d4",
                "823d1503c550938f90f01fceddc9bcffc916908d",
            ],
        ),
    ]
}

fn text(length: usize, size: usize, shas: &[&str]) -> String {
    let parts: Vec<_> = shas
        .iter()
        .enumerate()
        .map(|(index, sha)| {
            let offset = index * size;
            let datalen = size.min(length - offset);
            serde_json::json!({"offset": offset, "datalen": datalen, "datasha": sha})
        })
        .collect();
    serde_json::Value::Array(parts).to_string()
}

fn reader(file: &[u8]) -> impl FnMut(u64, &mut [u8]) -> io::Result<usize> + '_ {
    |at, buf| {
        let at = usize::try_from(at).expect("small");
        buf.copy_from_slice(&file[at..at + buf.len()]);
        Ok(buf.len())
    }
}

fn parsed(file: &[u8], size: usize, shas: &[&str]) -> UploadParts {
    let sha = parse_hex(shas.last().expect("a part")).expect("a sha");
    let text = text(file.len(), size, shas);
    UploadParts::parse(&text, file.len() as u64, &sha).expect("good parts")
}

#[test]
fn every_part_of_every_vector_holds() {
    for (file, size, shas) in vectors() {
        let parts = parsed(&file, size, &shas);
        for index in (0..shas.len()).rev() {
            let holds = parts.claim(index).expect("a part").holds(&mut reader(&file)).expect("memory");
            assert!(holds, "part {index} of {}", file.len());
        }
    }
}

#[test]
fn one_changed_bit_breaks_its_part_and_only_its_part() {
    for (mut file, size, shas) in vectors() {
        let at = file.len() - 1;
        file[at] ^= 1;
        let parts = parsed(&file, size, &shas);
        let last = shas.len() - 1;
        for index in 0..=last {
            let holds = parts.claim(index).expect("a part").holds(&mut reader(&file)).expect("memory");
            assert_eq!(holds, index != last, "part {index} of {}", file.len());
        }
    }
}

#[test]
fn the_initial_state_is_the_documented_dump() {
    let dump = hex::encode(Chain::START.dump(u32::to_le_bytes));
    assert_eq!(dump, "0123456789abcdeffedcba9876543210f0e1d2c3");
}

#[test]
fn padding_at_every_tail_length() {
    use sha1::{Digest, Sha1};
    for length in 1..=200usize {
        let file = vec![b'x'; length];
        let sha = hex::encode(Sha1::digest(&file));
        let whole = parsed(&file, length, &[&sha]);
        assert!(whole.claim(0).expect("a part").holds(&mut reader(&file)).expect("memory"), "{length}");
    }
}

#[test]
fn the_documented_sample_and_another_key_order() {
    let sample = r#"[{"offset":0,"datalen":26585,"datasha":"e98c920000000000000000000000000000000000"}]"#;
    let java = r#"[{"offset":0,"datasha":"e98c920000000000000000000000000000000000","datalen":26585}]"#;
    let sha = parse_hex("e98c920000000000000000000000000000000000").expect("a sha");
    let parts = UploadParts::parse(sample, 26_585, &sha).expect("the sample");
    assert_eq!(UploadParts::parse(java, 26_585, &sha), Ok(parts.clone()));
    assert_eq!(parts.to_text(), sample);
}

#[test]
fn gaps_overlaps_and_overflow_do_not_fit() {
    let sha = "0000000000000000000000000000000000000000";
    let part = |offset: u64, length: u64| format!(r#"{{"offset":{offset},"datalen":{length},"datasha":"{sha}"}}"#);
    let cases = [
        format!("[{}]", part(0, 127)),
        format!("[{}]", part(0, 129)),
        format!("[{},{}]", part(0, 64), part(65, 63)),
        format!("[{},{}]", part(0, 64), part(63, 65)),
        format!("[{},{}]", part(64, 64), part(0, 64)),
        format!("[{},{},{}]", part(0, 64), part(64, 0), part(64, 64)),
        format!("[{},{}]", part(0, 65), part(65, 63)),
        format!("[{},{}]", part(0, 64), part(64, u64::MAX)),
        "[]".to_owned(),
    ];
    for text in cases {
        let refused = UploadParts::parse(&text, 128, &[0; 20]).expect_err(&text);
        assert_eq!(refused.number, -5999, "{text}");
    }
}
