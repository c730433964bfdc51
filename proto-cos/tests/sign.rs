//! The signature: the samples in the vendor's pages, and texts that the vendor's own SDKs made with a frozen clock.

use std::time::Duration;

use resumable_proto_cos::sign::{self, ClearText};
use resumable_proto_cos::{Credential, FieldOrder, Signing};

#[test]
fn the_authorization_samples() {
    let samples = [
        (
            "uusZlBVdpHf800YuKImvK5zvw75hPTEwMDU1MDA0Jms9QUtJRHpuOHd3S3VYanhpeFFBa1JCQzJEUlhCdFBkN0NybEpRJmU9MTQ3MjY0Nzc4MCZ0PTE0NzI2NDc2MDAmcj0xMDYwMzQ1OTM4JmY9JmI9YWNjZXNzbG9n",
            "baeb1994155da477fcd3462e2889af2b9cefc3be",
            (1_472_647_780, 1_472_647_600, 1_060_345_938),
        ),
        (
            "E+w/b7r3hVCOX9Dkc0sD0gU6ycFhPTEwMDU1MDA0Jms9QUtJRHpuOHd3S3VYanhpeFFBa1JCQzJEUlhCdFBkN0NybEpRJmU9MTQ3MjY0OTYwOCZ0PTE0NzI2NDk0Mjgmcj01NTgzMDA2MzgmZj0mYj1hY2Nlc3Nsb2c=",
            "13ec3f6fbaf785508e5fd0e4734b03d2053ac9c1",
            (1_472_649_608, 1_472_649_428, 558_300_638),
        ),
        (
            "5/6eYiDGOxpd/YRDTscWG4Y265hhPTEwMDU1MDA0Jms9QUtJRHpuOHd3S3VYanhpeFFBa1JCQzJEUlhCdFBkN0NybEpRJmU9MTQ3MjY0OTQ4OCZ0PTE0NzI2NDkzMDgmcj0xNDA1ODgwNTk0JmY9JmI9YWNjZXNzbG9n",
            "e7fe9e6220c63b1a5dfd84434ec7161b8636eb98",
            (1_472_649_488, 1_472_649_308, 1_405_880_594),
        ),
    ];
    for (sample, hmac, (e, t, r)) in samples {
        let expected = ClearText {
            hmac: <[u8; 20]>::try_from(hex::decode(hmac).unwrap()).unwrap(),
            a: "10055004".into(),
            b: "accesslog".into(),
            k: "AKIDzn8wwKuXjxixQAkRBC2DRXBtPd7CrlJQ".into(),
            e,
            t,
            r,
            f: String::new(),
        };
        assert_eq!(sign::parse(sample).unwrap(), expected);
        assert_eq!(e, t + 180);
    }
}

const P: &str = "/10055004/accesslog/%E6%B5%8B%E8%AF%95%20dir/a%20b%2Bc~%281%29.txt";

