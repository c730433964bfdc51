"""What the vendor's own SDK makes of the emulator. Arguments: what to do, the ready line's part for s3, a folder."""

import json
import os
import random
import sys

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError

PART = 5 << 20
KEYS = ["dir a/文件+1~.bin", "a//b", "a/../b", "/lead", "trail/", "q?=&%25;:@$,!*'()", "nfc \u00e9", "nfd e\u0301"]
# An upload that nobody began.
NOBODY = "VXBsb2FkIElEIGZvciBub2JvZHk-"
# Since 2025 the SDK adds a CRC32 to what it sends, and checks what it gets, unless it is told to leave that.
CHECKSUMS = ["when_supported", "when_required"]


def content(length):
    return random.Random(1).randbytes(length)


def client(ready, checksums="when_supported", **changes):
    ready = {**ready, **changes}
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        request_checksum_calculation=checksums,
        response_checksum_validation=checksums,
        retries={"max_attempts": 0},
    )
    return boto3.client(
        "s3",
        endpoint_url=ready["endpoint"],
        region_name=ready["region"],
        aws_access_key_id=ready["access_key_id"],
        aws_secret_access_key=ready["access_key_secret"],
        aws_session_token=ready.get("session_token"),
        config=config,
    )


class Bucket:
    def __init__(self, s3, name):
        self.s3, self.name = s3, name

    def __getattr__(self, call):
        return lambda **arguments: getattr(self.s3, call)(Bucket=self.name, **arguments)


def refused(code, work):
    try:
        work()
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return error.response
    raise AssertionError(f"{code} was expected")


def whole_objects(bucket):
    key, data = KEYS[0], content(300_000)
    put = bucket.put_object(Key=key, Body=data, Metadata={"a": "b"}, ContentType="text/x")
    head = bucket.head_object(Key=key)
    assert (head["ContentLength"], head["ETag"], head["ContentType"]) == (len(data), put["ETag"], "text/x"), head
    assert head["Metadata"] == {"a": "b"}
    got = bucket.get_object(Key=key)
    assert (got["Body"].read(), got["ETag"]) == (data, put["ETag"])
    assert bucket.get_object(Key=key, Range="bytes=5-9")["Body"].read() == data[5:10]
    refused("NoSuchKey", lambda: bucket.get_object(Key="nothing"))
    refused("404", lambda: bucket.head_object(Key="nothing"))
    bucket.put_object(Key="empty", Body=b"")
    assert bucket.head_object(Key="empty")["ContentLength"] == 0
    bucket.delete_object(Key="empty")
    refused("404", lambda: bucket.head_object(Key="empty"))


def odd_keys(bucket):
    for key in KEYS:
        bucket.put_object(Key=key, Body=key.encode())
    for key in KEYS:
        assert bucket.get_object(Key=key)["Body"].read() == key.encode(), key
    listed = [it["Key"] for it in bucket.list_objects_v2()["Contents"]]
    assert set(KEYS) <= set(listed) and listed == sorted(listed, key=str.encode), listed


def conditions(bucket):
    bucket.put_object(Key="once", Body=b"1", IfNoneMatch="*")
    refused("PreconditionFailed", lambda: bucket.put_object(Key="once", Body=b"2", IfNoneMatch="*"))
    assert bucket.get_object(Key="once")["Body"].read() == b"1"
    upload = bucket.create_multipart_upload(Key="once")["UploadId"]
    parts = [{"PartNumber": 1, "ETag": bucket.upload_part(Key="once", UploadId=upload, PartNumber=1, Body=b"3")["ETag"]}]
    complete = lambda: bucket.complete_multipart_upload(
        Key="once", UploadId=upload, MultipartUpload={"Parts": parts}, IfNoneMatch="*"
    )
    refused("PreconditionFailed", complete)
    assert bucket.get_object(Key="once")["Body"].read() == b"1"
    # The upload is still there.
    bucket.delete_object(Key="once")
    complete()
    assert bucket.get_object(Key="once")["Body"].read() == b"3"


