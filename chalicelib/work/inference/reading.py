"""Results read back a page at a time, for people who look. Must not know who looks, nor under which role.

Where they are  the object that a finished activity left; before that, its parts; else the table they were written to
Memory          one piece of a file, one line; one page of a table
A page          ends after so many results, or after so many bytes were looked through: it may be empty and still be
                followed by others
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.inference.sightings import Sighting, sightings_of
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Missing, Rejected
from chalicelib.ports.objects import Objects, Place
from chalicelib.ports.reach import Outside
from chalicelib.ports.tables import Attribute, Item, Segment, Tables
from chalicelib.transfer.formats.items import decode_item, encode_item
from chalicelib.work.inference.job import Files, files_of

_PIECE = 256 * 1024
_LOOKED_THROUGH = 4 * 1024 * 1024
_LONGEST_LINE = 2 * 1024 * 1024
_SCANNED = 200
_SCANS = 4
Plain = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which results. Texts are empty, and `least` None, for any; labels are compared in any case.

    least   confidence of a sighting, of that label when one is named
    item    text that the item's address holds
    failed  only those with an error, or only those without
    """

    label: str = ""
    least: float | None = None
    item: str = ""
    failed: bool | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One page. `marker` is that of the page before."""

    wanted: Wanted
    limit: int
    marker: str | None = None


@dataclass(frozen=True, slots=True)
class SeenResult:
    """One result, as it was written, and what was seen."""

    plain: Plain
    sightings: tuple[Sighting, ...]

    @property
    def item(self) -> str:
        """Its address."""
        return str(self.plain.get("item", ""))


@dataclass(frozen=True, slots=True)
class ResultPage:
    """Some results. `told` is in words; `whole` whether the activity has written all it had.

    marker  where the next page begins; None at the end
    """

    results: tuple[SeenResult, ...]
    marker: str | None = None
    whole: bool = True
    told: str = ""


@dataclass(slots=True)
class _Page:
    """A page that fills."""

    wanted: Wanted
    limit: int
    found: list[SeenResult] = field(default_factory=list)

    @property
    def full(self) -> bool:
        return len(self.found) == self.limit

    def add(self, plain: object) -> None:
        if isinstance(plain, dict) and "item" in plain:
            result = SeenResult(plain, sightings_of(plain.get("output")))
            if is_wanted(result, self.wanted):
                self.found.append(result)


def read_results(task: Task, outside: Outside, asked: Asked, belongs: Callable[[str], bool]) -> ResultPage:
    """The results of the activity that is the task's subject.

    belongs  whether an item is one of this activity's: a table holds those of others, too
    Raises   what storage raises; Rejected for a marker that this did not give
    """
    files = files_of(task)
    page, marker = _Page(asked.wanted, asked.limit), asked.marker
    if files is not None:
        return _stored(files, task, outside.objects, page, marker)
    node = next((node for node in task.linked(task.subject, "output") if node.type == "DynamoDBDataNode"), None)
    if node is None:
        told = "Its results were handed on, to a stream or a topic, which keep nothing that could be shown here."
        return ResultPage((), told=told)
    return _tabled(_tables(node, outside), node.text("tableName") or "", page, marker, belongs)


def is_wanted(result: SeenResult, wanted: Wanted) -> bool:
    """Whether a result passes."""
    if wanted.item not in result.item or wanted.failed not in (None, "error" in result.plain):
        return False
    if not wanted.label and wanted.least is None:
        return True
    return any(_passes(seen, wanted) for seen in result.sightings)


def _passes(seen: Sighting, wanted: Wanted) -> bool:
    named = not wanted.label or seen.label.lower() == wanted.label.lower()
    return named and (wanted.least is None or (seen.confidence is not None and seen.confidence >= wanted.least))


def _stored(files: Files, task: Task, objects: Objects, page: _Page, marker: str | None) -> ResultPage:
    name, offset = _position(marker)
    if not name:
        try:
            rest = _filled(page, objects, files.results, offset)
        except Missing:
            rest = None
        else:
            return ResultPage(tuple(page.found), None if rest is None else f"{rest}#")
    return _partial(files, task, objects, page, (name, offset))


def _partial(files: Files, task: Task, objects: Objects, page: _Page, begun: tuple[str, int]) -> ResultPage:
    """What there is before the activity ends. Names of parts are in the order of their items."""
    folder = files.folder_of(task)
    names = [listed.key[len(folder.key) :] for listed in objects.list(folder)]
    ahead = [name for name in names if name >= begun[0]]
    told = "" if names else "There are no results yet."
    for number, name in enumerate(ahead):
        rest = _filled(page, objects, folder.child(name), begun[1] if name == begun[0] else 0)
        if rest is not None:
            return ResultPage(tuple(page.found), f"{rest}#{name}", whole=False)
        if page.full and number + 1 < len(ahead):
            return ResultPage(tuple(page.found), f"0#{ahead[number + 1]}", whole=False)
    return ResultPage(tuple(page.found), whole=False, told=told)


def _position(marker: str | None) -> tuple[str, int]:
    """Name of a part, empty for the one object, and bytes that came before. Raises Rejected."""
    if marker is None:
        return "", 0
    offset, mark, name = marker.partition("#")
    if not mark or not (offset.isdecimal() and offset.isascii() and len(offset) < 15):
        raise Rejected("read results", "cursor: not one of these results")
    return name, int(offset)


def _filled(page: _Page, objects: Objects, place: Place, first: int) -> int | None:
    """Fill the page from a file; the offset behind what was looked at, None at the file's end."""
    for line, behind in _lines(objects, place, first):
        if line is not None:
            page.add(_parsed(line))
        if page.full or behind - first >= _LOOKED_THROUGH:
            return behind
    return None


