"""PyAV as a Lambda layer, for functions that decode video: larger than all the rest together, so in no package.

Wheels are chosen for the runtime, not for this machine: Python 3.11 and older run on glibc 2.26, where PyAV's present
wheels do not load.
"""

import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from botocore.exceptions import ClientError

from deploy import archive
from deploy.archive import BadPackage
from deploy.site import Site

FUNCTIONS = ("tasks", "chunks")
"""Functions that decode."""
MOST_BESIDE_BYTES = 60 * 1024 * 1024
"""Left for the package, unpacked: Lambda's limit holds for both together."""
_NEWER = ("manylinux_2_34", "manylinux_2_28", "manylinux_2_17", "manylinux2014")
_OLDER = ("manylinux_2_26", "manylinux_2_17", "manylinux2014")
_FIRST_NEWER = (3, 12)
Version = tuple[int, int]


class NoWheels(Exception):
    """pip found no wheel for the runtime; its own words."""


@dataclass(frozen=True, slots=True)
class Wheels:
    """Which wheels a runtime takes."""

    requirement: str
    platforms: tuple[str, ...]


def wheels(python: Version, machine: str = "x86_64") -> Wheels:
    """PyAV's release for a Python, and the platforms of its wheels, newest first."""
    newer = python >= _FIRST_NEWER
    names = _NEWER if newer else _OLDER
    return Wheels("av==18.1.0" if newer else "av==14.2.0", tuple(f"{name}_{machine}" for name in names))


def build(target: Path, python: Version = sys.version_info[:2]) -> Path:
    """Download, arrange and pack the layer; return `target`. Raises NoWheels or BadPackage."""
    with TemporaryDirectory() as scratch:
        directory = Path(scratch)
        _download(wheels(python), python, directory)
        for wheel in directory.glob("*.whl"):
            with zipfile.ZipFile(wheel) as opened:
                opened.extractall(directory / "python")
        files = [path for path in (directory / "python").rglob("*") if path.is_file()]
        archive.pack(target, ((path.relative_to(directory).as_posix(), path) for path in files))
    return checked(target)


def checked(path: Path) -> Path:
    """`path`. Raises BadPackage for a layer without PyAV, or one that leaves the package no room."""
    with zipfile.ZipFile(path) as opened:
        names = opened.namelist()
    faults = [] if "python/av/__init__.py" in names else ["PyAV is missing"]
    room = archive.MOST_UNPACKED_BYTES - MOST_BESIDE_BYTES
    if archive.size(path).unpacked > room:
        faults.append(f"{archive.size(path).unpacked} bytes unpacked; beside the package there is room for {room}")
    if faults:
        raise BadPackage(path, faults)
    return path


def name(site: Site) -> str:
    """The layer's name in the account."""
    return f"{site.app}-video"


def publish(site: Site, path: Path) -> str:
    """Make the file the layer's newest version unless it is; return the version's ARN."""
    wanted = hashlib.sha256(path.read_bytes()).hexdigest()
    newest = next(_versions(site), None)
    if newest is not None and newest["Description"] == wanted:
        return str(newest["LayerVersionArn"])
    key = f"layers/{wanted[:20]}.zip"
    site.client("s3").upload_file(str(path), site.code_bucket, key)
    made = site.client("lambda").publish_layer_version(
        LayerName=name(site),
        Description=wanted,
        Content={"S3Bucket": site.code_bucket, "S3Key": key},
        CompatibleRuntimes=[f"python{sys.version_info[0]}.{sys.version_info[1]}"],
    )
    return str(made["LayerVersionArn"])


def newest(site: Site) -> str | None:
    """ARN of the newest version; None while there is none."""
    found = next(_versions(site), None)
    return None if found is None else str(found["LayerVersionArn"])


def remove(site: Site) -> Iterator[str]:
    """Delete every version; tell each."""
    for item in list(_versions(site)):
        site.client("lambda").delete_layer_version(LayerName=name(site), VersionNumber=item["Version"])
        yield f"layer {name(site)} version {item['Version']}"


def _versions(site: Site) -> Iterator[dict[str, Any]]:
    """Versions, newest first."""
    pages = site.client("lambda").get_paginator("list_layer_versions").paginate(LayerName=name(site))
    try:
        yield from (item for page in pages for item in page["LayerVersions"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise


def _download(wanted: Wheels, python: Version, directory: Path) -> None:
    platforms = [word for platform in wanted.platforms for word in ("--platform", platform)]
    version = f"{python[0]}.{python[1]}"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--quiet"]
    command += [*platforms, "--python-version", version, "--dest", str(directory), wanted.requirement]
    ended = subprocess.run(command, text=True, capture_output=True, check=False)
    if ended.returncode != 0:
        raise NoWheels(ended.stderr.strip())
