"""One file to OSS by the newer SDK: parts of 8 MiB, four at once, with its CRC-64."""

import os
import sys

import alibabacloud_oss_v2 as oss

config = oss.config.load_default()
config.credentials_provider = oss.credentials.StaticCredentialsProvider(os.environ["OSS_KEY_ID"], os.environ["OSS_SECRET"])
config.region = os.environ["OSS_REGION"]
config.endpoint = os.environ["OSS_ENDPOINT"]
config.use_path_style = True
uploader = oss.Client(config).uploader(part_size=8 << 20, parallel_num=4)
uploader.upload_file(oss.PutObjectRequest(bucket=os.environ["OSS_BUCKET"], key="content"), filepath=sys.argv[1])
