"""What the vendor's own SDK makes of the emulator. Arguments: what to do, the ready line's part for oss, a folder."""

import base64
import json
import os
import sys

import oss2

PART = 100 * 1024
KEY = "dir a/文件+1~.bin"
# An upload that nobody began.
NOBODY = "0004B9894A22E5B1888A1E29F8230001"


def content(length):
    return bytes((at * 7 + (at >> 8) * 13) & 255 for at in range(length))


def auths(ready):
    if "security_token" in ready:
        key = ready["access_key_id"], ready["access_key_secret"], ready["security_token"]
        return {
            "v1": oss2.StsAuth(*key, auth_version=oss2.AUTH_VERSION_1),
            "v4": oss2.StsAuth(*key, auth_version=oss2.AUTH_VERSION_4),
        }
    key = ready["access_key_id"], ready["access_key_secret"]
    return {"v1": oss2.Auth(*key), "v4": oss2.AuthV4(*key)}


def bucket(ready, auth):
    return oss2.Bucket(auth, ready["endpoint"], ready["bucket"], region=ready["region"])


def refused(kind, work):
    try:
        work()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was expected")


def whole_objects(bucket):
    data = content(300_000)
    put = bucket.put_object(KEY, data, headers={"x-oss-meta-a": "b", "Content-Type": "text/x"})
    assert (put.status, len(put.request_id)) == (200, 24)
    head = bucket.head_object(KEY)
    assert (head.content_length, head.etag, head.object_type) == (len(data), put.etag, "Normal")
    assert bucket.get_object(KEY).read() == data
    assert bucket.get_object(KEY, byte_range=(5, 9)).read() == data[5:10]
    assert bucket.object_exists(KEY) and not bucket.object_exists("nothing")
    missing = refused(oss2.exceptions.NoSuchKey, lambda: bucket.get_object("nothing"))
    assert (missing.status, missing.details["Key"]) == (404, "nothing")
    overwrite = {"x-oss-forbid-overwrite": "true"}
    refused(oss2.exceptions.ServerError, lambda: bucket.put_object(KEY, b"x", headers=overwrite))
    bucket.put_object("empty", b"")
    assert bucket.head_object("empty").content_length == 0


def callbacks(bucket):
    encoded = lambda it: base64.b64encode(json.dumps(it).encode()).decode()
    callback = {"callbackUrl": "http://callback.example/", "callbackBody": "size=${size}&p=${x:p}"}
    headers = {"x-oss-callback": encoded(callback), "x-oss-callback-var": encoded({"x:p": "1"})}
    answer = bucket.put_object("called", b"x", headers=headers)
    assert json.loads(answer.resp.read()) == {"state": True}
    headers["x-oss-callback"] = "?"
    refused(oss2.exceptions.InvalidArgument, lambda: bucket.put_object("called", b"y", headers=headers))


def parts_by_hand(bucket, sequential):
    data = content(2 * PART + 7)
    params = {"sequential": ""} if sequential else None
    upload = bucket.init_multipart_upload(KEY, params=params).upload_id
    parts = []
    for number in (1, 2, 3):
        piece = data[(number - 1) * PART : number * PART]
        done = bucket.upload_part(KEY, upload, number, piece)
        parts.append(oss2.models.PartInfo(number, done.etag, size=len(piece), part_crc=done.crc))
    if sequential:
        again = refused(oss2.exceptions.ServerError, lambda: bucket.upload_part(KEY, upload, 1, b"x"))
        assert (again.status, again.code, again.details["ETag"].strip('"')) == (409, "PartAlreadyExist", parts[0].etag)
        ahead = refused(oss2.exceptions.ServerError, lambda: bucket.upload_part(KEY, upload, 5, b"x"))
        assert (ahead.status, ahead.code) == (400, "PartNotSequential")
    listed = [(it.part_number, it.etag, it.size) for it in oss2.PartIterator(bucket, KEY, upload, max_parts=2)]
    assert listed == [(it.part_number, it.etag, it.size) for it in parts], listed
    page = bucket.list_parts(KEY, upload, max_parts=2)
    assert (page.is_truncated, page.next_marker) == (True, "2")
    open_uploads = [it.upload_id for it in oss2.MultipartUploadIterator(bucket)]
    assert open_uploads == [upload], open_uploads
    done = bucket.complete_multipart_upload(KEY, upload, parts)
    assert done.crc is not None and done.etag.endswith("-3")
    assert bucket.get_object(KEY).read() == data
    refused(oss2.exceptions.NoSuchUpload, lambda: bucket.list_parts(KEY, upload))
    aborted = bucket.init_multipart_upload(KEY).upload_id
    bucket.abort_multipart_upload(KEY, aborted)
    refused(oss2.exceptions.NoSuchUpload, lambda: bucket.abort_multipart_upload(KEY, aborted))
    refused(oss2.exceptions.NoSuchUpload, lambda: bucket.list_parts(KEY, NOBODY))


