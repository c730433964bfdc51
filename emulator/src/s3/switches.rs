//! What is unproven, or what servers that speak S3 do differently: a choice each. The defaults are what Amazon is said to do.

use serde::{Deserialize, Serialize};

use crate::switch::switch;

/// One choice per behaviour that is a guess in the reference, or that differs from server to server. A client should survive all of
/// them.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Switches {
    /// Complete of an upload that is complete (`same`).
    pub complete_again: CompleteAgain,
    /// What a refused complete leaves of the upload (`upload`).
    pub refused_complete: RefusedComplete,
    /// Abort of an upload that is not there (`no_such_upload`).
    pub abort_again: AbortAgain,
    /// Where a page of parts begins that `part-number-marker` asks for (`exclusive`).
    pub list_marker: ListMarker,
    /// When a list of parts has an `IsTruncated` (`always`).
    pub is_truncated: IsTruncated,
    /// How documents are written (`plain`).
    pub documents: Documents,
    /// Whether answers have request ids (`true`).
    pub request_id: bool,
    /// The `ETag` of a part, and of an object that came in one request (`md5`).
    pub etag: Etag,
    /// The `ETag` of an object that came in parts, before its `-N` (`part_digests`).
    pub multipart_etag: MultipartEtag,
    /// What becomes of `x-amz-checksum-*` (`kept`).
    pub checksums: Checksums,
    /// Which checksum tells the answer to a part that has none, of an upload that has none (`none`).
    pub undeclared_part: UndeclaredPart,
    /// A part whose number is there already (`replaces`).
    pub part_again: PartAgain,
    /// Which lengths parts may have (`any`).
    pub part_lengths: PartLengths,
    /// A request that names an upload which is not there (`no_such_upload`).
    pub unknown_upload: UnknownUpload,
    /// An object that is not there (`not_found`).
    pub missing_object: MissingObject,
    /// A signature for another region (`authorization_header_malformed`).
    pub wrong_region: WrongRegion,
    /// What upload ids look like (`plain`).
    pub upload_id: UploadId,
    /// `x-amz-content-sha256` must be signed, like every other `x-amz-*` (`false`).
    pub signed_content_sha256: bool,
    /// The bucket keeps versions: objects have a version id (`false`).
    pub versioned: bool,
    /// When a request that its head condemns is refused: a bad signature, an unknown key, a bucket that is not there, a body
    /// announced too long (`at_start`).
    pub refused: Refused,
}

impl Default for Switches {
    fn default() -> Self {
        Switches {
            complete_again: CompleteAgain::Same,
            refused_complete: RefusedComplete::Upload,
            abort_again: AbortAgain::NoSuchUpload,
            list_marker: ListMarker::Exclusive,
            is_truncated: IsTruncated::Always,
            documents: Documents::Plain,
            request_id: true,
            etag: Etag::Md5,
            multipart_etag: MultipartEtag::PartDigests,
            checksums: Checksums::Kept,
            undeclared_part: UndeclaredPart::None,
            part_again: PartAgain::Replaces,
            part_lengths: PartLengths::Any,
            unknown_upload: UnknownUpload::NoSuchUpload,
            missing_object: MissingObject::NotFound,
            wrong_region: WrongRegion::AuthorizationHeaderMalformed,
            upload_id: UploadId::Plain,
            signed_content_sha256: false,
            versioned: false,
            refused: Refused::AtStart,
        }
    }
}

switch! {
    /// Complete of an upload that is complete.
    CompleteAgain {
        /// Success once more for the same list of parts; for any other, `NoSuchUpload`.
        Same,
        /// Success once more, whatever the list.
        AnyList,
        /// `NoSuchUpload`.
        NoSuchUpload,
        /// Conditions are judged first: `PreconditionFailed` because of the upload's own object; else as `same`.
        PreconditionFailed,
    }
}
switch! {
    /// What a refused complete leaves.
    RefusedComplete {
        /// The upload, as it was.
        Upload,
        /// Nothing.
        Nothing,
    }
}
switch! {
    /// Abort of an upload that is not there.
    AbortAgain {
        /// 404 `NoSuchUpload`.
        NoSuchUpload,
        /// 204, as if it had been.
        NoContent,
    }
}
switch! {
    /// What a marker in a list of parts says.
    ListMarker {
        /// The number before the first one wanted.
        Exclusive,
        /// The first one wanted.
        Inclusive,
    }
}
switch! {
    /// When a list of parts has an `IsTruncated`.
    IsTruncated {
        /// On every page.
        Always,
        /// On every page but the last.
        WhenTrue,
    }
}
switch! {
    /// How documents are written.
    Documents {
        /// As the vendor's pages show them.
        Plain,
        /// With other roots, without a namespace, with elements that nobody knows, and quotes as `&#34;`.
        Odd,
    }
}
switch! {
    /// The tag of what came in one request.
    Etag {
        /// The MD5, in lower case.
        Md5,
        /// The MD5, in upper case.
        UpperCase,
        /// 32 digits of hex that are not the MD5, as of bytes that are encrypted with a key of a service's.
        OtherHex,
        /// No hex at all.
        Opaque,
        /// None.
        Absent,
    }
}
switch! {
    /// The `ETag` of an object that came in parts, before its `-N`. It is never the MD5 of the object.
    MultipartEtag {
        /// The MD5 of the parts' MD5s.
        PartDigests,
        /// The MD5 of the upload id: nothing that a client could compute from the file.
        Opaque,
    }
}
switch! {
    /// What becomes of checksums.
    Checksums {
        /// They are verified, kept and told.
        Kept,
        /// Nobody looks at them, and none is told.
        Ignored,
        /// They are verified and kept, and another algorithm's are told.
        Other,
    }
}
switch! {
    /// A part without a checksum, of an upload that declared none.
    UndeclaredPart {
        /// The answer has no checksum.
        None,
        /// The answer has the CRC-64/NVME that the server computes for itself.
        Crc64Nvme,
    }
}
switch! {
    /// A part whose number is there already.
    PartAgain {
        /// It takes the place of the older one.
        Replaces,
        /// `NotImplemented`.
        NotImplemented,
    }
}
switch! {
    /// Which lengths parts may have.
    PartLengths {
        /// Any from the shortest to the longest.
        Any,
        /// All alike but the last, which may be shorter; else complete is refused as `InvalidPart`.
        Equal,
    }
}
switch! {
    /// A request that names an upload which is not there.
    UnknownUpload {
        /// 404 `NoSuchUpload`.
        NoSuchUpload,
        /// 500 `InternalError`.
        InternalError,
        /// 403 `AccessDenied`.
        AccessDenied,
    }
}
switch! {
    /// An object that is not there.
    MissingObject {
        /// 404.
        NotFound,
        /// 403, as for a key that may not list the bucket.
        Forbidden,
    }
}
switch! {
    /// A signature for another region.
    WrongRegion {
        /// 400 `AuthorizationHeaderMalformed`, with the right one.
        AuthorizationHeaderMalformed,
        /// 301 `PermanentRedirect`, with the right one only in the head.
        PermanentRedirect,
        /// 400 `IllegalLocationConstraintException`, with the right one only in the head.
        IllegalLocation,
    }
}
switch! {
    /// What upload ids look like.
    UploadId {
        /// Letters, digits, dots, dashes and underscores.
        Plain,
        /// With `/`, `+`, `=`, `%` and `&` in them.
        Reserved,
        /// 1024 bytes, with those in them.
        Long,
    }
}
switch! {
    /// When a request is refused that its head condemns.
    Refused {
        /// Before its body is read.
        AtStart,
        /// When its body is here, too.
        AtEnd,
    }
}
