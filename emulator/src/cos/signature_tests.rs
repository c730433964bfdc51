use http::Request;

use super::*;

const T: Duration = Duration::from_secs(1_470_000_000);
const P: &str = "/10055004/accesslog/%E6%B5%8B%E8%AF%95%20dir/a%20b%2Bc~%281%29.txt";

const S1: &str = "MRwNITWcrKm/hsIAGIkyW86G4+1hPTEwMDU1MDA0Jms9QUtJRHRlc3RpZCZlPTE0NzAwMDAzMDAmdD0xNDcwMDAwMDAwJnI9MTIzNDU2Nzg5MCZmPSZiPWFjY2Vzc2xvZw==";
const S2: &str = "Tmu1kf+IoFe8TaHdUIxwR5fheUJhPTEwMDU1MDA0JmI9YWNjZXNzbG9nJms9QUtJRHRlc3RpZCZlPTE0NzAwMDAzMDAmdD0xNDcwMDAwMDAwJnI9MTIzNDU2Nzg5MCZmPQ==";
const S3: &str = "vsIsmA4g+BiTQ/D2lLo7WMh5TtlhPTEwMDU1MDA0Jms9QUtJRHRlc3RpZCZlPTAmdD0xNDcwMDAwMDAwJnI9MTIzNDU2Nzg5MCZmPS8xMDA1NTAwNC9hY2Nlc3Nsb2cvZC9mLmJpbiZiPWFjY2Vzc2xvZw==";
const S4: &str = "jG/6a2K2I61hFpOhPpUR912sxclhPTEwMDU1MDA0JmI9YWNjZXNzbG9nJms9QUtJRHRlc3RpZCZlPTAmdD0xNDcwMDAwMDAwJnI9MTIzNDU2Nzg5MCZmPS8xMDA1NTAwNC9hY2Nlc3Nsb2cvZC9mLmJpbg==";
const S5: &str = "TnZdemWSXIHZxWQ0YzJgmHEM4DZhPTEwMDU1MDA0Jms9QUtJRHRlc3RpZCZlPTE0NzAwMDAzMDAmdD0xNDcwMDAwMDAwJnI9MTIzNDU2Nzg5MCZmPS8xMDA1NTAwNC9hY2Nlc3Nsb2cvJUU2JUI1JThCJUU4JUFGJTk1JTIwZGlyL2ElMjBiJTJCY34lMjgxJTI5LnR4dCZiPWFjY2Vzc2xvZw==";
const S6: &str = "o3W2S/XYJVxNz03zcXl9M6LyBcthPTEwMDU1MDA0Jms9QUtJRHRlc3RpZCZlPTAmdD0xNDcwMDAwMDAwJnI9MTIzNDU2Nzg5MCZmPS8xMDA1NTAwNC9hY2Nlc3Nsb2cvJUU2JUI1JThCJUU4JUFGJTk1JTIwZGlyL2ElMjBiJTJCY34lMjgxJTI5LnR4dCZiPWFjY2Vzc2xvZw==";
const S7: &str = "kEJfbPcNJjhLnI5AWFrlFk6mlbhhPTEwMDU1MDA0JmI9YWNjZXNzbG9nJms9QUtJRHRlc3RpZCZlPTE0NzAwMDAzMDAmdD0xNDcwMDAwMDAwJnI9MTIzNDU2Nzg5MCZmPS8xMDA1NTAwNC9hY2Nlc3Nsb2cvJUU2JUI1JThCJUU4JUFGJTk1JTIwZGlyL2ElMjBiJTJCY34lMjgxJTI5LnR4dA==";
const D1: &str = "Ijp2RvogJLTzpLwn3gqplPdNYwxhPTIwMDAwMSZrPUFLSURVZkxVRVVpZ1FpWHFtN0NWU3NwS0pudWFpSUt0eHFBdiZlPTE0Mzg2NjkxMTUmdD0xNDM2MDc3MTE1JnI9MTExNjImZj0mYj1uZXdidWNrZXQ=";
const D2: &str = "ZdjX8GBgSMlgHzYNAj7QTQ8GjeJhPTIwMDAwMSZrPUFLSURVZkxVRVVpZ1FpWHFtN0NWU3NwS0pudWFpSUt0eHFBdiZlPTAmdD0xNDM2MDc3MTE1JnI9MTExNjImZj10ZW5jZW50eXVuU2lnblRlc3QmYj1uZXdidWNrZXQ=";
const D3: &str = "v6+um3VE3lxGz97PmnSg6+/V9PZhPTIwMDAwMSZiPW5ld2J1Y2tldCZrPUFLSURVZkxVRVVpZ1FpWHFtN0NWU3NwS0pudWFpSUt0eHFBdiZlPTE0NzA3MzcwMDAmdD0xNDcwNzM2OTQwJnI9NDkwMjU4OTQzJmY9";
const VENDOR: [(&str, &str, u64, u64); 3] = [
    (
        "uusZlBVdpHf800YuKImvK5zvw75hPTEwMDU1MDA0Jms9QUtJRHpuOHd3S3VYanhpeFFBa1JCQzJEUlhCdFBkN0NybEpRJmU9MTQ3MjY0Nzc4MCZ0PTE0NzI2NDc2MDAmcj0xMDYwMzQ1OTM4JmY9JmI9YWNjZXNzbG9n",
        "baeb1994155da477fcd3462e2889af2b9cefc3be",
        1_472_647_780,
        1_472_647_600,
    ),
    (
        "E+w/b7r3hVCOX9Dkc0sD0gU6ycFhPTEwMDU1MDA0Jms9QUtJRHpuOHd3S3VYanhpeFFBa1JCQzJEUlhCdFBkN0NybEpRJmU9MTQ3MjY0OTYwOCZ0PTE0NzI2NDk0Mjgmcj01NTgzMDA2MzgmZj0mYj1hY2Nlc3Nsb2c=",
        "13ec3f6fbaf785508e5fd0e4734b03d2053ac9c1",
        1_472_649_608,
        1_472_649_428,
    ),
    (
        "5/6eYiDGOxpd/YRDTscWG4Y265hhPTEwMDU1MDA0Jms9QUtJRHpuOHd3S3VYanhpeFFBa1JCQzJEUlhCdFBkN0NybEpRJmU9MTQ3MjY0OTQ4OCZ0PTE0NzI2NDkzMDgmcj0xNDA1ODgwNTk0JmY9JmI9YWNjZXNzbG9n",
        "e7fe9e6220c63b1a5dfd84434ec7161b8636eb98",
        1_472_649_488,
        1_472_649_308,
    ),
];

