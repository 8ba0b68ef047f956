"""Models that answer later: what was asked is kept, nothing is asked twice, and nobody waits inside a function."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import AttemptId, Ref
from chalicelib.ports.errors import Full, Rejected
from chalicelib.ports.inference import Answer, Endpoint, ItemRefused, Promised, VideoAnalysis
from chalicelib.ports.objects import Encryption, Place
from chalicelib.work.inference.activity import finish_inference, infer, infer_chunk
from chalicelib.work.journal import Journal
from chalicelib.work.outcome import FannedOut, Finished, Outcome, Unfinished
from tests.unit.work.inference_bench import IN, Bench, Model, inferring, lines, node
from tests.workbench import NOW, item


class Killed(BaseException):
    """The worker died."""


class Deferring(Model):
    """An asynchronous endpoint that answers when a test says so."""

    def __init__(self, s3: Any) -> None:
        super().__init__()
        self._s3 = s3
        self.names: dict[bytes | Place, str] = {}

    def submit(self, endpoint: Endpoint, content: bytes | Place, name: str) -> Promised:
        self.seen.append(content)
        self._trouble(content if isinstance(content, bytes) else b"", 1)
        self.names[content] = name
        return Promised(Place("target", f"later/{name}"), Place("target", f"later/{name}.error"))

    def answer(self, *numbers: int) -> None:
        for number in numbers:
            self._put(number, "", b'{"score":%d}' % number)

    def fail(self, number: int) -> None:
        self._put(number, ".error", b"no")

    def _put(self, number: int, ending: str, body: bytes) -> None:
        name = self.names[b'{"n":%d}' % number]
        self._s3.put_object(Bucket="target", Key=f"later/{name}{ending}", Body=body)

    def job(self, number: int) -> str:
        name = self.names[b'{"n":%d}' % number]
        return f"async-inference#{name}"


def deferred(*others: Any, **fields: Any) -> Task:
    return inferring(*others, **{"endpoint": None, "asyncEndpoint": "slow", **fields})


def refuse_to_wait(_: float) -> None:
    raise AssertionError("nobody waits inside a function")


@dataclass
class Lane:
    """The one lane of an activity, in the cloud: looked at by hand."""

    bench: Bench
    model: Any
    task: Task
    changes: dict[str, Any] = field(default_factory=lambda: {"fans_out": True, "pause": refuse_to_wait})

    def look(self, before: Outcome | None = None, **changes: Any) -> Any:
        given = replace(self.task, checkpoint=before.checkpoint) if isinstance(before, Unfinished) else self.task
        return infer_chunk(given, self._cut().chunks[0], self.tools(given, **changes))

    def finish(self, done: Finished) -> Any:
        cut = self._cut()
        given = replace(self.task, checkpoint=cut.checkpoint)
        return finish_inference(given, [done.fields], self.tools(given))

    def tools(self, given: Task, **changes: Any) -> Any:
        return self.bench.tools(given, self.model, **{**self.changes, **changes})

    def _cut(self) -> FannedOut:
        cut = infer(self.task, self.tools(self.task))
        assert isinstance(cut, FannedOut)
        return cut


@pytest.fixture
def lane(bench: Bench) -> Lane:
    bench.put("a.jsonl", lines(4))
    return Lane(bench, Deferring(bench.s3), deferred())


def test_everything_is_asked_and_nobody_waits(lane: Lane) -> None:
    first = lane.look()
    assert isinstance(first, Unfinished)
    assert (first.after, first.awaits) == (timedelta(seconds=1), lane.model.job(0))
    assert len(lane.model.seen) == 4


def test_answers_become_results_in_order_up_to_the_first_that_is_not_there(lane: Lane) -> None:
    first = lane.look()
    lane.model.answer(0, 1, 3)
    second = lane.look(first)
    assert second.awaits == lane.model.job(2)
    assert second.after == timedelta(seconds=1)
    lane.model.answer(2)
    done = lane.look(second)
    assert isinstance(done, Finished)
    fields = dict(lane.finish(done).fields)
    assert (fields["itemsInferred"], fields["modelCalls"]) == ("4", "4")
    assert [result["output"] for result in lane.bench.results()] == [{"score": number} for number in range(4)]
    keys = lane.bench.keys()
    assert [key for key in keys if not key.startswith("later/")] == ["e/results.jsonl"]
    assert len(lane.model.seen) == 4


def test_what_is_waited_for_already_is_not_said_again(lane: Lane) -> None:
    first = lane.look()
    lane.model.answer(1)
    second = lane.look(first)
    assert (second.awaits, second.after) == (None, timedelta(seconds=2))


def test_a_failure_sets_its_item_aside(lane: Lane) -> None:
    first = lane.look()
    lane.model.answer(0, 2, 3)
    lane.model.fail(1)
    lane.finish(lane.look(first))
    found = lane.bench.results()
    assert found[1]["error"] == {"code": "ModelError", "message": "no"}
    assert [result["output"] is None for result in found] == [False, True, False, False]


def test_pauses_grow_to_a_third_of_the_timeout_and_shrink_when_something_comes(bench: Bench) -> None:
    bench.put("a.jsonl", lines(4))
    lane = Lane(bench, Deferring(bench.s3), deferred(reportProgressTimeout="1 minute"))
    looks = [lane.look()]
    for _ in range(5):
        looks.append(lane.look(looks[-1]))
    assert [look.after.total_seconds() for look in looks] == [1, 2, 4, 8, 16, 20]
    lane.model.answer(0)
    assert lane.look(looks[-1]).after.total_seconds() == 10


def test_a_look_says_now_and_then_that_work_goes_on(lane: Lane) -> None:
    first = lane.look()
    lane.model.answer(0)
    late = Journal(S3Objects(lane.bench.s3), None, lambda: NOW + timedelta(minutes=1))
    assert first.progress is None
    assert lane.look(first).progress is None
    assert lane.look(first, journal=late).progress == (("itemsInferred", "1"),)


def test_an_answer_that_never_comes_is_a_fault_of_its_item(lane: Lane) -> None:
    first = lane.look()
    lane.model.answer(0, 1, 2)
    late = Journal(S3Objects(lane.bench.s3), None, lambda: NOW + timedelta(hours=7, seconds=1))
    lane.finish(lane.look(first, journal=late))
    assert lane.bench.results()[3]["error"]["code"] == "NoAnswer"


def test_a_new_attempt_asks_nothing_again(lane: Lane) -> None:
    lane.look()
    subject = lane.task.objects[lane.task.attempt]
    attempt = AttemptId("@Work_2026-02-03T04:00:00_Attempt=2")
    again = replace(lane.task, attempt=attempt, objects={**lane.task.objects, attempt: subject})
    second = Lane(lane.bench, lane.model, again)
    lane.model.answer(0, 1, 2, 3)
    assert isinstance(second.look(resumed=True), Finished)
    assert len(lane.model.seen) == 4


def test_a_worker_that_dies_before_it_kept_what_it_asked_is_followed_by_one_that_asks_just_that_again(
    bench: Bench,
) -> None:
    class Dying(S3Objects):
        def write(self, place: Place, content: bytes, encryption: Encryption | None = None) -> None:
            if "-asked/" in place.key:
                raise Killed
            super().write(place, content, encryption)

    bench.put("a.jsonl", lines(3))
    lane = Lane(bench, Deferring(bench.s3), deferred())
    with pytest.raises(Killed):
        lane.look(objects=Dying(bench.s3))
    lane.look()
    assert len(lane.model.seen) == 6
    lane.look()
    assert len(lane.model.seen) == 6


def test_a_worker_without_time_leaves_the_rest_to_be_asked_at_once(bench: Bench) -> None:
    bench.put("a.jsonl", lines(40))
    model, stopped = Deferring(bench.s3), []
    lane = Lane(bench, model, deferred(maxConcurrency="1"))
    model._trouble = lambda line, _: stopped.append(1) if line == b'{"n":9}' else None
    left = iter([timedelta(minutes=14)])
    first = lane.look(time_left=lambda: timedelta(0) if stopped else next(left, timedelta(minutes=14)))
    assert isinstance(first, Unfinished)
    assert (first.after, first.awaits) == (timedelta(0), None)
    lane.look(first)
    assert len(model.seen) == len(set(model.seen)) == 40


def test_what_is_too_large_to_be_asked_is_set_aside_and_results_have_their_input(bench: Bench) -> None:
    bench.put("a.jsonl", b'{"n":0}\n"' + b"x" * 130_000 + b'"\n')
    lane = Lane(bench, Deferring(bench.s3), deferred(includeInput="true"))
    first = lane.look()
    lane.model.answer(0)
    lane.finish(lane.look(first))
    found = lane.bench.results()
    assert (found[0]["input"], found[1]["error"]["code"]) == ({"n": 0}, "ItemTooLarge")


def test_a_model_that_answers_later_needs_an_output_in_storage(bench: Bench) -> None:
    bench.put("a.jsonl", lines(1))
    given = deferred(IN, item("Topic", type="SnsTopicDataNode", topicArn="t"), output=Ref("Topic"))
    with pytest.raises(Rejected, match="needs an output in S3"):
        infer(given, bench.tools(given, Deferring(bench.s3), fans_out=True))


def test_a_task_runner_waits_where_it_is(bench: Bench) -> None:
    bench.put("a.jsonl", lines(4))
    model = Deferring(bench.s3)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        model.answer(len(pauses) - 1)

    told: list[Sequence[tuple[str, str]]] = []
    outcome = bench.run(deferred(), model, pause=pause, report=told.append)
    assert dict(outcome.fields)["itemsInferred"] == "4"
    assert told[-1] == (("itemsInferred", "3"),)


def test_an_asynchronous_endpoint_is_given_objects_where_they_lie(bench: Bench) -> None:
    bench.put("large.bin", b"x")
    model = Deferring(bench.s3)
    lane = Lane(bench, model, deferred(items=None))
    lane.look()
    assert model.seen == [Place("source", "d/large.bin")]


class Studio(Model):
    """Rekognition with room for two jobs. A job is its token."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs: dict[str, str] = {}
        self.over: set[str] = set()
        self.asked_for: list[VideoAnalysis] = []

    def start(self, analysis: VideoAnalysis, video: Place, token: str, tag: str) -> str:
        self.asked_for.append(analysis)
        if token not in self.jobs and len(self.jobs) - len(self.over) >= 2:
            raise Full("start", "LimitExceededException: two jobs at once")
        self.jobs[token] = str(video)
        return token

    def analysed(self, analysis: VideoAnalysis, job_id: str) -> Answer | None:
        if job_id not in self.over:
            return None
        if self.jobs[job_id].endswith("bad.mp4"):
            raise ItemRefused("look", "AnalysisFailed: no such codec")
        seen = {"Timestamp": 0, "Label": {"Name": "Cat", "Confidence": 91}}
        return Answer(json.dumps({"VideoMetadata": {}, "Labels": [seen]}).encode(), "rekognition:LabelDetection/3.0")

    def end(self, ending: str) -> None:
        self.over |= {token for token, video in self.jobs.items() if video.endswith(ending)}


