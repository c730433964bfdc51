"""Looks into an S3 server with the vendor's own SDK.

    s3.py READY WHAT [ARGUMENT]     READY is the line of server.py

`bucket` makes the bucket, `everything` uses it, `keys` and `uploads` print what begins so as JSON,
`read` prints an object (arguments are JSON strings, so that any key can be named), `meta` its metadata, and
`differ` compares objects and files.
"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

READY = json.loads(sys.argv[1])
BUCKET = READY["bucket"]
PART = 5 << 20


def client():
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        retries={"max_attempts": 0},
    )
    return boto3.client(
        "s3",
        endpoint_url=READY["endpoint"],
        region_name=READY["region"],
        aws_access_key_id=READY["access_key_id"],
        aws_secret_access_key=READY["access_key_secret"],
        config=config,
    )


S3 = client()


def bucket():
    try:
        S3.create_bucket(Bucket=BUCKET)
    except ClientError as error:
        # rclone's are its folders.
        assert error.response["Error"]["Code"] == "BucketAlreadyExists", error


def keys(prefix):
    return [it["Key"] for it in S3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])]


def uploads(prefix):
    """Key and number of parts of each."""
    found = []
    for upload in S3.list_multipart_uploads(Bucket=BUCKET, Prefix=prefix).get("Uploads") or []:
        key = upload["Key"]
        parts = S3.list_parts(Bucket=BUCKET, Key=key, UploadId=upload["UploadId"]).get("Parts", [])
        found.append([key, len(parts)])
    return found


def read(key):
    body = S3.get_object(Bucket=BUCKET, Key=key)["Body"]
    for piece in body.iter_chunks(1 << 20):
        sys.stdout.buffer.write(piece)


def differ(*pairs):
    """The keys of those objects that are not the file named behind each."""
    different = []
    for key, path in zip(pairs[::2], pairs[1::2]):
        with open(path, "rb") as file:
            if S3.get_object(Bucket=BUCKET, Key=key)["Body"].read() != file.read():
                different.append(key)
    return different


def meta(key):
    head = S3.head_object(Bucket=BUCKET, Key=key)
    return {"type": head["ContentType"], **{name.lower(): value for name, value in head["Metadata"].items()}}


def everything():
    key, big = "sdk/dir a/文件+1~.bin", "sdk/big"
    S3.put_object(Bucket=BUCKET, Key=key, Body=b"hello", Metadata={"a": "b"})
    assert meta(key)["a"] == "b"
    upload = S3.create_multipart_upload(Bucket=BUCKET, Key=big)["UploadId"]
    where = {"Bucket": BUCKET, "Key": big, "UploadId": upload}
    pieces = {1: b"1" * PART, 2: b"2" * PART, 3: b"3"}
    tags = {number: S3.upload_part(**where, PartNumber=number, Body=body)["ETag"] for number, body in pieces.items()}
    assert uploads("sdk/") == [[big, 3]]
    parts = [{"PartNumber": number, "ETag": tag} for number, tag in tags.items()]
    S3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
    assert S3.get_object(Bucket=BUCKET, Key=big)["Body"].read() == b"".join(pieces.values())
    given_up = S3.create_multipart_upload(Bucket=BUCKET, Key="sdk/given up")["UploadId"]
    S3.abort_multipart_upload(Bucket=BUCKET, Key="sdk/given up", UploadId=given_up)
    assert uploads("sdk/") == [] and sorted(keys("sdk/")) == [big, key]


what, arguments = globals()[sys.argv[2]], [json.loads(it) for it in sys.argv[3:]]
answer = what(*arguments)
if answer is not None:
    print(json.dumps(answer))
