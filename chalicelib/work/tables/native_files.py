"""Native exports in S3: which there are, in which order they tell of a table, and the files of each. Only reads.

Source: Amazon DynamoDB developer guide, "DynamoDB table export output format"
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.domain.values import UtcTime, render_time
from chalicelib.ports.objects import Objects, Place, parse_place
from chalicelib.transfer.formats.faults import BadFile
from chalicelib.work.tables.load import chunk_text

_SUMMARY = re.compile(r"(?:(?:AWSDynamoDB/)?[^/]+/)?manifest-summary\.json")
_FORMAT = "DYNAMODB_JSON"
_CHUNK_FILES = 150


@dataclass(frozen=True, slots=True)
class NativeExport:
    """What one manifest says.

    first   of an incremental export, the moment from which on changes are in it; None for a full one
    behind  the moment that it shows, or before which changes are in it
    each    bytes of an item, on average
    """

    manifest: Place
    listing: Place
    first: UtcTime | None
    behind: UtcTime
    each: float


def is_summary(path: str) -> bool:
    """Whether a path below a folder is an export's manifest: the folder is the export's own, or one above it."""
    return _SUMMARY.fullmatch(path) is not None


def encode_exports(manifests: Sequence[Place]) -> str:
    """As text."""
    return json.dumps({"exports": [str(place) for place in manifests]})


def decode_exports(text: str) -> tuple[Place, ...] | None:
    """What `encode_exports` was given; None for any other text."""
    return tuple(map(parse_place, json.loads(text)["exports"])) if text.startswith("{") else None


def read_exports(objects: Objects, manifests: Sequence[Place]) -> tuple[Place, ...]:
    """Those of the manifests that make up a table, in the order in which they have to be applied.

    The newest full export, then the incremental ones that go beyond it; or only incremental ones.
    Raises   BadFile when changes between two of them are in neither
    """
    found = [_read(objects, place) for place in manifests]
    full = max((each for each in found if each.first is None), key=lambda each: each.behind, default=None)
    later = sorted(
        ((each.first, each.behind, str(each.manifest), each) for each in found if each.first is not None),
        key=lambda entry: entry[:3],
    )
    kept = [each for _, behind, _, each in later if full is None or behind > full.behind]
    chain = [full, *kept] if full is not None else kept
    _demand_no_gap(chain)
    return tuple(each.manifest for each in chain)


def _demand_no_gap(chain: Sequence[NativeExport]) -> None:
    reached = chain[0].behind
    for each in chain[1:]:
        if each.first is not None and each.first > reached:
            lost = f"changes from {render_time(reached)} to {render_time(each.first)} are in no export of the folder"
            raise BadFile(str(each.manifest), lost)
        reached = max(reached, each.behind)


def export_chunks(objects: Objects, manifests: Sequence[Place], size: int, fans_out: bool) -> Iterator[str]:
    """The files of the exports as chunks of about `size` bytes; one for each export where nothing fans out."""
    for place in manifests:
        export = _read(objects, place)
        files = sorted(_files(objects, export))
        for group in _grouped(files, size / max(export.each, 1), fans_out):
            yield chunk_text([(file, etag) for file, etag, _ in group], export.first is not None)


def _grouped(
    files: Sequence[tuple[str, str, int]], most: float, fans_out: bool
) -> Iterator[list[tuple[str, str, int]]]:
    group: list[tuple[str, str, int]] = []
    items = 0
    for file in files:
        if fans_out and group and (len(group) == _CHUNK_FILES or items + file[2] > most):
            yield group
            group, items = [], 0
        group.append(file)
        items += file[2]
    if group:
        yield group


def _files(objects: Objects, export: NativeExport) -> Iterator[tuple[str, str, int]]:
    """Address, ETag and number of items of each file."""
    for line in objects.read(export.listing).splitlines():
        if line.strip():
            found = _object(line, export.listing)
            place = Place(export.listing.bucket, _member(found, "dataFileS3Key", export.listing))
            etag = str(found.get("etag") or objects.describe(place).etag).strip('"')
            yield str(place), etag, int(str(found.get("itemCount") or 0))


def _read(objects: Objects, manifest: Place) -> NativeExport:
    found = _object(objects.read(manifest), manifest)
    written = _member(found, "outputFormat", manifest)
    if written != _FORMAT:
        raise BadFile(str(manifest), f"the export's format is {written}, {_FORMAT} was expected")
    changes = found.get("exportType") == "INCREMENTAL_EXPORT"
    items = float(str(found.get("itemCount") or 0))
    return NativeExport(
        manifest,
        Place(_member(found, "s3Bucket", manifest), _member(found, "manifestFilesS3Key", manifest)),
        _moment(found, "exportFromTime", manifest) if changes else None,
        _moment(found, "exportToTime" if changes else "exportTime", manifest),
        float(str(found.get("billedSizeBytes") or 0)) / items if items else 0.0,
    )


def _object(content: bytes, place: Place) -> Mapping[str, object]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadFile(str(place), f"it is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise BadFile(str(place), "it is no JSON object")
    return found


def _member(found: Mapping[str, object], name: str, place: Place) -> str:
    value = found.get(name)
    if not isinstance(value, str):
        raise BadFile(str(place), f"it has no {name}")
    return value


def _moment(found: Mapping[str, object], name: str, place: Place) -> UtcTime:
    text = _member(found, name, place)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadFile(str(place), f"{name} is '{text}', a time was expected") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
