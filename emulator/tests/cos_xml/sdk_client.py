"""What the vendor's own SDK makes of the emulator. Arguments: what to do, the ready line's part for cos-xml, a folder."""

import json
import os
import random
import sys
from urllib.parse import urlsplit

from qcloud_cos import CosConfig, CosS3Client
from qcloud_cos.cos_exception import CosClientError, CosServiceError

PART = 1 << 20
KEYS = ["dir a/文件+1~.bin", "a//b", "a/./b", "trail/", "q?=&;:@$,!*'()", "nfd e\u0301"]
NOBODY = "1700000000" + "ab" * 32


def content(length):
    return random.Random(1).randbytes(length)


def client(ready, **changes):
    """The host names bucket and region, as it does at the vendor's; only the connection goes elsewhere."""
    ready = {**ready, **changes}
    address = urlsplit(ready["endpoint"])
    config = CosConfig(
        Region=ready.get("region", "ap-guangzhou"),
        SecretId=ready["secret_id"],
        SecretKey=ready["secret_key"],
        Token=ready.get("security_token"),
        Scheme=address.scheme,
        IP=address.hostname,
        Port=address.port,
    )
    return CosS3Client(config, retry=0)


class Answer(dict):
    """By any spelling of the names: the SDK hands headers out as they came."""

    def __init__(self, answer):
        super().__init__((name.lower(), value) for name, value in answer.items())

    def __getitem__(self, name):
        return super().__getitem__(name.lower())

    def __contains__(self, name):
        return super().__contains__(name.lower())


class Bucket:
    def __init__(self, cos, name):
        self.cos, self.name = cos, name

    def __getattr__(self, call):
        def make(**arguments):
            answer = getattr(self.cos, call)(Bucket=self.name, **arguments)
            return Answer(answer) if isinstance(answer, dict) else answer

        return make


def refused(code, work):
    try:
        work()
    except CosServiceError as error:
        assert error.get_error_code() == code, error
        return error
    raise AssertionError(f"{code} was expected")


def body(got):
    return got["Body"].get_raw_stream().read()