def checksums(bucket):
    # Of "hello".
    right = {"CRC64NVME": "M3eFcAZSQlc=", "CRC32": "NhCmhg==", "CRC32C": "mnG7TA==", "SHA1": "qvTGHdzF6KLavt4PO0gs2a6pQ00="}
    for name, value in right.items():
        bucket.put_object(Key="sum", Body=b"hello", **{f"Checksum{name}": value})
        assert bucket.head_object(Key="sum", ChecksumMode="ENABLED")[f"Checksum{name}"] == value
        wrong = "AAAAAAAAAAA=" if name == "CRC64NVME" else "AAAAAA==" if name != "SHA1" else "A" * 27 + "="
        refused("BadDigest", lambda: bucket.put_object(Key="sum", Body=b"hello", **{f"Checksum{name}": wrong}))
    assert "ChecksumCRC64NVME" not in bucket.head_object(Key="sum")
    refused("InvalidDigest", lambda: bucket.put_object(Key="sum", Body=b"hello", ContentMD5="abc"))
    refused("BadDigest", lambda: bucket.put_object(Key="sum", Body=b"hello", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg=="))


def whole_checksum(bucket):
    """Declared at the beginning, told at the end, and there afterwards. The pieces are those of the vendor's page."""
    pieces = [(bytes(range(251)) * (PART // 251 + 1))[:PART], b"tail"]
    begin = bucket.create_multipart_upload(Key="whole", ChecksumAlgorithm="CRC64NVME", ChecksumType="FULL_OBJECT")
    upload, parts = begin["UploadId"], []
    assert (begin["ChecksumAlgorithm"], begin["ChecksumType"]) == ("CRC64NVME", "FULL_OBJECT")
    for number, (body, crc) in enumerate(zip(pieces, ("bgp1IS1VSZg=", "sAra2CkCEgw=")), 1):
        tag = bucket.upload_part(Key="whole", UploadId=upload, PartNumber=number, Body=body, ChecksumCRC64NVME=crc)
        parts.append({"PartNumber": number, "ETag": tag["ETag"]})
    listed = bucket.list_parts(Key="whole", UploadId=upload)["Parts"]
    assert [it["ChecksumCRC64NVME"] for it in listed] == ["bgp1IS1VSZg=", "sAra2CkCEgw="], listed
    end = lambda crc, size: bucket.complete_multipart_upload(
        Key="whole", UploadId=upload, MultipartUpload={"Parts": parts}, ChecksumCRC64NVME=crc, ChecksumType="FULL_OBJECT",
        MpuObjectSize=size,
    )
    refused("BadDigest", lambda: end("AAAAAAAAAAA=", PART + 4))
    refused("InvalidRequest", lambda: end("/PCLBfvKYl8=", PART + 5))
    done = end("/PCLBfvKYl8=", PART + 4)
    assert (done["ChecksumCRC64NVME"], done["ChecksumType"]) == ("/PCLBfvKYl8=", "FULL_OBJECT"), done
    assert done["ETag"] == '"46e9ec4f6e6936c8ce2b5be7b5fad9c1-2"', done
    head = bucket.head_object(Key="whole", ChecksumMode="ENABLED")
    assert (head["ChecksumCRC64NVME"], head["ChecksumType"]) == ("/PCLBfvKYl8=", "FULL_OBJECT"), head


def parts_by_hand(bucket):
    key, data = KEYS[0], content(2 * PART + 7)
    upload = bucket.create_multipart_upload(Key=key, Metadata={"id": "0123"}, ContentType="text/x")["UploadId"]
    send = lambda number, body: bucket.upload_part(Key=key, UploadId=upload, PartNumber=number, Body=body)["ETag"]
    send(2, b"replaced")
    # In any order.
    pieces = {number: data[(number - 1) * PART : number * PART] for number in (3, 1, 2)}
    tags = {number: send(number, body) for number, body in pieces.items()}
    pages = bucket.s3.get_paginator("list_parts").paginate(
        Bucket=bucket.name, Key=key, UploadId=upload, PaginationConfig={"PageSize": 2}
    )
    pages = [[(it["PartNumber"], it["ETag"], it["Size"]) for it in page["Parts"]] for page in pages]
    expected = [(number, tags[number], len(pieces[number])) for number in (1, 2, 3)]
    assert pages == [expected[:2], expected[2:]], pages
    open_uploads = [(it["Key"], it["UploadId"]) for it in bucket.list_multipart_uploads()["Uploads"]]
    assert open_uploads == [(key, upload)], open_uploads
    complete = lambda parts: bucket.complete_multipart_upload(
        Key=key, UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": number, "ETag": tag} for number, tag in parts]}
    )
    refused("InvalidPartOrder", lambda: complete([(2, tags[2]), (1, tags[1])]))
    refused("InvalidPart", lambda: complete([(1, tags[2])]))
    refused("InvalidPart", lambda: complete([(1, tags[1]), (9, tags[2])]))
    done = complete(sorted(tags.items()))
    assert done["ETag"].endswith('-3"'), done
    got = bucket.get_object(Key=key)
    assert got["Body"].read() == data and (got["Metadata"], got["ContentType"]) == ({"id": "0123"}, "text/x")
    refused("NoSuchUpload", lambda: bucket.list_parts(Key=key, UploadId=upload))
    assert "Uploads" not in bucket.list_multipart_uploads()


def refusals(bucket):
    upload = bucket.create_multipart_upload(Key="small")["UploadId"]
    tags = [
        bucket.upload_part(Key="small", UploadId=upload, PartNumber=number, Body=b"x")["ETag"] for number in (1, 2)
    ]
    parts = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, 1)]
    complete = lambda parts: bucket.complete_multipart_upload(
        Key="small", UploadId=upload, MultipartUpload={"Parts": parts}
    )
    refused("EntityTooSmall", lambda: complete(parts))
    refused("NoSuchUpload", lambda: bucket.upload_part(Key="small", UploadId=NOBODY, PartNumber=1, Body=b"x"))
    refused("InvalidArgument", lambda: bucket.upload_part(Key="small", UploadId=upload, PartNumber=10_001, Body=b"x"))
    # Bound to its key.
    refused("NoSuchUpload", lambda: bucket.upload_part(Key="other", UploadId=upload, PartNumber=1, Body=b"x"))
    bucket.abort_multipart_upload(Key="small", UploadId=upload)
    refused("NoSuchUpload", lambda: bucket.list_parts(Key="small", UploadId=upload))
    refused("NoSuchUpload", lambda: bucket.list_parts(Key="small", UploadId=NOBODY))


def uploads_in_pages(bucket):
    begun = {}
    for key in ["p/a", "p/b b", "p/b b", "p/文件", "q"]:
        begun.setdefault(key, []).append(bucket.create_multipart_upload(Key=key)["UploadId"])
    pages = bucket.s3.get_paginator("list_multipart_uploads").paginate(
        Bucket=bucket.name, Prefix="p/", PaginationConfig={"PageSize": 2}
    )
    pages = [[(it["Key"], it["UploadId"]) for it in page["Uploads"]] for page in pages]
    assert [len(page) for page in pages] == [2, 2], pages
    found = [it for page in pages for it in page]
    assert sorted(found) == sorted((key, upload) for key, ids in begun.items() for upload in ids if key != "q"), found
    assert [key for key, _ in found] == sorted((key for key, _ in found), key=str.encode)
    for key, ids in begun.items():
        for upload in ids:
            bucket.abort_multipart_upload(Key=key, UploadId=upload)
    assert "Uploads" not in bucket.list_multipart_uploads()


def transfers(bucket, folder):
    """As `upload_file` does it: threads, and a checksum of each part if the SDK is left to itself."""
    path = os.path.join(folder, "transfer.bin")
    with open(path, "wb") as file:
        file.write(content(3 * PART + 11))
    config = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, max_concurrency=4)
    bucket.s3.upload_file(path, bucket.name, "transfer", Config=config, ExtraArgs={"Metadata": {"a": "b"}})
    fetched = os.path.join(folder, "fetched.bin")
    bucket.s3.download_file(bucket.name, "transfer", fetched, Config=config)
    with open(path, "rb") as sent, open(fetched, "rb") as got:
        assert sent.read() == got.read()


def lists(bucket):
    for number in range(5):
        bucket.put_object(Key=f"list/{number}&", Body=b"x")
    pages = bucket.s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket.name, Prefix="list/", PaginationConfig={"PageSize": 2}
    )
    assert [it["Key"] for page in pages for it in page["Contents"]] == [f"list/{number}&" for number in range(5)]
    top = bucket.list_objects_v2(Prefix="li", Delimiter="/")
    assert [it["Prefix"] for it in top["CommonPrefixes"]] == ["list/"], top


def everything(ready, folder):
    for mode in CHECKSUMS:
        bucket = Bucket(client(ready, mode), ready["bucket"])
        bucket.head_bucket()
        whole_objects(bucket)
        parts_by_hand(bucket)
        refusals(bucket)
        uploads_in_pages(bucket)
        transfers(bucket, folder)
        lists(bucket)
        odd_keys(bucket)


def keys_and_regions(ready, folder):
    put = lambda **changes: client(ready, "when_required", **changes).put_object(Bucket=ready["bucket"], Key="x", Body=b"x")
    refused("SignatureDoesNotMatch", lambda: put(access_key_secret="wrong"))
    refused("InvalidAccessKeyId", lambda: put(access_key_id="AKIDNOBODY0000000001"))
    # The SDK takes the region out of the refusal and signs again.
    put(region="eu-nowhere-1")
    other = lambda: client(ready).head_bucket(Bucket="nobodys")
    refused("404", other)


def interrupted(ready, folder):
    """Without an answer to a part, and without another try."""
    bucket, data = Bucket(client(ready, "when_required"), ready["bucket"]), content(4 * PART + 100)
    upload = bucket.create_multipart_upload(Key="resumed")["UploadId"]
    with open(os.path.join(folder, "upload"), "w") as file:
        file.write(upload)
    try:
        for number in range(1, 6):
            piece = data[(number - 1) * PART : number * PART]
            bucket.upload_part(Key="resumed", UploadId=upload, PartNumber=number, Body=piece)
    except HTTPClientError:
        return
    raise AssertionError("no answer was lost")


def resumed(ready, folder):
    """Sends what the list of parts does not have."""
    bucket, data = Bucket(client(ready, "when_required"), ready["bucket"]), content(4 * PART + 100)
    with open(os.path.join(folder, "upload")) as file:
        where = {"Key": "resumed", "UploadId": file.read()}
    have = {it["PartNumber"]: it["ETag"] for it in bucket.list_parts(**where)["Parts"]}
    assert sorted(have) == [1, 2, 3], have
    for number in {1, 2, 3, 4, 5} - set(have):
        have[number] = bucket.upload_part(**where, PartNumber=number, Body=data[(number - 1) * PART : number * PART])["ETag"]
    parts = [{"PartNumber": number, "ETag": tag} for number, tag in sorted(have.items())]
    bucket.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
    assert bucket.get_object(Key="resumed")["Body"].read() == data


def main():
    what, ready, folder = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
    alone = {"conditions": conditions, "checksums": checksums, "whole_checksum": whole_checksum}
    if what in alone:
        alone[what](Bucket(client(ready, "when_required"), ready["bucket"]))
    else:
        globals()[what](ready, folder)


main()