@pytest.fixture
def studio(bench: Bench) -> Lane:
    for name in ("a.mp4", "bad.mp4", "c.mp4"):
        bench.put(name, name.encode())
    return Lane(bench, Studio(), filming())


def filming(**fields: Any) -> Task:
    return deferred(**{"asyncEndpoint": None, "items": None, "videoAnalysis": "labels", **fields})


def test_a_service_that_takes_no_more_is_asked_on_at_the_next_look(studio: Lane) -> None:
    first = studio.look()
    (a, bad) = studio.model.jobs
    assert (first.after, first.awaits) == (timedelta(seconds=1), f"video-analysis#{a}")
    studio.model.end("a.mp4")
    second = studio.look(first)
    assert second.awaits == f"video-analysis#{bad}"
    studio.model.end(".mp4")
    done = studio.look(second)
    assert isinstance(done, Finished)
    assert dict(studio.finish(done).fields)["modelCalls"] == "4"  # one of them found no room
    found = {result["item"].rpartition("/")[2]: result for result in studio.bench.results()}
    assert found["a.mp4"]["model"] == "rekognition:LabelDetection/3.0"
    assert found["a.mp4"]["output"]["Labels"][0]["Label"]["Name"] == "Cat"
    assert found["bad.mp4"]["error"] == {"code": "AnalysisFailed", "message": "no such codec"}


