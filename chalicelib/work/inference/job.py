"""An activity and its nodes, made ready: what is asked, about which items, and where results go."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.definition.catalog.datanodes import KinesisDataNode
from chalicelib.domain.definition.catalog.inference import InferenceActivity
from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.dialect import dialect_of
from chalicelib.domain.inference.matches import Match, matches_of
from chalicelib.domain.inference.results import Result
from chalicelib.domain.inference.shares import Lane
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Rejected
from chalicelib.ports.inference import Inference
from chalicelib.ports.objects import Encryption, Objects, Place
from chalicelib.ports.streams import StreamName
from chalicelib.transfer.formats.choose import format_of
from chalicelib.transfer.rate import Timer
from chalicelib.work.copies.routes import encryption_of, source_of, target_of
from chalicelib.work.inference.asking import Asker
from chalicelib.work.inference.frame_items import frame_items
from chalicelib.work.inference.items import Item, Items
from chalicelib.work.inference.lane import Shift, given_of
from chalicelib.work.inference.later import LaterLane
from chalicelib.work.inference.line_items import LineItems
from chalicelib.work.inference.object_items import ObjectItems
from chalicelib.work.inference.output_nodes import outputs_of, patience_of, streams_of
from chalicelib.work.inference.outputs import Output
from chalicelib.work.inference.parts import Parts
from chalicelib.work.inference.record_items import RecordItems
from chalicelib.work.inference.records import PLAIN, event_item, image_item, plain_item, row_item
from chalicelib.work.inference.stream_marks import Range, mover, range_of
from chalicelib.work.inference.targets import Target
from chalicelib.work.inference.targets import target_of as model_of
from chalicelib.work.inference.video_target import video_target
from chalicelib.work.sql.ledger import load_id
from chalicelib.work.tables.lanes import stopper
from chalicelib.work.tools import Tools
from chalicelib.work.video_nodes import query_of, videos_of

_WHAT = "plan inference"
_TELL_SECONDS = 30.0
_RESULTS, _FAULTS = "results.jsonl", "errors.jsonl"


@dataclass(frozen=True, slots=True)
class Files:
    """An S3 output: where results and errors go, and what encrypts them."""

    results: Place
    faults: Place
    encryption: Encryption | None

    def folder(self, owner: str) -> Place:
        """Where parts are kept meanwhile. Its name begins as names do that Hive, Athena and Spark do not look at."""
        directory = self.results.key[: self.results.key.rfind("/") + 1]
        return Place(self.results.bucket, f"{directory}_penstock/{owner}/")

    def asked(self, owner: str) -> Place:
        """Where it is kept what was asked, of a model that answers later."""
        return self.folder(f"{owner}-asked")

    def folder_of(self, task: Task) -> Place:
        """The same for one task."""
        return self.folder(owner_of(task))


def owner_of(task: Task) -> str:
    """The same for all attempts at one run of an instance."""
    return hashlib.sha256(load_id(task).encode()).hexdigest()[:12]


def _not_given(_: Item) -> object:
    """Of most items there is nothing in their results."""
    return None


def _nothing() -> None:
    """What most inputs have to do at the end."""


@dataclass(frozen=True, slots=True)
class Job:
    """One activity. `owner` is the same for all attempts at one run of its instance; `done` is called at its end."""

    activity: InferenceActivity
    items: Items
    target: Target
    files: Files | None
    outputs: Callable[[Tools], Sequence[Output]]
    objects: Objects
    owner: str
    done: Callable[[], None] = _nothing

    def parts(self, run: str) -> Parts | None:
        """The parts of a run; None when results are nowhere kept in S3."""
        if self.files is None:
            return None
        return Parts(self.files.folder(self.owner).child(f"{run}/"), self.objects, self.files.encryption)

    def shift(self, parts: Parts | None, parallel: int, lanes: int, tools: Tools) -> Shift:
        """What the work on one of so many lanes needs."""
        progress = _Progress(parts, tools, stopper(tools))
        rate = self.activity.items_per_second
        share = rate / lanes if rate is not None else None
        timer = Timer(tools.seconds, tools.pause)
        return Shift(
            items=self.items,
            target=self.target,
            asker=Asker(self.target.ask, share, self.activity.item_retries + 1, timer, progress.stopped),
            parts=parts,
            deliver=self._deliver(tools),
            parallel=parallel,
            most=self.activity.maximum_failed_items,
            given=given_of if self.activity.include_input else _not_given,
            matches=self.matches,
            now=tools.journal.now,
            seconds=tools.seconds,
            stopped=progress.stopped,
            told=progress.tell,
        )

    def later_lane(self, run: str, number: int, lane: Lane, lanes: int, tools: Tools) -> LaterLane | None:
        """One of so many lanes of a model that answers later; None for other models."""
        parts = self.parts(run)
        if self.target.later is None or parts is None or self.files is None:
            return None
        tickets = replace(parts, folder=self.files.asked(self.owner).child(f"{run}/"))
        parallel = min(self.target.later.parallel, max(1, self.activity.max_concurrency // lanes))
        shift = self.shift(parts, parallel, lanes, tools)
        tries = self.activity.item_retries + 1
        return LaterLane(number, lane, self.target.later, parts, tickets, shift, tries)

    def matches(self, output: object) -> tuple[Match, ...]:
        """What in an answer was looked for."""
        activity = self.activity
        if not (activity.labels or activity.min_confidence is not None or activity.on_match):
            return ()
        return matches_of(output, activity.labels, activity.min_confidence)

    def _deliver(self, tools: Tools) -> Callable[[Sequence[Result]], None]:
        outputs = self.outputs(tools)

        def deliver(results: Sequence[Result]) -> None:
            for output in outputs:
                output.deliver(results)

        return deliver

    def join(self, run: str, empty: bool) -> tuple[int, int] | None:
        """Make the outputs whole and clear away what they were made of, and what attempts left that cut otherwise.

        empty    whether there are no results
        Returns  how many results and errors they hold; None when that is not known here
        """
        parts = self.parts(run)
        if parts is None or self.files is None:
            return None
        if empty:
            self.objects.write(self.files.results, b"", self.files.encryption)
            self.objects.delete(self.files.faults)
        joined = parts.join(self.files.results, self.files.faults, self.items.rank)
        parts.drop()
        for folder in (self.files.folder(self.owner), self.files.asked(self.owner)):
            replace(parts, folder=folder).drop()
        return joined


class _Progress:
    """Tells how far all lanes have come, now and then, and when one of them is to be handed over.

    A message that is delivered a fifth time without an end is given up by its queue. So a lane whose worker died is
    handed over, as a new message, as soon as it has come any further: then only deaths in a row add up.
    """

    def __init__(self, parts: Parts | None, tools: Tools, stopped: Callable[[], bool]) -> None:
        self._parts = parts
        self._tools = tools
        self._is_over = stopped
        self._moved = False
        self._told = tools.seconds()

    def stopped(self) -> bool:
        return (self._moved and self._tools.redelivered) or self._is_over()

    def tell(self) -> None:
        self._moved = True
        now = self._tools.seconds()
        if self._parts is not None and now - self._told > _TELL_SECONDS:
            self._told = now
            self._tools.report((("itemsInferred", str(self._parts.items())),))


def job_of(task: Task, tools: Tools) -> Job:
    """Read the task. Raises Rejected, InvalidRequest and BadFormat for what makes no sense."""
    activity = InferenceActivity.read(task.subject)
    owner, files = owner_of(task), files_of(task)
    target = _target(activity, owner, tools)
    if target.later is not None and files is None:
        raise Rejected(_WHAT, f"{activity.name} asks a model that answers later, which needs an output in S3")
    node = _only(task, "input")
    stream = KinesisDataNode.read(node) if node.type == "KinesisDataNode" else None
    read = range_of(stream, task, tools.objects) if stream is not None else None
    return Job(
        activity=activity,
        items=_items(task, activity, tools)
        if stream is None or read is None
        else _records(activity, stream, read, tools),
        target=target,
        files=files,
        outputs=lambda used: outputs_of(task, owner, used),
        objects=tools.objects,
        owner=owner,
        done=mover(stream, task, read, tools.objects) if stream is not None and read is not None else _nothing,
    )


def _target(activity: InferenceActivity, owner: str, tools: Tools) -> Target:
    make = model_of if activity.video_analysis is None else video_target
    return make(activity, _inference(tools), tools.objects, owner)


def _inference(tools: Tools) -> Inference:
    if tools.inference is None:
        raise Rejected(_WHAT, "no models can be reached from here")
    return tools.inference


def _items(task: Task, activity: InferenceActivity, tools: Tools) -> Items:
    node = _only(task, "input")
    match node.type:
        case "VideoDataNode":
            return frame_items(query_of(node), videos_of(tools))
        case "EventBatchDataNode":
            make = image_item if _looks_at_places(activity) else event_item
            return LineItems(source_of(node), tools.objects, PLAIN, False, make)
        case "S3DataNode":
            return _stored_items(task, activity, node, tools.objects)
        case _:
            raise Rejected(_WHAT, f"input {node.name} is a {node.type}, which has no items")


def _records(activity: InferenceActivity, node: KinesisDataNode, read: Range, tools: Tools) -> Items:
    return RecordItems(
        streams=streams_of(tools),
        stream=StreamName(node.stream_name, node.region),
        first=read.first,
        end=read.end,
        make=image_item if _looks_at_places(activity) else plain_item,
        pause=tools.pause,
        patience=patience_of(tools),
    )


def _stored_items(task: Task, activity: InferenceActivity, node: PipelineObject, objects: Objects) -> Items:
    source = source_of(node)
    formats = task.linked(node, "dataFormat")
    if (activity.items or ("lines" if formats else "objects")) == "objects":
        return ObjectItems(source, objects)
    packed = (node.text("compression") or "none").lower() == "gzip"
    if formats:
        make = row_item(format_of(formats[0]), activity.content_type)
        return LineItems(source, objects, dialect_of(formats[0]), packed, make)
    return LineItems(source, objects, PLAIN, packed, image_item if _looks_at_places(activity) else plain_item)


def _looks_at_places(activity: InferenceActivity) -> bool:
    """Whether a record names an image or a video, rather than being asked about itself."""
    return activity.analysis is not None or activity.video_analysis is not None


def files_of(task: Task) -> Files | None:
    """Where in S3 results go; None when they go elsewhere. Raises Rejected."""
    nodes = [node for node in task.linked(task.subject, "output") if node.type == "S3DataNode"]
    if len(nodes) > 1:
        raise Rejected(_WHAT, f"{len(nodes)} outputs are in S3, one is expected")
    return _files_of(nodes[0]) if nodes else None


def _files_of(node: PipelineObject) -> Files:
    place, many = target_of(node)
    if many:
        return Files(place.child(_RESULTS), place.child(_FAULTS), encryption_of(node))
    stem, dot, ending = place.key.rpartition(".")
    faults = f"{stem}.errors.{ending}" if dot and "/" not in ending else f"{place.key}.errors"
    return Files(place, Place(place.bucket, faults), encryption_of(node))


def _only(task: Task, side: str) -> PipelineObject:
    nodes = task.linked(task.subject, side)
    if len(nodes) != 1:
        raise Rejected(_WHAT, f"one {side} expected, {len(nodes)} given")
    return nodes[0]
