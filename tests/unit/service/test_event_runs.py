"""Events to runs: the real services and engine over a store and queues in memory, killed wherever they can be."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.run.backlog import LARGEST_BATCH_BYTES
from chalicelib.domain.run.codec import decode_event, decode_state, decode_task
from chalicelib.domain.run.events import Activated, Deactivated, StatusSet, TaskEnded, TaskStatus
from chalicelib.domain.run.status import Command, PipelineStatus
from chalicelib.domain.run.task import Task
from chalicelib.domain.run.waiting import Waiting
from chalicelib.domain.trigger.armed import subscriptions_of
from chalicelib.domain.trigger.arrival import S3Object, http_call, s3_object
from chalicelib.domain.values import PipelineId
from chalicelib.ports.events import EventQuery, Standing
from chalicelib.ports.queues import Queue
from chalicelib.ports.store import Store
from chalicelib.service.advance import Engine
from chalicelib.service.control import publish
from chalicelib.service.intake import LARGEST_FIELDS_BYTES, take, tell
from chalicelib.service.tick import tick, wake
from tests.mortal import Killed, Life, Mortal
from tests.unit.service.world import World, made_world

PIPELINE = PipelineId("df-1")
AT = datetime(2026, 1, 1, tzinfo=UTC)
VISIBILITY = timedelta(minutes=6)
Objects = list[dict[str, Any]]


def definition(slots: int = 2, **trigger: str) -> Objects:
    return [
        {
            "id": "Default",
            "scheduleType": "ondemand",
            "trigger": {"ref": "Dropped"},
            "role": "r",
            "resourceRole": "rr",
            "maxActiveInstances": str(slots),
        },
        {"id": "Dropped", "type": "S3EventTrigger", "bucket": "landing", **trigger},
        {"id": "In", "type": "S3DataNode", "filePath": "s3://#{trigger.@bucket}/#{trigger.@key}"},
        {"id": "Out", "type": "S3DataNode", "filePath": "s3://out/#{trigger.@key}"},
        {
            "id": "Copy",
            "type": "CopyActivity",
            "input": {"ref": "In"},
            "output": {"ref": "Out"},
            "maximumRetries": "0",
        },
    ]


class Staged:
    """A staging bucket of these tests."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put(self, key: str, content: bytes) -> str:
        self.objects[key] = content
        return f"s3://staging/{key}"


class Line:
    """The whole way from an event to its task, pumped by hand."""

    def __init__(self, objects: Objects, life: Life | None = None) -> None:
        self.world: World = made_world()
        self.staged = Staged()
        plain = replace(self.world.ports, staging=self.staged)
        self.life = life or Life(None, after=False)
        self.store = plain.store
        self.ports = replace(plain, store=Mortal(plain.store, self.life), sender=Mortal(plain.sender, self.life))
        self.engine = Engine(self.ports)
        self.seen: Counter[str] = Counter()
        self.fates: Iterator[TaskStatus] = iter(())
        self.tasks: list[Task] = []
        self.put(objects)

    def put(self, objects: Objects, version: int = 1) -> None:
        found = from_file({"objects": objects})
        self.store.put_definition(PIPELINE, version, found)
        self.store.arm(PIPELINE, subscriptions_of(PIPELINE, found))
        event = Activated(f"activate-{version}", self.world.clock.now(), version)
        publish(self.world.queues, PIPELINE, [(event.id, event)])

    def drop(self, *keys: str) -> None:
        """Tell of objects until the telling succeeds, as a queue does."""
        arrivals = [s3_object(S3Object("landing", key, 1, "e", sequencer=f"{key:>08}"), AT) for key in keys]
        self.survive(lambda: take(arrivals, self.ports))

    def survive(self, act: Callable[[], object]) -> None:
        """Do it; a kill is followed by another try in a new process."""
        try:
            act()
        except Killed:
            self.engine = Engine(self.ports)
            self.world.clock.advance(VISIBILITY)
            self.survive(act)

    def run(self, minutes: int = 60) -> None:
        """Deliver everything, tasks included, and let time pass until nothing more comes."""
        until = self.world.clock.now() + timedelta(minutes=minutes)
        while self.world.clock.now() < until:
            while self._pump(Queue.CONTROL) or self._pump(Queue.TASKS) or self._pump(Queue.TIMERS):
                pass
            self.world.clock.advance(timedelta(seconds=30))
            tick(replace(self.world.ports, staging=self.staged))

    def _pump(self, queue: Queue) -> bool:
        batch = self.world.queues.receive(queue, 10, VISIBILITY, timedelta(0))
        if not batch:
            return False
        try:
            if queue is Queue.CONTROL:
                self.engine.process(PIPELINE, [decode_event(item.body) for item in batch])
            for item in batch if queue is Queue.TASKS else ():
                self._work(decode_task(item.body))
            for item in batch if queue is Queue.TIMERS else ():
                wake(PipelineId(item.body), self.world.ports)
        except Killed:
            self.engine = Engine(self.ports)
            return True
        self.world.queues.delete(queue, [item.receipt for item in batch])
        return True

    def _work(self, task: Task) -> None:
        self.tasks.append(task)
        status = next(self.fates, TaskStatus.FINISHED)
        event = TaskEnded(task.attempt, task.turn, self.world.clock.now(), status, "Boom", "it broke")
        publish(self.world.queues, PIPELINE, [(f"{task.attempt}/ended", event)])

    def copied(self) -> Counter[str]:
        """Keys by how many different attempts copied them: a task that is handed out twice counts once."""
        attempts = {(task.attempt, task.linked(task.subject, "input")[0].text("filePath")) for task in self.tasks}
        return Counter(str(path).removeprefix("s3://landing/") for _, path in attempts)

    @property
    def status(self) -> PipelineStatus:
        stored = self.store.load_state(PIPELINE)
        assert stored is not None
        return decode_state(stored.payload).status

    def set_status(self, command: Command, *names: str) -> None:
        event = StatusSet(
            f"set-{len(self.world.messages(Queue.CONTROL))}-{names}", self.world.clock.now(), command, names
        )
        publish(self.world.queues, PIPELINE, [(event.id, event)])

    def standings(self) -> Counter[Standing]:
        day = timedelta(days=1)
        now = self.world.clock.now()
        found = self.store.query_events(PIPELINE, EventQuery(now - day, now + day), None, 1000).items
        return Counter(record.standing for record in found)


