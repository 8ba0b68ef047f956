"""What is in a package for Lambda: checked, and compiled so that a cold start has nothing to compile.

Chalice says when it could not package a requirement, and then goes on and succeeds; a package is therefore looked into.
Source of the limits: Lambda quotas, "Deployment package (.zip file archive) size".
"""

import hashlib
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

MOST_DIRECT_BYTES = 50 * 1024 * 1024
"""What `chalice deploy` may send, since it sends with the request; a package in a bucket may be larger."""
MOST_UNPACKED_BYTES = 250 * 1024 * 1024
"""Layers included."""
NOT_OURS_TO_CARRY = ("tests/", "local/", "bench/", "deploy/", "docs/", "taskrunner/", "greengrass/", "infra/", "pip/")
"""What has no place in a function: working files of the repository, and tools that only build it."""
NEEDED = ("app.py", "chalicelib/bootstrap.py", "chalice/app.py")
_INFO = ".dist-info"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_WORD = re.compile(r"[A-Za-z0-9._-]+")


class BadPackage(Exception):
    """A package that must not be deployed; `faults` say why."""

    def __init__(self, path: Path, faults: Sequence[str]) -> None:
        super().__init__(f"{path.name} must not be deployed:" + "".join(f"\n  {fault}" for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes of a package."""

    packed: int
    unpacked: int

    def __str__(self) -> str:
        return f"{self.packed / 1e6:.1f} MB, unpacked {self.unpacked / 1e6:.1f} MB"


def size(path: Path) -> Size:
    """How large the archive is."""
    with zipfile.ZipFile(path) as archive:
        return Size(path.stat().st_size, sum(item.file_size for item in archive.infolist()))


def check(path: Path, requirements: str, *, direct: bool) -> Size:
    """Measure the package. Raises BadPackage when it lacks a requirement, holds what it must not, or is too large.

    requirements  the text of requirements.txt
    direct        the package is sent with a request, not read from a bucket
    """
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    found = size(path)
    faults = [*_missing(names, requirements), *_unwanted(names), *_too_large(found, direct)]
    if faults:
        raise BadPackage(path, faults)
    return found


def required(requirements: str) -> Mapping[str, str]:
    """Versions by normalised name of what requirements.txt pins."""
    lines = (line.split("#")[0].strip() for line in requirements.splitlines())
    pinned = (line.split("==") for line in lines if "==" in line)
    return {_normal(_WORD.match(name)[0]): version for name, version in pinned}  # type: ignore[index]  # a name there is


def compiled(source: Path, target: Path) -> Path:
    """Write the package to `target` with bytecode beside each module, and return `target`.

    The bytecode is this interpreter's, as the package is. It is never compared with its source: files of a function
    do not change, and their times are not kept. The same content gives the same bytes.
    """
    with TemporaryDirectory() as scratch:
        root = Path(scratch)
        with zipfile.ZipFile(source) as archive:
            archive.extractall(root)
        _compile(root)
        pack(target, ((path.relative_to(root).as_posix(), path) for path in root.rglob("*") if path.is_file()))
    return target


def _compile(root: Path) -> None:
    """Write bytecode beside the modules below `root`; what does not compile, as some templates, is passed over.

    By an interpreter that has done nothing yet and that no variable tells where to put it: what else a process holds
    shows in the bytecode, since it marks the texts that are used more than once.
    """
    words = ["-m", "compileall", "-q", "-q", "-s", str(root), "--invalidation-mode", "unchecked-hash", str(root)]
    subprocess.run([sys.executable, "-I", *words], check=False)


def pack(target: Path, files: Iterable[tuple[str, Path]]) -> Path:
    """Write files by name into a new archive, in order and without times."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = (0o755 if os.access(path, os.X_OK) else 0o644) << 16
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return target


def digest(path: Path) -> str:
    """A name for the archive's content."""
    found = hashlib.sha256()
    with zipfile.ZipFile(path) as archive:
        for item in sorted(archive.infolist(), key=lambda item: item.filename):
            found.update(f"{item.filename}\0{item.CRC}\0{item.file_size}\0".encode())
    return found.hexdigest()[:20]


def _missing(names: Sequence[str], requirements: str) -> Iterator[str]:
    there = set(names)
    yield from (f"{name} is missing" for name in NEEDED if name not in there)
    tops = {name.split("/")[0] for name in names}
    packed = [top.removesuffix(_INFO).rpartition("-") for top in tops if top.endswith(_INFO)]
    found = {_normal(name): version for name, _, version in packed}
    for name, version in required(requirements).items():
        if name not in found:
            yield f"the requirement {name}=={version} is missing: is there a wheel of it for this Python?"
        elif found[name] != version:
            yield f"{name} is {found[name]}; required is {version}"


def _unwanted(names: Sequence[str]) -> Iterator[str]:
    for start in NOT_OURS_TO_CARRY:
        count = sum(name.startswith(start) for name in names)
        if count:
            yield f"{count} files of {start}"


def _too_large(found: Size, direct: bool) -> Iterator[str]:
    if direct and found.packed > MOST_DIRECT_BYTES:
        yield f"{found.packed} bytes; a request takes {MOST_DIRECT_BYTES}: deploy by the packaged road"
    if found.unpacked > MOST_UNPACKED_BYTES:
        yield f"{found.unpacked} bytes unpacked; Lambda takes {MOST_UNPACKED_BYTES}: use a layer less, or an image"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