#[test]
fn signature_vectors_s1_to_s7() {
    use FieldOrder::{BucketLast, DocOrder};
    let d = "/10055004/accesslog/d/f.bin";
    let vectors = [
        (
            Some(300),
            BucketLast,
            "",
            "MRwNITWcrKm/hsIAGIkyW86G4+1hPTEwMDU1MDA0Jms9QUtJRHRlc3RpZCZlPTE0NzAwMDAzMDAmdD0xNDcwMDAwMDAwJnI9MTIzNDU2Nzg5MCZmPSZiPWFjY2Vzc2xvZw==",
        ),
        (
            Some(300),
            DocOrder,
            "",
            "Tmu1kf+IoFe8TaHdUIxwR5fheUJhPTEwMDU1MDA0JmI9YWNjZXNzbG9nJms9QUtJRHRlc3RpZCZlPTE0NzAwMDAzMDAmdD0xNDcwMDAwMDAwJnI9MTIzNDU2Nzg5MCZmPQ==",
        ),
        (
            None,
            BucketLast,
            d,
            "vsIsmA4g+BiTQ/D2lLo7WMh5TtlhPTEwMDU1MDA0Jms9QUtJRHRlc3RpZCZlPTAmdD0xNDcwMDAwMDAwJnI9MTIzNDU2Nzg5MCZmPS8xMDA1NTAwNC9hY2Nlc3Nsb2cvZC9mLmJpbiZiPWFjY2Vzc2xvZw==",
        ),
        (
            None,
            DocOrder,
            d,
            "jG/6a2K2I61hFpOhPpUR912sxclhPTEwMDU1MDA0JmI9YWNjZXNzbG9nJms9QUtJRHRlc3RpZCZlPTAmdD0xNDcwMDAwMDAwJnI9MTIzNDU2Nzg5MCZmPS8xMDA1NTAwNC9hY2Nlc3Nsb2cvZC9mLmJpbg==",
        ),
        (
            Some(300),
            BucketLast,
            P,
            "TnZdemWSXIHZxWQ0YzJgmHEM4DZhPTEwMDU1MDA0Jms9QUtJRHRlc3RpZCZlPTE0NzAwMDAzMDAmdD0xNDcwMDAwMDAwJnI9MTIzNDU2Nzg5MCZmPS8xMDA1NTAwNC9hY2Nlc3Nsb2cvJUU2JUI1JThCJUU4JUFGJTk1JTIwZGlyL2ElMjBiJTJCY34lMjgxJTI5LnR4dCZiPWFjY2Vzc2xvZw==",
        ),
        (
            None,
            BucketLast,
            P,
            "o3W2S/XYJVxNz03zcXl9M6LyBcthPTEwMDU1MDA0Jms9QUtJRHRlc3RpZCZlPTAmdD0xNDcwMDAwMDAwJnI9MTIzNDU2Nzg5MCZmPS8xMDA1NTAwNC9hY2Nlc3Nsb2cvJUU2JUI1JThCJUU4JUFGJTk1JTIwZGlyL2ElMjBiJTJCY34lMjgxJTI5LnR4dCZiPWFjY2Vzc2xvZw==",
        ),
        (
            Some(300),
            DocOrder,
            P,
            "kEJfbPcNJjhLnI5AWFrlFk6mlbhhPTEwMDU1MDA0JmI9YWNjZXNzbG9nJms9QUtJRHRlc3RpZCZlPTE0NzAwMDAzMDAmdD0xNDcwMDAwMDAwJnI9MTIzNDU2Nzg5MCZmPS8xMDA1NTAwNC9hY2Nlc3Nsb2cvJUU2JUI1JThCJUU4JUFGJTk1JTIwZGlyL2ElMjBiJTJCY34lMjgxJTI5LnR4dA==",
        ),
    ];
    let credential = Credential::new("AKIDtestid", "testsecretkey").unwrap();
    for (number, (life, order, file_id, expected)) in vectors.into_iter().enumerate() {
        let now = Duration::from_secs(1_470_000_000);
        let signing = Signing {
            credential: &credential,
            appid: "10055004",
            bucket: "accesslog",
            now,
            nonce: 1_234_567_890,
            order,
        };
        let signature = match life {
            Some(life) => sign::multi_effect(&signing, Duration::from_secs(life), file_id),
            None => sign::once_effect(&signing, file_id),
        };
        assert_eq!(signature.reveal(), expected, "S{}", number + 1);
    }
}

#[test]
fn signature_vectors_d1_to_d3() {
    use FieldOrder::{BucketLast, DocOrder};
    let vectors = [
        (
            1_436_077_115,
            11_162,
            Some(1_438_669_115 - 1_436_077_115),
            BucketLast,
            "",
            "Ijp2RvogJLTzpLwn3gqplPdNYwxhPTIwMDAwMSZrPUFLSURVZkxVRVVpZ1FpWHFtN0NWU3NwS0pudWFpSUt0eHFBdiZlPTE0Mzg2NjkxMTUmdD0xNDM2MDc3MTE1JnI9MTExNjImZj0mYj1uZXdidWNrZXQ=",
        ),
        (
            1_436_077_115,
            11_162,
            None,
            BucketLast,
            "tencentyunSignTest",
            "ZdjX8GBgSMlgHzYNAj7QTQ8GjeJhPTIwMDAwMSZrPUFLSURVZkxVRVVpZ1FpWHFtN0NWU3NwS0pudWFpSUt0eHFBdiZlPTAmdD0xNDM2MDc3MTE1JnI9MTExNjImZj10ZW5jZW50eXVuU2lnblRlc3QmYj1uZXdidWNrZXQ=",
        ),
        (
            1_470_736_940,
            490_258_943,
            Some(60),
            DocOrder,
            "",
            "v6+um3VE3lxGz97PmnSg6+/V9PZhPTIwMDAwMSZiPW5ld2J1Y2tldCZrPUFLSURVZkxVRVVpZ1FpWHFtN0NWU3NwS0pudWFpSUt0eHFBdiZlPTE0NzA3MzcwMDAmdD0xNDcwNzM2OTQwJnI9NDkwMjU4OTQzJmY9",
        ),
    ];
    let credential =
        Credential::new("AKIDUfLUEUigQiXqm7CVSspKJnuaiIKtxqAv", "bLcPnl88WU30VY57ipRhSePfPdOfSruK").unwrap();
    for (number, (now, nonce, life, order, file_id, expected)) in vectors.into_iter().enumerate() {
        let now = Duration::from_secs(now);
        let signing = Signing { credential: &credential, appid: "200001", bucket: "newbucket", now, nonce, order };
        let signature = match life {
            Some(life) => sign::multi_effect(&signing, Duration::from_secs(life), file_id),
            None => sign::once_effect(&signing, file_id),
        };
        assert_eq!(signature.reveal(), expected, "D{}", number + 1);
    }
}
