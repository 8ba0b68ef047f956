"""What an EMR step is as a local process: the programs of the master node that this machine has, too."""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

_RUNNERS = ("command-runner.jar", "script-runner.jar")
_DEBUGGING = ("state-pusher-script", "fetch")
_SPARK_PLACE = ("--master", "--deploy-mode")
_FETCH = (
    'set -e; aws s3 cp --only-show-errors "$1" ./program >&2; chmod 700 program; shift; exec /bin/bash ./program "$@"'
)
_SPARK_HERE = (
    *("--conf", "spark.driver.bindAddress=127.0.0.1"),
    *("--conf", "spark.driver.host=127.0.0.1"),
    *("--conf", "spark.ui.enabled=false"),
)
"""Nobody but this machine is to reach it."""
_FETCH_FIRST = 'set -e; aws s3 cp --only-show-errors "$1" "$2" >&2; shift 2; exec "$@"'
_APPLICATIONS = (".py", ".jar")


@dataclass(frozen=True, slots=True)
class NotImitated(Exception):
    """A step that cannot be run here; says why."""

    reason: str

    def __str__(self) -> str:
        return self.reason


def command_of(jar: str, arguments: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """The command line of a step. Raises NotImitated for what this machine does not have."""
    if PurePosixPath(jar).name not in _RUNNERS:
        return _found(["hadoop", "jar", jar, *arguments], environment, f"to run {jar}")
    if not arguments:
        raise NotImitated(f"{jar} was given no program")
    program, *rest = arguments
    if PurePosixPath(program).name in _DEBUGGING:
        return ["/bin/true"]
    if program.startswith("s3://"):
        return ["/bin/bash", "-c", _FETCH, "fetch", program, *rest]
    if program == "spark-submit":
        return _spark(rest, environment)
    return _found([program, *rest], environment, "among this machine's programs")


def _found(words: list[str], environment: Mapping[str, str], why: str) -> list[str]:
    path = shutil.which(words[0], path=environment.get("PATH", os.defpath))
    if path is None:
        raise NotImitated(f"the embedded run has no '{words[0]}' {why}")
    return [path, *words[1:]]


def _spark(arguments: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """Spark in one process. Its application is fetched first: it has no file system for S3 here."""
    words = ["spark-submit", "--master", "local[2]", *_SPARK_HERE, *_placeless(arguments)]
    remote = next((word for word in words if word.startswith("s3://") and word.endswith(_APPLICATIONS)), None)
    if remote is None:
        return _found(words, environment, "(install pyspark)")
    name = PurePosixPath(remote).name
    found = _found([name if word == remote else word for word in words], environment, "(install pyspark)")
    return ["/bin/bash", "-c", _FETCH_FIRST, "fetch", remote, name, *found]


def _placeless(arguments: Sequence[str]) -> list[str]:
    """Without the options that say where Spark runs: here it runs in its own process."""
    kept: list[str] = []
    skipped = False
    for word in arguments:
        if not skipped and word not in _SPARK_PLACE:
            kept.append(word)
        skipped = word in _SPARK_PLACE and not skipped
    return kept
