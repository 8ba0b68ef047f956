"""What a built Task Runner begins with: unpack beside others of its kind, then run from there.

botocore reads its service models as files, which it cannot do inside a zip. Standard library only, in syntax that an
old Python can read far enough to say what it lacks.
"""

import os
import runpy
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path


def main(archive: str) -> None:
    """Run the Task Runner in `archive` with this process's arguments."""
    if sys.version_info < (3, 11):  # noqa: UP036  # runs on whatever Python the machine has
        sys.exit("taskrunner: Python 3.11 or newer is needed, this is " + sys.version.split()[0])
    sys.path[0] = str(unpacked(Path(archive)))
    runpy.run_module("taskrunner", run_name="__main__", alter_sys=True)


def unpacked(archive: Path) -> Path:
    """The directory that holds the archive's content; made once, and whole whenever it is there."""
    with zipfile.ZipFile(archive) as content:
        home = _cache() / ("penstock-taskrunner-" + content.read("digest").decode())
        if not home.exists():
            _unpack(content, home)
    return home


def _cache() -> Path:
    """A directory of this user's own that can be written to."""
    wanted = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    try:
        wanted.mkdir(parents=True, exist_ok=True)
    except OSError:
        wanted = Path(tempfile.gettempdir())
    if os.access(wanted, os.W_OK) and wanted.stat().st_uid == os.getuid():
        return wanted
    return Path(tempfile.mkdtemp(prefix="penstock-"))  # somebody else's directory could hold somebody else's code


def _unpack(content: zipfile.ZipFile, home: Path) -> None:
    """Unpack aside and rename, so that a runner that starts at the same time never sees half of it."""
    aside = Path(tempfile.mkdtemp(dir=home.parent))
    site = [name for name in content.namelist() if name.startswith("site/")]
    content.extractall(aside, site)
    try:
        (aside / "site").rename(home)
    except OSError:
        if not home.exists():
            raise
    shutil.rmtree(aside, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[0])
