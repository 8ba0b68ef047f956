"""The command line: the original Task Runner's options, and three of ours. Must not know what they lead to.

Source: developer guide, "Task Runner configuration options" and "Task Runner threads and preconditions".
"""

import argparse
import json
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

from chalicelib.domain.errors import DataPipelineError
from chalicelib.ports.errors import PortError
from chalicelib.ports.objects import Place, parse_directory

_PROGRAM = "taskrunner"


class WrongOption(DataPipelineError):
    """One line that says which option, what was given and what was expected."""


@dataclass(frozen=True, slots=True)
class Keys:
    """An access key of the runner's own. `repr` shows no secret."""

    access_id: str
    secret_key: str

    def __repr__(self) -> str:
        return f"Keys({self.access_id})"


@dataclass(frozen=True, slots=True)
class Options:
    """What the runner is told.

    keys      None leaves it to the environment (variables, profile, instance role)
    output    directory for logs and scratch files
    proxy     URL with its credentials, or None
    progress  how often a task at work is reported, which bounds how late a cancellation is seen
    """

    worker_group: str
    region: str
    runner_id: str
    output: Path
    tasks: int
    progress: timedelta
    heartbeat: timedelta
    endpoint: str | None = None
    keys: Keys | None = None
    log_place: Place | None = None
    proxy: str | None = None


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise WrongOption(message)


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line; `--help` prints and exits.

    Raises   WrongOption
    """
    given = _parser().parse_args(arguments)
    if given.proxyDomain or given.proxyWorkstation:
        raise WrongOption("--proxyDomain and --proxyWorkstation: NTLM proxies are not supported")
    return Options(
        worker_group=_present("--workerGroup", given.workerGroup),
        region=given.region,
        runner_id=given.taskrunnerId or f"{socket.gethostname()}-{given.workerGroup}",
        output=Path(given.output).absolute(),
        tasks=given.tasks,
        progress=timedelta(seconds=given.progressInterval),
        heartbeat=timedelta(seconds=given.heartbeatInterval),
        endpoint=given.endpoint,
        keys=_keys(given.accessId, given.secretKey, given.config),
        log_place=_log_place(given.logUri),
        proxy=_proxy(given.proxyHost, given.proxyPort, given.proxyUsername, given.proxyPassword),
    )


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog=_PROGRAM, allow_abbrev=False, description="Polls a worker group and does its tasks here.")
    add = parser.add_argument
    add("--workerGroup", help="worker group to poll, matched exactly (required)")
    add("--endpoint", type=_url, help="address of the service; default: the region's")
    add("--region", default="us-east-1", help="default: us-east-1")
    add("--config", help='JSON file with "access-id" and "private-key"')
    add("--accessId", "--accessID", help="access key id; with --secretKey stronger than --config")
    add("--secretKey", help="secret access key")
    add("--taskrunnerId", help="id to report under; default: host name and worker group")
    add("--output", default="output", help="directory for logs and scratch files; default: ./output")
    add("--logUri", help="S3 directory that logs are pushed to, every hour and at the end")
    add("--tasks", type=_whole(1, 100), default=2, help="tasks done at once; default: 2")
    add("--progressInterval", type=_whole(1, 600), default=60, help="seconds between reports; default: 60")
    add("--heartbeatInterval", type=_whole(1, 3600), default=900, help="seconds between heartbeats; default: 900")
    add("--proxyHost")
    add("--proxyPort", type=_whole(1, 65535))
    add("--proxyUsername")
    add("--proxyPassword")
    add("--proxyDomain", help="not supported")
    add("--proxyWorkstation", help="not supported")
    return parser


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() else low - 1
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"'{text}' given, a whole number from {low} to {high} expected")
        return number

    return read


def _url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError(f"'{text}' given, an address that begins with https:// expected")
    return text


def _present(option: str, text: str | None) -> str:
    if not text:
        raise WrongOption(f"{option} is required: name the worker group to poll")
    return text


def _keys(access_id: str | None, secret_key: str | None, config: str | None) -> Keys | None:
    if bool(access_id) != bool(secret_key):
        raise WrongOption("--accessId and --secretKey go together: give both or neither")
    if access_id and secret_key:
        return Keys(access_id, secret_key)
    return _keys_of(Path(config)) if config else None


def _keys_of(path: Path) -> Keys:
    content = _content(path)
    found = [content.get(name) if isinstance(content, dict) else None for name in ("access-id", "private-key")]
    if not all(isinstance(text, str) and text for text in found):
        raise WrongOption(f'--config: {path} lacks one of "access-id" and "private-key"')
    return Keys(str(found[0]), str(found[1]))


def _content(path: Path) -> object:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise WrongOption(f"--config: {path} cannot be read as JSON: {error}") from error


def _log_place(uri: str | None) -> Place | None:
    if not uri:
        return None
    try:
        return parse_directory(uri)
    except PortError as error:
        raise WrongOption(f"--logUri: {error.reason}") from error


def _proxy(host: str | None, port: int | None, username: str | None, password: str | None) -> str | None:
    if host is None:
        if port or username or password:
            raise WrongOption("--proxyHost is missing: the other proxy options need it")
        return None
    secret = f":{quote(password, safe='')}" if password else ""
    user = f"{quote(username, safe='')}{secret}@" if username else ""
    return f"http://{user}{host}{f':{port}' if port else ''}"


def refuse(error: DataPipelineError) -> int:
    """Tell the user in one line; return the exit status."""
    print(f"{_PROGRAM}: {error}", file=sys.stderr)  # a command line's own words
    return 2
