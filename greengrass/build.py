"""`python -m greengrass.build VERSION s3://bucket/prefix`: recipe and archive under dist/greengrass/, to be uploaded.

The archive carries what the step imports and paho, which is pure Python; the same content gives the same bytes.
"""

import json
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

from greengrass.recipe import ARCHIVE, NAME, faults, recipe

_ROOT = Path(__file__).resolve().parent.parent
_TARGET = _ROOT / "dist" / "greengrass"
_OWN = (
    "greengrass/__init__.py",
    "greengrass/__main__.py",
    "greengrass/answers.py",
    "greengrass/step.py",
    "chalicelib/__init__.py",
    "chalicelib/domain/__init__.py",
    "chalicelib/domain/values.py",
    "chalicelib/domain/inference/__init__.py",
    "chalicelib/domain/inference/matches.py",
    "chalicelib/domain/inference/results.py",
)
_LAUNCHER = b"import sys\n\nfrom greengrass.__main__ import main\n\nsys.exit(main(sys.argv[1:]))\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def build(version: str, folder: str, target: Path = _TARGET) -> tuple[Path, Path]:
    """Write both and return recipe and archive. Raises ValueError for a version or address the format refuses."""
    made = recipe(version, folder)
    found = faults(made)
    if found:
        raise ValueError("; ".join(found))
    archive = target / "artifacts" / NAME / version / ARCHIVE
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(zipfile.ZipInfo("__main__.py", _EPOCH), _LAUNCHER, zipfile.ZIP_DEFLATED)
        for name, path in sorted(_content()):
            packed.writestr(zipfile.ZipInfo(name, _EPOCH), path.read_bytes(), zipfile.ZIP_DEFLATED)
    written = target / "recipes" / f"{NAME}-{version}.json"
    written.parent.mkdir(parents=True, exist_ok=True)
    written.write_text(json.dumps(made, indent=2) + "\n")
    return written, archive


def _content() -> Iterator[tuple[str, Path]]:
    yield from ((name, _ROOT / name) for name in _OWN)
    for file in distribution("paho-mqtt").files or ():
        if file.suffix == ".py" or file.name.startswith("LICENSE"):
            yield file.as_posix(), Path(str(file.locate()))


if __name__ == "__main__":
    print(*build(sys.argv[1], sys.argv[2]), sep="\n")