def whole_objects(bucket):
    key, data = KEYS[0], content(300_000)
    put = bucket.put_object(Key=key, Body=data, Metadata={"x-cos-meta-a": "b"}, ContentType="text/x")
    head = bucket.head_object(Key=key)
    assert (head["Content-Length"], head["ETag"], head["Content-Type"]) == (str(len(data)), put["ETag"], "text/x"), head
    assert head["x-cos-meta-a"] == "b" and head["x-cos-hash-crc64ecma"] == put["x-cos-hash-crc64ecma"]
    assert body(bucket.get_object(Key=key)) == data
    assert body(bucket.get_object(Key=key, Range="bytes=5-9")) == data[5:10]
    refused("NoSuchKey", lambda: bucket.get_object(Key="nothing"))
    missing = refused("NoSuchResource", lambda: bucket.head_object(Key="nothing"))
    assert missing.get_status_code() == 404
    bucket.put_object(Key="empty", Body=b"")
    assert bucket.head_object(Key="empty")["Content-Length"] == "0"
    bucket.delete_object(Key="empty")
    assert not bucket.object_exists(Key="empty") and bucket.object_exists(Key=key)
    bucket.put_object(Key="checked", Body=data, EnableMD5=True)
    refused("BadDigest", lambda: bucket.put_object(Key="checked", Body=data, ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg=="))


def odd_keys(bucket):
    for key in KEYS:
        bucket.put_object(Key=key, Body=key.encode())
    for key in KEYS:
        assert body(bucket.get_object(Key=key)) == key.encode(), key
    listed = [it["Key"] for it in bucket.list_objects()["Contents"]]
    assert set(KEYS) <= set(listed), listed


def parts_by_hand(bucket):
    key, data = KEYS[0], content(2 * PART + 7)
    upload = bucket.create_multipart_upload(Key=key, Metadata={"x-cos-meta-id": "0123"})["UploadId"]
    send = lambda number, piece: bucket.upload_part(Key=key, UploadId=upload, PartNumber=number, Body=piece)["ETag"]
    send(2, b"replaced")
    pieces = {number: data[(number - 1) * PART : number * PART] for number in (3, 1, 2)}
    tags = {number: send(number, piece) for number, piece in pieces.items()}
    expected = [(number, tags[number], len(pieces[number])) for number in (1, 2, 3)]
    page = bucket.list_parts(Key=key, UploadId=upload, MaxParts=2, EncodingType="url")
    listed = lambda page: [(int(it["PartNumber"]), it["ETag"], int(it["Size"])) for it in page["Part"]]
    assert (listed(page), page["IsTruncated"], page["NextPartNumberMarker"]) == (expected[:2], "true", "2"), page
    assert listed(bucket.list_parts(Key=key, UploadId=upload, PartNumberMarker=2)) == expected[2:]
    uploads = bucket.list_multipart_uploads(Prefix=key)["Upload"]
    assert [(it["Key"], it["UploadId"]) for it in uploads] == [(key, upload)], uploads
    complete = lambda parts: bucket.complete_multipart_upload(
        Key=key, UploadId=upload, MultipartUpload={"Part": [{"PartNumber": number, "ETag": tag} for number, tag in parts]}
    )
    refused("InvalidPartOrder", lambda: complete([(2, tags[2]), (1, tags[1])]))
    refused("InvalidPart", lambda: complete([(1, tags[2])]))
    done = complete(sorted(tags.items()))
    assert "-" in done["ETag"], done
    got = bucket.get_object(Key=key)
    assert body(got) == data and got["x-cos-meta-id"] == "0123"
    refused("NoSuchUpload", lambda: bucket.list_parts(Key=key, UploadId=upload))
    aborted = bucket.create_multipart_upload(Key=key)["UploadId"]
    bucket.abort_multipart_upload(Key=key, UploadId=aborted)
    for gone in (aborted, NOBODY):
        refused("NoSuchUpload", lambda: bucket.abort_multipart_upload(Key=key, UploadId=gone))
        refused("NoSuchUpload", lambda: bucket.upload_part(Key=key, UploadId=gone, PartNumber=1, Body=b"x"))
    assert "Upload" not in bucket.list_multipart_uploads()


def uploads_in_pages(bucket):
    begun = {}
    for key in ["p/a", "p/b b", "p/b b", "p/文件", "q"]:
        begun.setdefault(key, []).append(bucket.create_multipart_upload(Key=key)["UploadId"])
    found, markers = [], {}
    while True:
        page = bucket.list_multipart_uploads(Prefix="p/", MaxUploads=2, **markers)
        found += [(it["Key"], it["UploadId"]) for it in page["Upload"]]
        if page["IsTruncated"] != "true":
            break
        markers = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}
    assert sorted(found) == sorted((key, upload) for key, ids in begun.items() for upload in ids if key != "q"), found
    for key, ids in begun.items():
        for upload in ids:
            bucket.abort_multipart_upload(Key=key, UploadId=upload)


def everything(ready, folder):
    bucket = Bucket(client(ready), ready["bucket"])
    bucket.head_bucket()
    whole_objects(bucket)
    parts_by_hand(bucket)
    uploads_in_pages(bucket)
    odd_keys(bucket)
    put = lambda **changes: client(ready, **changes).put_object(Bucket=ready["bucket"], Key="x", Body=b"x")
    refused("SignatureDoesNotMatch", lambda: put(secret_key="wrong"))
    refused("InvalidAccessKeyId", lambda: put(secret_id="AKIDnobody"))


def upload(ready, folder):
    """As the SDK does it: five threads, and an upload of the same key that is still open is gone on with."""
    path = os.path.join(folder, "file.bin")
    with open(path, "wb") as file:
        file.write(content(6 * PART + 100))
    client(ready).upload_file(Bucket=ready["bucket"], Key="resumed", LocalFilePath=path, PartSize=1, MAXThread=1)


def interrupted(ready, folder):
    try:
        upload(ready, folder)
    except CosClientError:
        return
    raise AssertionError("no answer was lost")


def resumed(ready, folder):
    upload(ready, folder)
    got = body(client(ready).get_object(Bucket=ready["bucket"], Key="resumed"))
    assert got == content(6 * PART + 100)


what, ready, folder = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
globals()[what](ready, folder)
