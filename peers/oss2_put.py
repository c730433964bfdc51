"""One file to OSS by oss2: parts of 8 MiB, four at once, with its CRC-64."""

import os
import sys
import tempfile

import oss2

auth = oss2.Auth(os.environ["OSS_KEY_ID"], os.environ["OSS_SECRET"])
bucket = oss2.Bucket(auth, os.environ["OSS_ENDPOINT"], os.environ["OSS_BUCKET"], is_path_style=True)
with tempfile.TemporaryDirectory() as folder:
    store = oss2.ResumableStore(root=folder)
    oss2.resumable_upload(
        bucket, "content", sys.argv[1], store=store, multipart_threshold=8 << 20, part_size=8 << 20, num_threads=4
    )