def _lines(objects: Objects, place: Place, first: int) -> Iterator[tuple[bytes | None, int]]:
    """Each line and the offset behind it; None for one that is too long to be looked at."""
    held, at, skipping = b"", first, False
    while True:
        begin = at + len(held)
        piece = objects.span(place, begin, begin + _PIECE - 1)
        *whole, held = (held + piece).split(b"\n")
        for line in whole:
            at += len(line) + 1
            yield (None if skipping else line), at
            skipping = False
        if len(held) > _LONGEST_LINE:
            at, held, skipping = at + len(held), b"", True
        if len(piece) < _PIECE:
            if held:
                yield (None if skipping else held), at + len(held)
            return


def _parsed(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _tables(node: PipelineObject, outside: Outside) -> Tables:
    region = node.text("region")
    return outside.tables if region is None else outside.tables.in_region(region)


def _tabled(tables: Tables, name: str, page: _Page, marker: str | None, belongs: Callable[[str], bool]) -> ResultPage:
    after = _key(marker)
    for _ in range(_SCANS):
        found = tables.scan(name, Segment(0, 1), after, min(_SCANNED, page.limit - len(page.found)))
        for item in found.items:
            plain = {key: plain_of(value) for key, value in item.items()}
            if belongs(str(plain.get("item", ""))):
                page.add(plain)
        after = found.after
        if after is None or page.full:
            break
    return ResultPage(tuple(page.found), None if after is None else encode_item(after))


def _key(marker: str | None) -> Item | None:
    try:
        return None if marker is None else decode_item(marker)
    except (ValueError, RecursionError) as error:
        raise Rejected("read results", "cursor: not one of these results") from error


def plain_of(attribute: Attribute) -> object:
    """The JSON value that outputs.attribute_of made an attribute of."""
    ((kind, value),) = attribute.items()
    match kind:
        case "NULL":
            return None
        case "N":
            number = float(str(value))
            return int(number) if number.is_integer() else number
        case "M" if isinstance(value, Mapping):
            return {key: plain_of(each) for key, each in value.items()}
        case "L" if isinstance(value, Sequence):
            return [plain_of(each) for each in value]
        case _:
            return value if isinstance(value, str | bool) else str(value)
