//! The `Authorization` header.

/// What it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Authorization {
    pub(super) access_key_id: String,
    pub(super) day: String,
    pub(super) region: String,
    pub(super) service: String,
    pub(super) request: String,
    /// As they were sent.
    pub(super) signed: Vec<String>,
    pub(super) signature: String,
}

impl Authorization {
    /// Fields may have blanks around them, and come in any order. The names of signed headers are in lower case and sorted.
    pub(super) fn parse(text: &str) -> Option<Authorization> {
        let fields = text.trim().strip_prefix(super::SCHEME)?.strip_prefix(' ')?;
        let (mut credential, mut signed, mut signature) = (None, None, None);
        for field in fields.split(',') {
            let (name, value) = field.trim().split_once('=')?;
            let place = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed,
                "Signature" => &mut signature,
                _ => return None,
            };
            if place.replace(value).is_some() {
                return None;
            }
        }
        let mut scope = credential?.rsplitn(5, '/').map(str::to_owned);
        let (request, service, region, day) = (scope.next()?, scope.next()?, scope.next()?, scope.next()?);
        let access_key_id = scope.next().filter(|id| !id.is_empty())?;
        let signed: Vec<String> = signed?.split(';').map(str::to_owned).collect();
        let is_name = |name: &String| !name.is_empty() && !name.bytes().any(|byte| byte.is_ascii_uppercase());
        let good = signed.iter().all(is_name) && signed.is_sorted_by(|a, b| a < b);
        let signature = signature?.to_owned();
        good.then_some(Authorization { access_key_id, day, region, service, request, signed, signature })
    }

    pub(super) fn scope(&self) -> String {
        format!("{}/{}/{}/{}", self.day, self.region, self.service, self.request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_in_use_is_read_alike() {
        for text in [
            "AWS4-HMAC-SHA256 Credential=ak/20260101/r/s3/aws4_request,SignedHeaders=a;b,Signature=ab",
            "AWS4-HMAC-SHA256 Credential=ak/20260101/r/s3/aws4_request, SignedHeaders=a;b, Signature=ab",
            "AWS4-HMAC-SHA256 Signature=ab, SignedHeaders=a;b, Credential=ak/20260101/r/s3/aws4_request",
        ] {
            let read = Authorization::parse(text).expect(text);
            assert_eq!((read.access_key_id.as_str(), read.scope().as_str()), ("ak", "20260101/r/s3/aws4_request"));
            assert_eq!((read.signed.join("+").as_str(), read.signature.as_str()), ("a+b", "ab"));
        }
        let slashed = "AWS4-HMAC-SHA256 Credential=a/k/20260101/r/s3/aws4_request,SignedHeaders=a,Signature=ab";
        assert_eq!(Authorization::parse(slashed).expect("a key with a slash").access_key_id, "a/k");
    }

    #[test]
    fn what_makes_no_sense_is_not_read() {
        for text in [
            "AWS4-HMAC-SHA256",
            "AWS4-HMAC-SHA256 ",
            "AWS4-HMAC-SHA256 Credential=ak/20260101/r/s3,SignedHeaders=a,Signature=ab",
            "AWS4-HMAC-SHA256 Credential=/20260101/r/s3/aws4_request,SignedHeaders=a,Signature=ab",
            "AWS4-HMAC-SHA256 Credential=ak/20260101/r/s3/aws4_request,Signature=ab",
            "AWS4-HMAC-SHA256 Credential=ak/20260101/r/s3/aws4_request,SignedHeaders=,Signature=ab",
            "AWS4-HMAC-SHA256 Credential=ak/20260101/r/s3/aws4_request,SignedHeaders=b;a,Signature=ab",
            "AWS4-HMAC-SHA256 Credential=ak/20260101/r/s3/aws4_request,SignedHeaders=a;a,Signature=ab",
            "AWS4-HMAC-SHA256 Credential=ak/20260101/r/s3/aws4_request,SignedHeaders=Host,Signature=ab",
            "AWS4-HMAC-SHA256 Credential=a/2/c/o/a,SignedHeaders=a,Signature=ab,Signature=ab",
            "OSS4-HMAC-SHA256 Credential=a/2/c/o/a,SignedHeaders=a,Signature=ab",
        ] {
            assert!(Authorization::parse(text).is_none(), "{text}");
        }
    }
}