fn accounts() -> [Account; 2] {
    [
        Account {
            appid: "10055004".to_owned(),
            bucket: "accesslog".to_owned(),
            secret_id: "AKIDtestid".to_owned(),
            secret_key: "testsecretkey".to_owned(),
        },
        Account {
            appid: "200001".to_owned(),
            bucket: "newbucket".to_owned(),
            secret_id: "AKIDUfLUEUigQiXqm7CVSspKJnuaiIKtxqAv".to_owned(),
            secret_key: "bLcPnl88WU30VY57ipRhSePfPdOfSruK".to_owned(),
        },
    ]
}

fn rules(accounts: &[Account]) -> Rules<'_> {
    Rules { accounts, query_plus: QueryPlus::Space, expired: ExpiredCode::Proxy, life: 92 * 86_400 }
}

fn ask(sign: &str, resource: &str, now: Duration) -> Result<Authorization, Code> {
    let url = format!("/files/v2{resource}");
    let request = Request::post(&url).header("authorization", sign).body(());
    let (head, ()) = request.expect("a request").into_parts();
    let target = path::target(&url, "/files/v2/", 1024, QueryPlus::Literal).expect("a path of ours");
    check(&head, &target, &rules(&accounts()), now)
}

fn made(clear: &str) -> String {
    let mac =
        Hmac::<Sha1>::new_from_slice(b"testsecretkey").expect("any key").chain_update(clear).finalize().into_bytes();
    STANDARD.encode([&mac[..], clear.as_bytes()].concat())
}

#[test]
fn every_known_signature_holds() {
    let file = "/10055004/accesslog/d/f.bin";
    let doc = "/200001/newbucket/tencentyunSignTest";
    let d1 = Duration::from_secs(1_436_077_115);
    let d3 = Duration::from_secs(1_470_736_940);
    let cases = [
        (S1, file, T, false),
        (S2, file, T, false),
        (S3, file, T, true),
        (S4, file, T, true),
        (S5, P, T, false),
        (S6, P, T, true),
        (S7, P, T, false),
        (D1, doc, d1, false),
        (D2, doc, d1, true),
        (D3, doc, d3, false),
    ];
    for (sign, resource, now, once) in cases {
        let authorization = ask(sign, resource, now).expect(sign);
        assert_eq!(authorization.once.is_some(), once, "{sign}");
    }
}

#[test]
fn a_bound_signature_fits_every_encoding_of_its_path_and_no_other() {
    let java = "/10055004/accesslog/%E6%B5%8B%E8%AF%95%20dir/a%20b%2Bc%7E(1).txt";
    assert!(ask(S5, java, T).is_ok());
    assert_eq!(ask(S5, "/10055004/accesslog/other", T), Err(code::OTHER_FILE));
    assert_eq!(ask(S3, "/10055004/accesslog/d/f.bin2", T), Err(code::OTHER_FILE));
}

#[test]
fn the_vendors_samples_parse() {
    for (sign, mac, expires, issued) in VENDOR {
        let sign = Sign::parse(sign.as_bytes()).expect(mac);
        assert_eq!(hex::encode(sign.mac), mac);
        assert_eq!((sign.expires, sign.issued), (expires, issued));
        assert_eq!((sign.appid.as_str(), sign.file.as_str()), ("10055004", ""));
        assert_eq!(sign.bucket, "accesslog");
        assert_eq!(sign.secret_id, "AKIDzn8wwKuXjxixQAkRBC2DRXBtPd7CrlJQ");
    }
}

