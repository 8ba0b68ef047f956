"""One result per item, as a line of JSON. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.inference.matches import Match
from chalicelib.domain.values import UtcTime

_BEGINNING = b'{"item":'
_FAR_ENOUGH = 8192
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an item has no output. `code` is a name for programs, `message` a sentence for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one item.

    item    address of the item: what it is told apart by
    model   what answered, or would have
    output  the answer: a JSON value, a text when the model does not speak JSON; None beside a fault
    given   the item itself, when its author wants it in the result; a JSON value
    matches what in the output was looked for
    """

    item: str
    model: str
    output: object
    at: UtcTime
    fault: Fault | None = None
    given: object = None
    matches: tuple[Match, ...] = ()


def plain_result(result: Result) -> Mapping[str, object]:
    """`{item, model, output, error?, input?, matches?, at}`, ready for JSON."""
    plain: dict[str, object] = {"item": result.item, "model": result.model, "output": result.output}
    if result.fault is not None:
        plain["error"] = {"code": result.fault.code, "message": result.fault.message}
    if result.given is not None:
        plain["input"] = result.given
    if result.matches:
        plain["matches"] = [{"label": match.label, "confidence": match.confidence} for match in result.matches]
    plain["at"] = result.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return plain


def encode_result(result: Result) -> bytes:
    """The result's line, with its end."""
    return json.dumps(plain_result(result), separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def item_of(line: bytes) -> str:
    """The item that an encoded line is about. Of a line of ours only its beginning is read: it may have megabytes."""
    found = _first_text(line)
    return found if found is not None else str(json.loads(line)["item"])


def _first_text(line: bytes) -> str | None:
    """The item, when it comes first, and is no longer than addresses are."""
    if not line.startswith(_BEGINNING):
        return None
    text = line[len(_BEGINNING) : _FAR_ENOUGH].decode(errors="replace")
    try:
        return str(_DECODER.raw_decode(text)[0])
    except ValueError:
        return None


def is_fault(line: bytes) -> bool:
    """Whether an encoded line tells of a fault."""
    return b'"error":' in line and "error" in json.loads(line)