def test_a_service_that_takes_nothing_is_waited_for(studio: Lane) -> None:
    studio.model.jobs = {"x": "other", "y": "other"}
    first = studio.look()
    assert (first.after, first.awaits) == (timedelta(seconds=1), None)
    assert studio.look(first).after == timedelta(seconds=2)


def test_what_was_found_in_a_video_is_matched(studio: Lane) -> None:
    studio.task = filming(labels="cat", minConfidence="90")
    outcome = studio.look()
    for _ in range(2):
        studio.model.end(".mp4")
        outcome = studio.look(outcome)
    studio.finish(outcome)
    assert studio.bench.results()[0]["matches"] == [{"label": "Cat", "confidence": 91}]
    assert studio.model.asked_for[0].parameters == {"MinConfidence": 90.0}


def test_the_same_video_is_the_same_job_in_one_run_and_another_when_it_changes(studio: Lane) -> None:
    studio.look()
    before = set(studio.model.jobs)
    studio.bench.clear()
    studio.look()
    assert set(studio.model.jobs) == before
    studio.model.end(".mp4")
    studio.bench.clear()
    studio.bench.put("a.mp4", b"another film")
    studio.look()
    assert len(set(studio.model.jobs) - before) == 2  # the new film, and the one that had no room
    assert all(len(token) <= 64 for token in studio.model.jobs)


def test_a_line_may_name_a_video(bench: Bench) -> None:
    bench.put("events.jsonl", b'{"bucket":"source","key":"d/a.mp4"}\n')
    bench.s3.put_object(Bucket="source", Key="d/a.mp4", Body=b"a")
    lane = Lane(bench, Studio(), filming(items="lines", input=Ref("Lines")))
    lane.task = replace(
        lane.task, objects={**lane.task.objects, "Lines": node("Lines", filePath="s3://source/d/events.jsonl")}
    )
    lane.look()
    assert list(lane.model.jobs.values()) == ["s3://source/d/a.mp4"]