def test_activation_waits_for_events_and_each_starts_one_run() -> None:
    line = Line(definition())
    line.run(minutes=5)
    assert (line.tasks, line.status) == ([], PipelineStatus.SCHEDULED)
    line.drop("a b+c%20é.csv")
    line.drop("a b+c%20é.csv")
    line.run(minutes=5)
    assert line.copied() == {"a b+c%20é.csv": 1}
    assert line.standings() == {Standing.TAKEN: 1}
    assert line.status is PipelineStatus.SCHEDULED


def test_runs_of_one_second_have_ids_of_their_own() -> None:
    line = Line(definition(slots=5))
    keys = [f"{number}" for number in range(12)]
    line.drop(*keys)
    line.run(minutes=5)
    assert line.copied() == dict.fromkeys(keys, 1)
    assert len({task.attempt for task in line.tasks}) == len(keys)
    starts = sorted(task.attempt.split("_")[1] for task in line.tasks)
    assert starts[-1] < f"{line.tasks[0].attempt.split('_')[1][:17]}30", "ids do not run ahead of the clock"


def test_no_more_runs_are_live_than_there_are_slots_and_none_is_dropped() -> None:
    line = Line(definition(slots=2))
    line.drop(*(f"{number}" for number in range(7)))
    assert line._pump(Queue.CONTROL)
    stored = line.store.load_state(PIPELINE)
    assert stored is not None
    assert len(decode_state(stored.payload).runs) == 2
    line.run(minutes=5)
    assert sum(line.copied().values()) == 7


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("trigger", [{}, {"batchSize": "2", "batchWindow": "1 minute"}], ids=["single", "batched"])
def test_killed_at_any_call_every_event_still_has_exactly_one_run(after: bool, trigger: dict[str, str]) -> None:
    calls = 0
    while True:
        line = Line(definition(**trigger), Life(calls, after=after))
        line.drop("a", "b", "c")
        line.drop("b", "d")
        line.run(minutes=30)
        assert line.standings() == {Standing.TAKEN: 4}, calls
        if trigger:
            lines = b"".join(content for content in _claimed(line)).splitlines()
            assert len(lines) == len(set(lines)) == 4, calls
        else:
            assert line.copied() == dict.fromkeys("abcd", 1), calls
        if line.life.left is not None:
            break
        calls += 1
    assert calls > 20


