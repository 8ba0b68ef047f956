"""The first of what a data node holds, for people who look. Reads one listing and one piece of one object, or one page.

What cannot be shown is said in words. Must not know who looks, nor under which role.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.dialect import BadFormat
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Denied, Missing, Rejected
from chalicelib.ports.objects import Listed, Objects, Place
from chalicelib.ports.reach import Outside
from chalicelib.ports.tables import Segment
from chalicelib.transfer.formats.choose import Format, format_of
from chalicelib.transfer.glimpse import MOST_BYTES, Glimpse, Kind, Reading, glimpse_of, reading_of, table_of
from chalicelib.work.copies.routes import source_of
from chalicelib.work.inference.object_items import is_content
from chalicelib.work.object_nodes import is_object_node

MOST_LISTED = 100
_MOST_ITEMS = 25
_SEALED = "{sealed:"
_WORDS: Mapping[str, str] = {
    "SqlDataNode": "Rows of a database are not shown: its password is opened for work alone, and only where that runs.",
    "MySqlDataNode": "Rows of a database are not shown: its password is opened for work alone.",
    "RedshiftDataNode": "Rows of Redshift are not shown: a look would be a query that somebody pays for and waits for.",
    "VideoDataNode": "Frames are made when an activity reads them. An InferenceActivity's results show the pictures.",
    "KinesisDataNode": "Records of a stream are read by its activity; a look into the middle of a shard says little.",
    "SnsTopicDataNode": "A topic keeps no messages.",
    "IotTopicDataNode": "A topic keeps no messages.",
}


@dataclass(frozen=True, slots=True)
class Preview:
    """What can be seen of a data node.

    place    what was looked at: an S3 URI, the name of a table
    objects  of a directory, the first MOST_LISTED; `others` whether there are more
    shown    name of the object of a directory that `glimpse` is of
    """

    place: str
    glimpse: Glimpse
    objects: tuple[Listed, ...] = ()
    others: bool = False
    shown: str = ""


def preview(task: Task, reach: Callable[[], Outside], wanted: str = "") -> Preview:
    """Look at the data node that is the task's subject.

    wanted   name of one object below a directory; empty for the first that holds anything
    Raises   Throttled, Unavailable; all else is told
    """
    node = task.subject
    try:
        return _looked(task, node, reach, wanted)
    except Missing as error:
        return _words("There is nothing yet.", str(error))
    except Denied as error:
        return _words("It may not be read under the role of this pipeline.", str(error))
    except Rejected as error:
        return _words(str(error))


def _looked(task: Task, node: PipelineObject, reach: Callable[[], Outside], wanted: str) -> Preview:
    texts = (field.value for field in node.fields if isinstance(field.value, str) and not field.key.startswith("*"))
    if any(_SEALED in text for text in texts):
        return _words("Its address holds a secret, which stays closed here.")
    if is_object_node(node):
        return _stored(task, node, reach().objects, wanted)
    if node.type == "DynamoDBDataNode":
        return _items(node, reach())
    return _words(_WORDS.get(node.type or "", "There is nothing to see of an object of this type."))


def _stored(task: Task, node: PipelineObject, objects: Objects, wanted: str) -> Preview:
    reading, reader, told = _format(task, node)
    source = source_of(node)
    if not source.many:
        return Preview(str(source.place), _seen(objects, source.place, reading, reader, told))
    found = tuple(islice(objects.list(source.place), MOST_LISTED + 1))
    listed, others = found[:MOST_LISTED], len(found) > MOST_LISTED
    name = wanted or _first(listed, source.place.key)
    seen = Glimpse(Kind.NOTHING, told="There is nothing in it yet.")
    if name:
        seen = _seen(objects, Place(source.place.bucket, source.place.key + name), reading, reader, told)
    shown = tuple(replace(each, key=each.key[len(source.place.key) :]) for each in listed)
    return Preview(str(source.place), seen, shown, others, name)


def _first(listed: tuple[Listed, ...], prefix: str) -> str:
    content = (each.key for each in listed if each.size and is_content(each.key, prefix))
    return next((key[len(prefix) :] for key in content), "")


def _seen(objects: Objects, place: Place, reading: Reading, reader: Format | None, told: str) -> Glimpse:
    """By one request for the first bytes."""
    content = objects.span(place, 0, MOST_BYTES - 1)
    seen = glimpse_of(content, place.key, len(content) == MOST_BYTES, reading, reader)
    return replace(seen, told=told or seen.told)


def _format(task: Task, node: PipelineObject) -> tuple[Reading, Format | None, str]:
    """How it is read, and why not as its data format says."""
    linked = task.linked(node, "dataFormat")
    reading = reading_of(linked[0].type if linked else None)
    if reading is not Reading.ROWS:
        return reading, None, ""
    try:
        return reading, format_of(linked[0]), ""
    except BadFormat as error:
        return Reading.GUESSED, None, str(error)


def _items(node: PipelineObject, outside: Outside) -> Preview:
    """The first page of a scan, which is as cheap as a look can be."""
    name = node.text("tableName") or ""
    region = node.text("region")
    tables = outside.tables if region is None else outside.tables.in_region(region)
    page = tables.scan(name, Segment(0, 1), None, _MOST_ITEMS)
    columns, rows = table_of(page.items)
    told = "" if rows else "The table has no items."
    return Preview(name, Glimpse(Kind.ROWS, columns, rows, told=told, more=page.after is not None))


def _words(said: str, because: str = "") -> Preview:
    return Preview("", Glimpse(Kind.NOTHING, told=f"{said} {because}".strip()))
