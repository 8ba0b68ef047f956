"""Real PostgreSQL and MariaDB servers for tests, each started once a session on loopback and a free port.

PostgreSQL is the system's, or else the one that the pinned package ships. MariaDB has no such package: it is the
system's, and infra/test installs it where it can.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chalicelib.ports.databases import Address, Engine
from local.postgres import Postgres

_PATHS = ["/usr/local/bin", "/usr/bin", "/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/opt/homebrew/bin"]


@contextmanager
def postgresql() -> Iterator[Address]:
    """A PostgreSQL server with the database `postgres`; the user `locked` needs a password."""
    server = Postgres("host all locked 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n")
    try:
        yield Address(Engine.POSTGRESQL, "127.0.0.1", server.port, "postgres", "postgres", "")
    finally:
        server.stop()


@contextmanager
def mariadb(more: Mapping[str, str] | None = None) -> Iterator[Address]:
    """A MariaDB server with the database `shop`, and with more options."""
    server, install = _found("mariadbd", "mysqld"), _found("mariadb-install-db", "mysql_install_db")
    if server is None or install is None:
        raise RuntimeError(
            "no MariaDB server found: install it (Debian, Ubuntu: apt install mariadb-server-core mariadb-client-core)"
        )
    with tempfile.TemporaryDirectory(prefix="penstock-maria-") as folder:
        root = ["--user=root"] if os.getuid() == 0 else []
        # A starting server removes the temporary tables of all others from the folder they share.
        where = ["--no-defaults", f"--datadir={folder}/data", f"--tmpdir={folder}"]
        _run([install, *where, "--auth-root-authentication-method=normal", "--skip-test-db", *root])
        port = free_port()
        options = {
            "socket": f"{folder}/my.sock",
            "pid-file": f"{folder}/my.pid",
            "bind-address": "127.0.0.1",
            "port": str(port),
            "character-set-server": "utf8mb4",
            "innodb-flush-log-at-trx-commit": "0",
            "innodb-flush-method": "nosync",
            "init-file": _init_file(folder),
            **(more or {}),
        }
        command = [server, *where, "--skip-name-resolve", "--skip-log-bin", *root]
        with _running([*command, *(f"--{key}={value}" for key, value in options.items())], port):
            yield Address(Engine.MYSQL, "127.0.0.1", port, "shop", "root", "")


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _init_file(folder: str) -> str:
    path = Path(folder) / "init.sql"
    path.write_text("CREATE DATABASE shop;\nCREATE USER locked@'%' IDENTIFIED BY 'right';\n")
    return str(path)


def _found(*names: str) -> str | None:
    path = os.pathsep.join([os.environ.get("PATH", ""), *_PATHS])
    return next((found for name in names if (found := shutil.which(name, path=path))), None)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr[-500:] or done.stdout[-500:]}")


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    with tempfile.TemporaryFile() as said:
        server = subprocess.Popen(command, cwd="/", stdout=said, stderr=said)
        try:
            _wait_for(server, port, said)
            yield
        finally:
            server.kill()  # nothing is kept, and MariaDB does not hear a milder word while it starts
            server.wait()


def _wait_for(server: "subprocess.Popen[bytes]", port: int, said: Any) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if server.poll() is None:
                _pause(server)
                continue
            said.seek(0)
            raise RuntimeError(f"the server ended: {said.read()[-1000:].decode(errors='replace')}") from None
        return
    raise RuntimeError("the server does not listen after 30 seconds")


def _pause(server: "subprocess.Popen[bytes]") -> None:
    """Until it ends, at most 50 ms."""
    try:
        server.wait(0.05)
    except subprocess.TimeoutExpired:
        return