def _claimed(line: Line) -> Iterator[bytes]:
    """The lists of runs that came to be: one that was killed before its commit lies there unused."""
    for moment in sorted({task.attempt.split("_")[1] for task in line.tasks}):
        yield line.staged.objects[f"events/{PIPELINE}/{moment}.jsonl"]


def test_a_batch_is_full_or_has_waited_for_its_window() -> None:
    line = Line(definition(batchSize="3", batchWindow="2 minutes"))
    line.drop("a", "b", "c", "d")
    line.run(minutes=1)
    assert len(line.tasks) == 1
    line.run(minutes=4)
    counts = [content.count(b"\n") for content in line.staged.objects.values()]
    assert (len(line.tasks), sorted(counts)) == (2, [1, 3])


class Watched:
    """A store that counts the looks at backlogs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.looks = 0

    def pending_events(self, pipeline_id: PipelineId, limit: int) -> Sequence[Waiting]:
        self.looks += 1
        return self._store.pending_events(pipeline_id, limit)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def watched(line: Line) -> Watched:
    store: Any = Watched(line.ports.store)
    line.engine = Engine(replace(line.ports, store=store))
    return store  # type: ignore[no-any-return]  # it stands for a store, too


def drop_and_pump(line: Line, *keys: str) -> None:
    """One after the other, as they come."""
    for key in keys:
        line.drop(key)
        while line._pump(Queue.CONTROL):
            pass


def test_the_events_of_a_batch_that_is_not_full_are_counted_and_not_read_each_time() -> None:
    line = Line(definition(slots=5, batchSize="20", batchWindow="10 minutes"))
    store = watched(line)
    drop_and_pump(line, *(f"{number}" for number in range(45)))
    assert store.looks == 3 + 2, "at the first of each batch, and when one is full"
    line.run(minutes=1)
    assert [content.count(b"\n") for content in line.staged.objects.values()] == [20, 20]
    line.run(minutes=15)
    assert [content.count(b"\n") for content in line.staged.objects.values()] == [20, 20, 5]


def test_events_that_are_told_more_than_once_do_not_fill_a_batch() -> None:
    line = Line(definition(batchSize="4", batchWindow="10 minutes"))
    for _ in range(3):
        drop_and_pump(line, "a", "b")
    assert line.staged.objects == {}
    drop_and_pump(line, "c", "d")
    assert [content.count(b"\n") for content in line.staged.objects.values()] == [4]


def test_an_event_that_is_redriven_into_a_batch_that_gathers_is_as_old_as_it_was() -> None:
    line, _ = failed_line(batchSize="3", batchWindow="1 minute")
    line.run(minutes=20)
    drop_and_pump(line, "b")
    (dead,) = [key for key in line.world.keys(PIPELINE) if line.store.events(PIPELINE, [key])[key].error]
    line.store.mark_events(PIPELINE, [dead], Standing.PENDING)
    tell([(PIPELINE, dead)], line.ports)
    line._pump(Queue.CONTROL)
    assert [content.count(b"\n") for content in line.staged.objects.values()] == [1, 2]


def test_a_smaller_batch_after_an_edit_is_full_at_once() -> None:
    line = Line(definition(batchSize="10", batchWindow="1 hour"))
    drop_and_pump(line, "a", "b", "c")
    line.put(definition(batchSize="3", batchWindow="1 hour"), version=2)
    line._pump(Queue.CONTROL)
    assert [content.count(b"\n") for content in line.staged.objects.values()] == [3]


def test_a_batch_holds_no_more_bytes_than_a_writer_has_room_for() -> None:
    objects = definition(slots=9)
    objects[1] = {"id": "Dropped", "type": "HttpTrigger", "batchSize": "10000", "batchWindow": "1 minute"}
    objects[2:4] = [{"id": "In", "type": "EventBatchDataNode"}, {**objects[3], "filePath": "s3://out/x"}]
    line = Line(objects)
    payload = "x" * (LARGEST_FIELDS_BYTES - 1000)
    for number in range(0, 100, 10):
        take([http_call(PIPELINE, payload, {}, f"r{each}", AT) for each in range(number, number + 10)], line.ports)
    line.run(minutes=5)
    sizes = [len(content) for content in line.staged.objects.values()]
    assert sum(content.count(b"\n") for content in line.staged.objects.values()) == 100
    assert (len(sizes), max(sizes) <= LARGEST_BATCH_BYTES) == (2, True)


def test_a_batch_without_a_window_takes_what_there_is() -> None:
    line = Line(definition(batchSize="10"))
    line.drop("a", "b")
    line.run(minutes=1)
    assert [content.count(b"\n") for content in line.staged.objects.values()] == [2]


def test_a_data_node_is_the_batch_of_its_run() -> None:
    objects = definition(batchSize="2")
    objects[2] = {"id": "In", "type": "EventBatchDataNode"}
    objects[3]["filePath"] = "s3://out/#{trigger.@count}"
    line = Line(objects)
    line.drop("a", "b")
    line.run(minutes=1)
    (task,) = line.tasks
    (node,) = task.linked(task.subject, "input")
    (address,) = line.staged.objects
    assert (node.type, node.text("filePath")) == ("EventBatchDataNode", f"s3://staging/{address}")
    assert task.linked(task.subject, "output")[0].text("filePath") == "s3://out/2"


def test_the_events_of_a_failed_run_are_dead_letters_that_say_why() -> None:
    line = Line(definition())
    line.fates = iter([TaskStatus.FAILED])
    line.drop("a", "b")
    line.run(minutes=10)
    assert line.standings() == {Standing.DEAD: 1, Standing.TAKEN: 1}
    dead = EventQuery(AT - timedelta(days=1), AT + timedelta(days=1), Standing.DEAD)
    (record,) = line.store.query_events(PIPELINE, dead, None, 10).items
    assert (record.fields["@key"], record.error) == ("a", "Copy is FAILED: it broke")


def test_a_deactivated_pipeline_takes_nothing_in_and_goes_on_with_its_backlog_later() -> None:
    line = Line(definition(slots=1))
    line.drop("a", "b", "c")
    line._pump(Queue.CONTROL)
    line.store.arm(PIPELINE, ())
    event = Deactivated("stop", line.world.clock.now(), cancel_active=False)
    publish(line.world.queues, PIPELINE, [(event.id, event)])
    line.run(minutes=5)
    assert (line.status, sum(line.copied().values())) == (PipelineStatus.INACTIVE, 1)
    line.drop("unheard")
    line.put(definition(), version=2)
    line.run(minutes=5)
    assert line.copied() == dict.fromkeys("abc", 1)


def test_json_of_an_event_is_walked_by_member() -> None:
    objects = definition()
    objects[1] = {"id": "Dropped", "type": "HttpTrigger"}
    objects[2]["filePath"] = "s3://in/#{trigger.@payload.plant.name}/#{trigger.@payload.values}"
    objects[3]["filePath"] = "s3://out/#{trigger.@headers.kind}/#{trigger.@payload.hot}"
    line = Line(objects)
    call = http_call(PIPELINE, '{"plant":{"name":"é"},"values":[7],"hot":true}', {"kind": "k"}, "r1", AT)
    take([call], line.ports)
    line.run(minutes=1)
    (task,) = line.tasks
    assert task.linked(task.subject, "input")[0].text("filePath") == "s3://in/é/7"
    assert task.linked(task.subject, "output")[0].text("filePath") == "s3://out/k/true"


def test_an_event_that_lacks_what_an_expression_needs_fails_its_run_and_no_other() -> None:
    objects = definition()
    objects[1] = {"id": "Dropped", "type": "HttpTrigger"}
    objects[2]["filePath"] = "s3://landing/#{trigger.@payload.name}"
    objects[3]["filePath"] = "s3://out/x"
    line = Line(objects)
    take([http_call(PIPELINE, "not json", {}, "r1", AT), http_call(PIPELINE, '{"name":"a"}', {}, "r2", AT)], line.ports)
    line.run(minutes=5)
    assert line.copied() == {"a": 1}
    assert line.standings() == {Standing.DEAD: 1, Standing.TAKEN: 1}


def test_events_of_runs_that_deactivation_cancels_are_dead_and_run_when_redriven() -> None:
    line = Line(definition(slots=1))
    line.drop("a", "b")
    line._pump(Queue.CONTROL)
    event = Deactivated("stop", line.world.clock.now(), cancel_active=True)
    publish(line.world.queues, PIPELINE, [(event.id, event)])
    while line._pump(Queue.CONTROL):
        pass
    assert line.standings() == {Standing.DEAD: 1, Standing.PENDING: 1}
    line.put(definition(), version=2)
    line.run(minutes=5)
    (dead,) = [key for key in line.world.keys(PIPELINE) if line.store.events(PIPELINE, [key])[key].error]
    assert "CANCELED" in line.store.events(PIPELINE, [dead])[dead].error
    line.store.mark_events(PIPELINE, [dead], Standing.PENDING)
    tell([(PIPELINE, dead)], line.ports)
    line.run(minutes=5)
    assert line.standings() == {Standing.TAKEN: 2}
    assert line.copied()["a"] >= 1


def test_an_edited_trigger_replaces_what_was_asked_for() -> None:
    line = Line(definition(prefix="old/"))
    line.run(minutes=1)
    line.put(definition(prefix="new/"), version=2)
    line.run(minutes=1)
    line.drop("old/a", "new/b")
    line.run(minutes=5)
    assert line.copied() == {"new/b": 1}


def test_a_run_that_is_run_again_sees_its_own_event() -> None:
    line = Line(definition())
    line.fates = iter([TaskStatus.FAILED])
    line.drop("a")
    line.run(minutes=2)
    instance = line.tasks[0].attempt.partition("_Attempt=")[0]
    line.drop("b")
    event = StatusSet("again", line.world.clock.now(), Command.RERUN, (instance,))
    publish(line.world.queues, PIPELINE, [(event.id, event)])
    line.run(minutes=5)
    paths = [task.linked(task.subject, "input")[0].text("filePath") for task in line.tasks]
    assert sorted(map(str, paths)) == ["s3://landing/a", "s3://landing/a", "s3://landing/b"]


def failed_line(life: Life | None = None, **trigger: str) -> tuple[Line, str]:
    """A line whose only run failed, and the instance that did."""
    line = Line(definition(**trigger), life)
    line.fates = iter([TaskStatus.FAILED])
    line.drop("a")
    line.run(minutes=2)
    return line, line.tasks[0].attempt.partition("_Attempt=")[0]


@pytest.mark.parametrize("trigger", [{}, {"batchSize": "2"}], ids=["single", "batched"])
def test_the_event_of_a_run_that_is_run_again_with_success_is_no_dead_letter(trigger: dict[str, str]) -> None:
    line, instance = failed_line(**trigger)
    assert line.standings() == {Standing.DEAD: 1}
    line.set_status(Command.RERUN, instance)
    while line._pump(Queue.CONTROL):
        pass
    assert line.standings() == {Standing.TAKEN: 1}, "while it runs, a redrive would run it twice"
    line.run(minutes=2)
    assert (line.standings(), len(line.tasks)) == ({Standing.TAKEN: 1}, 2)


def test_a_run_that_fails_again_is_a_dead_letter_again() -> None:
    line, instance = failed_line()
    line.fates = iter([TaskStatus.FAILED])
    line.set_status(Command.RERUN, instance)
    line.run(minutes=2)
    assert (line.standings(), len(line.tasks)) == ({Standing.DEAD: 1}, 2)


def test_marking_what_failed_finished_takes_its_event_off_the_dead_letters() -> None:
    line, instance = failed_line()
    line.set_status(Command.MARK_FINISHED, instance)
    line.run(minutes=2)
    assert line.standings() == {Standing.TAKEN: 1}


def test_a_rerun_of_what_failed_does_not_touch_an_event_that_was_redriven() -> None:
    line, instance = failed_line()
    (dead,) = line.world.keys(PIPELINE)
    line.store.mark_events(PIPELINE, [dead], Standing.PENDING)
    tell([(PIPELINE, dead)], line.ports)
    line.run(minutes=2)
    line.fates = iter([TaskStatus.FAILED])
    line.set_status(Command.RERUN, instance)
    line.run(minutes=2)
    assert (line.standings(), len(line.tasks)) == ({Standing.TAKEN: 1}, 3)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("again", [TaskStatus.FINISHED, TaskStatus.FAILED])
def test_killed_at_any_call_a_rerun_leaves_its_event_where_it_belongs(after: bool, again: TaskStatus) -> None:
    calls = 0
    while True:
        life = Life(None, after=after)
        line, instance = failed_line(life)
        line.fates = iter([again])
        life.left = calls
        line.set_status(Command.RERUN, instance)
        line.run(minutes=20)
        wanted = Standing.TAKEN if again is TaskStatus.FINISHED else Standing.DEAD
        assert line.standings() == {wanted: 1}, calls
        if line.life.left is not None:
            break
        calls += 1
    assert calls > 10
