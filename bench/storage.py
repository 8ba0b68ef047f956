"""An S3 server for benches, in processes of its own: radosgw where it is installed, otherwise ministack."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from bench.tools import functions_environment
from tests.servers import free_port

_CEPH = ("radosgw", "radosgw-admin", "ceph", "ceph-mon", "ceph-osd", "monmaptool")
_CONFIGURATION = """\
[global]
fsid = {fsid}
mon host = v1:127.0.0.1:{mon}
mon initial members = a
auth cluster required = none
auth service required = none
auth client required = none
osd pool default size = 1
osd pool default min size = 1
mon allow pool size one = true
osd crush chooseleaf type = 0
osd pool default pg num = 8
osd pool default pgp num = 8
mon max pg per osd = 1000
osd pool default pg autoscale mode = off
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
ms type = async+posix
run dir = {folder}/run
admin socket = {folder}/run/$name.asok
log file = {folder}/log/$name.log
pid file = {folder}/run/$name.pid
mon data = {folder}/mon
mgr data = {folder}/mgr
osd data = {folder}/osd
mon cluster log file = {folder}/log/cluster.log
mon data avail crit = 1
mon data avail warn = 1
osd objectstore = memstore
memstore device bytes = 10737418240
osd class update on start = false
osd crush update on start = false
osd class load list = *
osd class default list = *
rgw frontends = beast endpoint=127.0.0.1:{port} tcp_nodelay=1
rgw dns name = localhost
rgw enable usage log = false
rgw gc obj min wait = 1
rgw gc processor period = 2
rgw gc processor max time = 60
rgw enable ops log = false
rgw relaxed s3 bucket names = true
"""


@dataclass(frozen=True, slots=True)
class Storage:
    """A running server. `keys` are boto3's arguments."""

    name: str
    endpoint: str
    keys: dict[str, str]

    def client(self, service: str = "s3") -> Any:
        """A boto3 client of it."""
        return boto3.client(service, endpoint_url=self.endpoint, **self.keys)

    def environment(self) -> dict[str, str]:
        """What programs need to reach it; theirs and ours keep memory as our functions do."""
        return {
            **os.environ,
            **functions_environment(),
            "AWS_ACCESS_KEY_ID": self.keys["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": self.keys["aws_secret_access_key"],
            "AWS_DEFAULT_REGION": self.keys["region_name"],
            "AWS_REGION": self.keys["region_name"],
        }


@contextmanager
def storage() -> Iterator[Storage]:
    """The best S3 server that this machine has, with the bucket `bench`."""
    with radosgw() if all(map(shutil.which, _CEPH)) else ministack() as found:
        found.client().create_bucket(Bucket="bench")
        found.client().put_object(Bucket="bench", Key="first")  # takes a second of what radosgw does but once
        yield found


@contextmanager
def ministack() -> Iterator[Storage]:
    """ministack, all of its services."""
    port = free_port()
    settings = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "DOCKER_HOST": "unix:///nonexistent"}
    command = [str(Path(sys.executable).with_name("ministack"))]
    server = subprocess.Popen(
        command, env={**os.environ, **settings}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield _reached(Storage("ministack", f"http://127.0.0.1:{port}", _keys("bench", "bench")))
    finally:
        server.terminate()
        server.wait(30)


@contextmanager
def moto() -> Iterator[Storage]:
    """moto, all of its services."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield _reached(Storage("moto", f"http://127.0.0.1:{port}", _keys("bench", "bench")))
    finally:
        server.terminate()
        server.wait(30)


@contextmanager
def radosgw() -> Iterator[Storage]:
    """A single-node Ceph in memory with its gateway."""
    with tempfile.TemporaryDirectory(prefix="penstock-rgw-") as folder:
        for name in ("mon", "mgr", "osd", "run", "log"):
            Path(folder, name).mkdir()
        port = free_port()
        try:
            _start_ceph(folder, free_port(), port)
            yield _reached(Storage("radosgw", f"http://127.0.0.1:{port}", _keys("AKIA", "SECRET")))
        finally:
            for file in Path(folder, "run").glob("*.pid"):
                _end(int(file.read_text()))


def _start_ceph(folder: str, mon: int, port: int) -> None:
    """Each daemon puts itself into the background and its pid into a file."""
    fsid = str(uuid.uuid4())
    path = Path(folder, "ceph.conf")
    path.write_text(_CONFIGURATION.format(fsid=fsid, mon=mon, folder=folder, port=port))
    _run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", f"[v1:127.0.0.1:{mon}]", f"{folder}/monmap")
    configured = ("-c", str(path))
    _run("ceph-mon", *configured, "--mkfs", "-i", "a", "--monmap", f"{folder}/monmap")
    _run("ceph-mon", *configured, "-i", "a")
    osd = str(uuid.uuid4())
    _run("ceph", *configured, "osd", "new", osd)
    _run("ceph-osd", *configured, "-i", "0", "--mkfs", "--osd-uuid", osd)
    _run("ceph", *configured, "osd", "crush", "add", "osd.0", "1.0", "root=default", "host=h")
    _run("ceph-osd", *configured, "-i", "0")
    who = ("--uid=t", "--display-name=t", "--access-key=AKIA", "--secret=SECRET")
    _run("radosgw-admin", *configured, "user", "create", *who)
    _run("radosgw", *configured, "-n", "client.rgw")


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr[-500:]}")


def _end(pid: int) -> None:
    """A daemon that stores in memory has nothing to save, and may hang for want of room."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _keys(access: str, secret: str) -> dict[str, str]:
    return {"region_name": "us-east-1", "aws_access_key_id": access, "aws_secret_access_key": secret}


def _reached(found: Storage) -> Storage:
    """The server once it answers; within a minute."""
    deadline = time.monotonic() + 60
    while True:
        try:
            found.client().list_buckets()
        except (BotoCoreError, ClientError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return found
