use super::*;
use crate::MemoryStorage;

/// Byte i of the reference's file is i mod 251.
fn reference_file(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from(at % 251).expect("a byte")).collect()
}

fn stored(bytes: &[u8]) -> (MemoryStorage, ObjectName) {
    let storage = MemoryStorage::new();
    let name = ObjectName::new("115", "f").expect("a name");
    let mut spool = storage.spool().expect("memory");
    spool.write(bytes).expect("memory");
    spool.into_object(&name).expect("memory");
    (storage, name)
}

fn expected(range: (u64, u64)) -> String {
    let (storage, name) = stored(&reference_file(300_000));
    digest::sha1_of(&storage, &name, range.0, range.1 - range.0 + 1).expect("memory")
}

#[test]
fn the_references_vectors() {
    for (range, sha1) in [
        ((0, 299_999), "4EC42555F6A50309CCDB22AE377A2759856C0231"),
        ((0, 131_071), "564E3CEA4A332298880258B2896477CE725866E4"),
        ((1000, 1150), "FA6FA3BE5972C33BDB627AC7B5B338C506C0EA48"),
        ((0, 0), "5BA93C9DB0CFF93F52B521D7420E43F6EDA2784F"),
        ((299_999, 299_999), "C1DFD96EEA8CC2B62785275BCA38AC261256E278"),
        ((131_000, 131_200), "6EF03A85893632B2D2DD6146FA46991A4A3D11D8"),
    ] {
        assert_eq!(expected(range), sha1, "{range:?}");
    }
}

#[test]
fn only_the_inclusive_range_in_capitals_is_right() {
    let right = expected((1000, 1150));
    let asked = Asked {
        sha1: String::new(),
        size: 300_000,
        range: (1000, 1150),
        expected: Some(right.clone()),
        round: Round::default(),
        ends: Duration::MAX,
    };
    assert_eq!(asked.sign_check(), "1000-1150");
    assert!(asked.is_met_by(&right));
    for wrong in [
        right.to_lowercase().as_str(),
        // Without the last byte.
        "AB7DD46C4932479A14FB6B0384FC4B78F503D996",
        "",
    ] {
        assert!(!asked.is_met_by(wrong), "{wrong}");
    }
}

#[test]
fn ranges_lie_within_the_file_and_keys_are_good_once_and_for_a_while() {
    let limits = Limits::default();
    let (chance, clock) = (Chance::new(1), Duration::from_secs(1));
    for length in [1, 2, 150, 151, 152, 5000] {
        let (storage, name) = stored(&reference_file(length));
        let size = length as u64;
        let challenges = Challenges::default();
        let known = Known { object: &name, sha1: "S", size };
        let ask = |ask| {
            let rules = Rules { ask, limits: &limits, chance: &chance, storage: &storage };
            challenges.ask(known, Round::default(), clock, &rules).expect("memory")
        };
        for which in [Challenge::Random, Challenge::FirstByte, Challenge::LastByte, Challenge::WholeFile] {
            let (key, asked) = ask(which);
            assert!(asked.range.0 <= asked.range.1 && asked.range.1 < size, "{asked:?}");
            assert_eq!(challenges.take(&key, clock), Some(asked));
            assert_eq!(challenges.take(&key, clock), None, "once");
            let (key, _) = ask(which);
            assert_eq!(challenges.take(&key, clock + Duration::from_secs(300)), None, "too late");
        }
        let (_, asked) = ask(Challenge::Random);
        assert_eq!(asked.range.1 - asked.range.0 + 1, size.min(151));
    }
}
