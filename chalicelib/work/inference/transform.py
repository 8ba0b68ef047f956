"""InferenceActivity by batch transform: SageMaker does the asking, we pair its answers with the items.

The job reads the input's prefix and answers each object in one of its own name with `.out`, records in order. What it
wrote is read beside the input, and becomes results like those of any other model. A record that the model refuses fails
the whole job: that is how batch transform is.
"""

from collections.abc import Iterator
from itertools import zip_longest

from chalicelib.domain.definition.catalog.inference import InferenceActivity
from chalicelib.domain.inference.results import Result, encode_result
from chalicelib.domain.inference.shares import Lane, lanes_of, thinned
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Rejected
from chalicelib.ports.jobs import TransformJob
from chalicelib.ports.objects import Listed, Place
from chalicelib.transfer.formats.blocks import blocks
from chalicelib.transfer.upload import store
from chalicelib.work.copies.routes import source_of
from chalicelib.work.inference.items import Item
from chalicelib.work.inference.job import Files, Job, job_of
from chalicelib.work.inference.line_items import split_records
from chalicelib.work.inference.records import PLAIN
from chalicelib.work.jobs import run_job
from chalicelib.work.outcome import Finished, Outcome
from chalicelib.work.tools import Tools

_WHAT = "plan inference"


def is_transform(task: Task) -> bool:
    """Whether the task's model is asked by batch transform."""
    return task.subject.text("transformModel") is not None


def transform(task: Task, tools: Tools) -> Outcome:
    """Start the job, follow it, and pair its answers.

    Raises   Rejected for nodes that it cannot have, and for answers that are not one for each item
    """
    job = job_of(task, tools)
    files = _files(job)
    folder = files.folder(job.owner).child("transform/")
    outcome = run_job(lambda given: _transform_job(given, job.activity, folder))(task, tools)
    if not isinstance(outcome, Finished):
        return outcome
    counted = _Paired(task, job, folder, tools)
    store(tools.objects, files.results, counted.lines(), files.encryption)
    tools.objects.delete(files.faults)
    for listed in list(tools.objects.list(folder)):
        tools.objects.delete(Place(folder.bucket, listed.key))
    fields = (("itemsInferred", str(counted.items)), ("itemsFailed", "0"), ("itemsMatched", str(counted.matches)))
    return Finished((*fields, *outcome.fields))


def _transform_job(task: Task, activity: InferenceActivity, folder: Place) -> TransformJob:
    source = source_of(task.linked(task.subject, "input")[0])
    return TransformJob(
        model=activity.transform_model or "",
        source=str(source.place),
        target=str(folder),
        content_type=activity.content_type,
        accept=activity.accept,
        split="Line" if activity.items == "lines" else "None",
        instance_type=activity.instance_type,
        instances=activity.instance_count,
        region=activity.region,
    )


def _files(job: Job) -> Files:
    if job.files is None:
        raise Rejected(_WHAT, "a batch transform needs an output in S3")
    return job.files


class _Paired:
    """Items and their answers, side by side."""

    def __init__(self, task: Task, job: Job, folder: Place, tools: Tools) -> None:
        self._job = job
        self._folder = folder
        self._tools = tools
        self._source = source_of(task.linked(task.subject, "input")[0])
        self.items = self.matches = 0

    def lines(self) -> Iterator[bytes]:
        """Results, encoded. Raises Rejected when there are more items than answers, or fewer."""
        for item, answer in zip_longest(self._items(), self._answers()):
            if item is None or answer is None:
                raise Rejected(_WHAT, f"the transform has {'more' if item is None else 'fewer'} answers than items")
            output = self._job.target.read(answer)
            matches = self._job.matches(output)
            self.items += 1
            self.matches += bool(matches)
            yield encode_result(
                Result(item.id, self._job.target.name, output, self._tools.journal.now(), matches=matches)
            )

    def _items(self) -> Iterator[Item]:
        cuts = thinned(self._job.items.cuts())
        for lane in lanes_of(cuts, 1):
            yield from self._job.items.read(Lane(None, lane.end), None)

    def _answers(self) -> Iterator[bytes]:
        """One after the other, in the order of the objects that they answer."""
        whole = self._job.activity.items != "lines"
        for name in self._names():
            place = self._folder.child(f"{name}.out")
            if whole:
                yield self._tools.objects.read(place)
                continue
            found = self._tools.objects.describe(place)
            content = self._tools.objects.stream(place, found.etag)
            for block in blocks(content, PLAIN, str(place)):
                yield from (record for record in split_records(block, PLAIN) if record.strip())

    def _names(self) -> Iterator[str]:
        place = self._source.place
        if not self._source.many:
            yield place.key.rpartition("/")[2]
            return
        for listed in self._tools.objects.list(place):
            if _is_read(listed, place.key):
                yield listed.key[len(place.key) :]


def _is_read(listed: Listed, prefix: str) -> bool:
    return bool(listed.size) and not listed.key.endswith("/") and not listed.key[len(prefix) :].startswith("_penstock/")