def lists(bucket):
    for number in range(5):
        bucket.put_object(f"list/{number}&", b"x")
    expected = [f"list/{number}&" for number in range(5)]
    assert [it.key for it in oss2.ObjectIterator(bucket, prefix="list/", max_keys=2)] == expected
    assert [it.key for it in oss2.ObjectIteratorV2(bucket, prefix="list/", max_keys=2)] == expected
    top = [it.key for it in oss2.ObjectIteratorV2(bucket, prefix="li", delimiter="/")]
    assert top == ["list/"], top


def blanks(ready, folder):
    for version, auth in auths(ready).items():
        it = bucket(ready, auth)
        for key in ("a b/1", "a b/2", "a+b/1"):
            it.put_object(key, key.encode())
        assert it.get_object("a b/1").read() == b"a b/1" and it.get_object("a+b/1").read() == b"a+b/1"
        for objects in (oss2.ObjectIterator, oss2.ObjectIteratorV2):
            assert [found.key for found in objects(it, prefix="a b/", max_keys=1)] == ["a b/1", "a b/2"], version
            assert [found.key for found in objects(it, prefix="a+b/")] == ["a+b/1"], version
        owners = [it.list_objects_v2(fetch_owner=fetch).object_list[0].owner for fetch in (True, False)]
        assert owners[0].id and owners[0].display_name and owners[1] is None, version
        upload = it.init_multipart_upload("a b/3").upload_id
        found = [found.upload_id for found in oss2.MultipartUploadIterator(it, prefix="a b/")]
        assert found == [upload], (version, found)
        it.abort_multipart_upload("a b/3", upload)


def everything(ready, folder):
    for version, auth in auths(ready).items():
        it = bucket(ready, auth)
        whole_objects(it)
        callbacks(it)
        parts_by_hand(it, sequential=True)
        parts_by_hand(it, sequential=False)
        lists(it)
        info = it.get_bucket_info()
        assert (info.name, info.location) == (ready["bucket"], "oss-" + ready["region"])
        wrong = {"v1": oss2.Auth, "v4": oss2.AuthV4}[version](ready["access_key_id"], "wrong")
        error = refused(oss2.exceptions.ServerError, lambda: bucket(ready, wrong).put_object("x", b"x"))
        assert error.code in ("SignatureDoesNotMatch", "InvalidAccessKeyId"), error.code


def resumable(ready, folder, version):
    path = os.path.join(folder, "file.bin")
    with open(path, "wb") as file:
        file.write(content(4 * PART + 100))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    store = oss2.ResumableStore(root=folder)
    return oss2.resumable_upload(
        bucket(ready, auths(ready)[version]), f"resumed-{version}", path, store=store, part_size=PART,
        multipart_threshold=PART, num_threads=1,
    )


def main():
    what, ready, folder = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
    if what == "everything":
        everything(ready, folder)
    elif what == "blanks":
        blanks(ready, folder)
    elif what.startswith("interrupted-"):
        refused(oss2.exceptions.RequestError, lambda: resumable(ready, folder, what[-2:]))
    else:
        assert resumable(ready, folder, what[-2:]).status == 200


main()
