use super::*;

fn facts() -> Facts {
    Facts {
        bucket: "emubucket".to_owned(),
        object: "dir a/文件+1".to_owned(),
        size: 300_000,
        etag: "3579E39A1324C2788D22AB4FA35C4918-3".to_owned(),
        mime_type: "video/x-matroska".to_owned(),
        crc64: 10_356_266_839_035_167_742,
        sha1: Some("4EC42555F6A50309CCDB22AE377A2759856C0231".to_owned()),
    }
}

fn callback(template: &str, kind: &str, vars: &Value) -> Callback {
    let wire =
        serde_json::json!({ "callbackUrl": "http://a.example/", "callbackBody": template, "callbackBodyType": kind });
    let encoded = |value: &Value| STANDARD.encode(value.to_string());
    Callback::read(&encoded(&wire), Some(&encoded(vars))).expect("a callback")
}

#[test]
fn the_reference_example_is_told_as_the_vendor_tells_it() {
    let wire = r#"{"callbackUrl":"http:\/\/uplb.115.com\/3.0\/completeupload.php","callbackBody":"bucket=${bucket}&object=${object}&size=${size}&sha1=${sha1}&pick_code=${x:pick_code}&user_id=${x:user_id}&behavior_type=${x:behavior_type}&source=${x:source}&target=${x:target}&task_uid=${x:task_uid}"}"#;
    let vars = r#"{"x:pick_code":"695584801b2c3d4e5f607182","x:user_id":"100000001","x:behavior_type":"0","x:source":"100","x:target":"U_1_2900000000000000001","x:task_uid":"100000001"}"#;
    let callback = Callback::read(&STANDARD.encode(wire), Some(&STANDARD.encode(vars))).expect("a callback");
    assert_eq!(callback.urls, "http://uplb.115.com/3.0/completeupload.php");
    let facts = Facts { object: "69558480a1b2c3d4e5f60718293a4b5c6d7e8f90".to_owned(), ..facts() };
    assert_eq!(
        callback.body(&facts),
        "bucket=emubucket&object=69558480a1b2c3d4e5f60718293a4b5c6d7e8f90&size=300000&sha1=4EC42555F6A50309CCDB22AE377A2759856C0231&pick_code=695584801b2c3d4e5f607182&user_id=100000001&behavior_type=0&source=100&target=U_1_2900000000000000001&task_uid=100000001"
    );
    assert!(callback.body(&Facts { sha1: None, ..facts }).contains("&sha1=&"));
}

#[test]
fn values_are_encoded_as_the_body_type_asks() {
    let vars = serde_json::json!({ "x:a": "1&2=\"3\"" });
    let form = callback("o=${object}&v=${x:a}&e=${etag}&c=${crc64}&m=${mimeType}&n=${nothing}&${open", FORM, &vars);
    assert_eq!(
        form.body(&facts()),
        "o=dir%20a%2F%E6%96%87%E4%BB%B6%2B1&v=1%262%3D%223%22&e=3579E39A1324C2788D22AB4FA35C4918-3\
         &c=10356266839035167742&m=video%2Fx-matroska&n=&${open"
    );
    let json = callback(r#"{"o":${object},"s":${size},"v":"<${x:a}>","e":"\"${etag}"}"#, JSON, &vars);
    assert_eq!(
        serde_json::from_str::<Value>(&json.body(&facts())).expect("JSON"),
        serde_json::json!({
            "o": "dir a/文件+1", "s": 300_000, "v": "<1&2=\"3\">", "e": "\"3579E39A1324C2788D22AB4FA35C4918-3",
        })
    );
}

#[test]
fn what_cannot_be_read_is_refused() {
    let good = STANDARD.encode(r#"{"callbackUrl":"u","callbackBody":"b"}"#);
    assert!(Callback::read(&good, None).is_ok());
    for bad in ["", "x", "{}", r#"{"callbackUrl":"u"}"#, r#"{"callbackUrl":"u","callbackBody":""}"#, "[1]"] {
        assert!(Callback::read(&STANDARD.encode(bad), None).is_err(), "{bad}");
    }
    assert!(Callback::read("{\"callbackUrl\":\"u\",\"callbackBody\":\"b\"}", None).is_err());
    for bad in ["", "[]", r#"{"a":"b"}"#, r#"{"x:A":"b"}"#, r#"{"x:a":1}"#] {
        assert!(Callback::read(&good, Some(&STANDARD.encode(bad))).is_err(), "{bad}");
    }
    let other = STANDARD.encode(r#"{"callbackUrl":"u","callbackBody":"b","callbackBodyType":"text/xml"}"#);
    assert!(Callback::read(&other, None).is_err());
}

#[test]
fn only_a_200_with_json_reaches_the_uploader() {
    let fixed = |url: &str, status, answer: &str| -> Arc<dyn CallbackTarget> {
        Arc::new(FixedCallback { url: url.to_owned(), status, answer: answer.to_owned() })
    };
    let told = |targets: &[Arc<dyn CallbackTarget>]| {
        callback("b", FORM, &serde_json::json!({})).tell(&facts(), targets, Duration::ZERO)
    };
    let url = "http://a.example/";
    assert_eq!(told(&[fixed(url, 200, "{ }")]), Ok(Bytes::from_static(b"{ }")));
    assert_eq!(told(&[]), Err("Error status : 502.".to_owned()));
    assert_eq!(told(&[fixed("http://b.example/", 200, "{}")]), Err("Error status : 502.".to_owned()));
    assert_eq!(told(&[fixed(url, 500, "{}")]), Err("Error status : 500.".to_owned()));
    assert_eq!(told(&[fixed(url, 200, "no")]), Err("Response body is not valid json format.".to_owned()));
}