#[test]
fn refusals_in_their_order() {
    let file = "/10055004/accesslog/d/f.bin";
    let late = Duration::from_secs(1_470_000_301);
    assert!(ask(S1, file, Duration::from_secs(1_470_000_300)).is_ok());
    let stranger = made("a=10055004&k=nobody&e=1470000300&t=1470000000&r=1&f=&b=accesslog");
    let mut forged = STANDARD.decode(S1).expect("base64");
    forged[3] ^= 1;
    let cases = [
        (String::new(), file, T, code::SIGN_EMPTY),
        ("%%%".to_owned(), file, T, code::SIGN_WRONG),
        (STANDARD.encode([0; 19]), file, T, code::SIGN_WRONG),
        (STANDARD.encode([0; 40]), file, T, code::SIGN_WRONG),
        (stranger, file, late, code::SECRET_UNKNOWN),
        (STANDARD.encode(forged), file, late, code::AUTH_FAILED),
        (S1.to_owned(), "/1/b/x", late, code::AUTH_EXPIRED),
        (S1.to_owned(), "/1/b/x", T, code::OTHER_APPID),
        (S1.to_owned(), "/10055004/b/x", T, code::OTHER_BUCKET),
    ];
    for (sign, resource, now, expected) in cases {
        assert_eq!(ask(&sign, resource, now), Err(expected), "{sign}");
    }
}

#[test]
fn pairs_in_any_order_but_each_once() {
    let file = "/10055004/accesslog/d/f.bin";
    let odd = "r=1&f=&e=1470000300.315&b=accesslog&t=1470000000.5&k=AKIDtestid&a=10055004";
    assert!(ask(&made(odd), file, T).is_ok());
    for broken in [
        "k=AKIDtestid&e=1470000300&t=1470000000&r=1&f=&b=accesslog",
        "a=10055004&k=AKIDtestid&e=1470000300&t=1470000000&r=1&f=",
        "a=10055004&k=AKIDtestid&e=1470000300&t=1470000000&r=1&b=accesslog",
        "a=10055004&k=AKIDtestid&e=1470000300&t=1470000000&f=&b=accesslog",
        "a=10055004&k=AKIDtestid&e=1470000300&t=1470000000&r=12345678901&f=&b=accesslog",
        "a=10055004&k=AKIDtestid&e=1470000300&t=1470000000&r=x&f=&b=accesslog",
        "a=10055004&k=AKIDtestid&e=soon&t=1470000000&r=1&f=&b=accesslog",
        "a=10055004&a=1&k=AKIDtestid&e=1470000300&t=1470000000&r=1&f=&b=accesslog",
        "a=10055004&k=AKIDtestid&e=1570000000&t=1470000000&r=1&f=&b=accesslog",
    ] {
        let refused = ask(&made(broken), file, T).expect_err(broken);
        assert_eq!(refused.number, -48, "{broken}");
    }
}

#[test]
fn a_prefix_covers_what_is_below() {
    let with = |e: u64, f: &str| made(&format!("a=10055004&k=AKIDtestid&e={e}&t=1470000000&r=1&f={f}&b=accesslog"));
    let file = "/10055004/accesslog/d/f.bin";
    for (expires, scope, holds) in [
        (1_470_000_300, "/10055004/accesslog/", true),
        (1_470_000_300, "/10055004/accesslog/d/", true),
        (1_470_000_300, "/10055004/accesslog/d", false),
        (1_470_000_300, "/10055004/accesslog/e/", false),
        (1_470_000_300, "d/f.bin", true),
        (0, "/10055004/accesslog/", false),
        (0, "", false),
        (0, "%2F10055004%2Faccesslog%2Fd%2Ff.bin", true),
    ] {
        let outcome = ask(&with(expires, scope), file, T);
        assert_eq!(outcome.is_ok(), holds, "{expires} {scope}");
    }
}

#[test]
fn in_the_query() {
    let encoded = S2.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let head = |query: &str| {
        let url = format!("/files/v2/10055004/accesslog/x?op=stat&{query}");
        Request::post(url).body(()).expect("a request").into_parts().0
    };
    let target =
        path::target("/files/v2/10055004/accesslog/x", "/files/v2/", 1024, QueryPlus::Literal).expect("a path");
    let accounts = accounts();
    let mut rules = rules(&accounts);
    let encoded = head(&format!("sign={encoded}"));
    assert!(check(&encoded, &target, &rules, T).is_ok());
    let raw = head(&format!("sign={S2}"));
    let refused = check(&raw, &target, &rules, T);
    assert_eq!(refused, Err(code::SIGN_WRONG));
    rules.query_plus = QueryPlus::Literal;
    assert!(check(&raw, &target, &rules, T).is_ok());
    assert_eq!(check(&head("sign="), &target, &rules, T), Err(code::SIGN_EMPTY));
}

#[test]
fn once_means_once() {
    let mut used = Used::default();
    let once = Authorization { once: Some([1; 20]) };
    assert!(used.spend(&once).is_ok());
    assert!(used.spend(&once).is_err());
    let often = Authorization { once: None };
    assert!(used.spend(&often).is_ok());
    assert!(used.spend(&often).is_ok());
}
