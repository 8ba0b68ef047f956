"""`python -m taskrunner.build`: the runner and all it needs as one file, `dist/taskrunner.pyz`.

Libraries are taken from the environment that runs the build, so its pins are the runner's. The same content gives the
same bytes.
"""

import hashlib
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path, PurePosixPath

_ROOT = Path(__file__).resolve().parent.parent
_TARGET = _ROOT / "dist" / "taskrunner.pyz"
_PACKAGES = ("taskrunner", "chalicelib")
_NOT_OURS_TO_CARRY = ("chalicelib/service", "chalicelib/edge", "chalicelib/templates", "chalicelib/adapters/sqlite")
_NOT_NEEDED = frozenset({"chalicelib/bootstrap.py", "chalicelib/settings.py", "taskrunner/build.py"})
_LIBRARIES = ("boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six", "urllib3", "PyMySQL")
_MODELS = frozenset({"s3", "dynamodb", "rds", "redshift-data", "datapipeline", "sts", "sso", "sso-oidc", "signin"})
_SHEBANG = b"#!/usr/bin/env python3\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def build(target: Path = _TARGET) -> Path:
    """Write the archive and return its path. Raises PackageNotFoundError when a library is not installed."""
    content = dict(sorted((*_own(), *_foreign())))
    digest = hashlib.sha256()
    for name, path in content.items():
        digest.update(name.encode() + b"\0" + path.read_bytes())
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(_SHEBANG)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "__main__.py", (_ROOT / "taskrunner" / "launcher.py").read_bytes())
        _add(archive, "digest", digest.hexdigest()[:20].encode())
        for name, path in content.items():
            _add(archive, f"site/{name}", path.read_bytes())
    target.chmod(0o755)
    return target


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)


def _own() -> Iterator[tuple[str, Path]]:
    for package in _PACKAGES:
        for path in (_ROOT / package).rglob("*.py"):
            name = path.relative_to(_ROOT).as_posix()
            if name not in _NOT_NEEDED and not name.startswith(_NOT_OURS_TO_CARRY):
                yield name, path


def _foreign() -> Iterator[tuple[str, Path]]:
    for library in _LIBRARIES:
        for file in distribution(library).files or ():
            if _is_needed(PurePosixPath(file)):
                yield file.as_posix(), Path(str(file.locate()))


def _is_needed(file: PurePosixPath) -> bool:
    """Modules, certificates and the models of the services used; boto3's own data is for resources, unused here."""
    parts = file.parts
    if ".." in parts or "__pycache__" in parts or parts[0].endswith(".dist-info") or parts[:2] == ("boto3", "data"):
        return parts[0].endswith(".dist-info") and "license" in file.name.lower()
    if parts[:2] == ("botocore", "data") and len(parts) > 3:
        return parts[2] in _MODELS
    return True


if __name__ == "__main__":
    made = build()
    print(f"{made} {made.stat().st_size // 1024} KiB", file=sys.stderr)  # a command's own words
