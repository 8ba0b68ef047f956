"""The step itself: files of items in a directory, a model beside it, results to an MQTT topic.

An item is a line of a `*.jsonl` file; whoever writes a file gives it its name when it is whole. Results are published
with QoS 1 in the order of the lines. A file's `.done` counts the lines whose results the broker has acknowledged, so a
step that is killed publishes at most the last one again; its `item` tells it apart, which is what `messageId` is for.
"""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from chalicelib.domain.inference.results import Fault, Result, encode_result
from greengrass.answers import output_of

Publish = Callable[[bytes], None]
ANSWER_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Step:
    """What one device does.

    items   directory of files to work through
    model   address of the container's `/invocations`
    device  name of the device, the first part of every item's address
    """

    items: Path
    model: str
    content_type: str
    device: str


def work_off(step: Step, publish: Publish) -> int:
    """Publish a result for every item that has none yet; how many that were. Raises what `publish` raises."""
    return sum(_file(step, file, publish) for file in sorted(step.items.glob("*.jsonl")))


def _file(step: Step, file: Path, publish: Publish) -> int:
    mark, count = file.with_suffix(".done"), 0
    for number, line in _left(file, int(mark.read_text()) if mark.exists() else 0):
        publish(encode_result(_result(step, f"{step.device}/{file.name}#{number}", line)).rstrip())
        fresh = mark.with_suffix(".fresh")
        fresh.write_text(str(number))
        fresh.replace(mark)
        count += 1
    return count


def _left(file: Path, done: int) -> Iterator[tuple[int, bytes]]:
    """Lines after the first `done`, numbered from 1; empty lines are no items."""
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if number > done and line.strip():
                yield number, line.rstrip(b"\r\n")


def _result(step: Step, item: str, content: bytes) -> Result:
    output, fault = _asked(step, content)
    return Result(item, step.model, output, datetime.now(UTC), fault)


def _asked(step: Step, content: bytes) -> tuple[object, Fault | None]:
    """The model's answer; a model that is gone or refuses is a fault of the item, not of the step."""
    headers = {"Content-Type": step.content_type, "Accept": "application/json"}
    request = urllib.request.Request(step.model, content, headers)
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
            return output_of(answer.read()), None
    except urllib.error.HTTPError as error:
        return None, Fault("ModelError", f"status {error.code}")
    except OSError as error:
        return None, Fault("ModelUnavailable", str(error))
