"""Batches of queue records: each gets its turn, failures are named, order within a pipeline is kept."""

from collections.abc import Sequence
from datetime import UTC, datetime

from chalicelib.domain.run.codec import encode_event
from chalicelib.domain.run.events import Event, Woke
from chalicelib.domain.values import PipelineId
from chalicelib.edge.batch import each_pipeline, each_record

NOW = datetime(2026, 1, 2, tzinfo=UTC)
GOOD = encode_event(Woke(NOW))


def batch(*records: tuple[str, str, str]) -> dict[str, list[dict[str, object]]]:
    return {
        "Records": [
            {"messageId": name, "body": body, "attributes": {"MessageGroupId": group, "ApproximateReceiveCount": "1"}}
            for name, group, body in records
        ]
    }


def failed(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


def test_every_record_gets_its_turn_and_only_those_that_raise_are_named() -> None:
    done: list[str] = []

    def work(body: str, delivery: int) -> None:
        if body == "bad":
            raise ValueError(body)
        done.append(f"{body}{delivery}")

    answer = each_record(batch(("1", "", "a"), ("2", "", "bad"), ("3", "", "c")), work)
    assert failed(answer) == ["2"]
    assert done == ["a1", "c1"]


def test_a_pipelines_events_are_worked_on_in_one_call_in_order() -> None:
    calls: list[tuple[str, int]] = []

    def advance(pipeline: PipelineId, events: Sequence[Event]) -> None:
        calls.append((pipeline, len(events)))

    assert failed(each_pipeline(batch(("1", "a", GOOD), ("2", "b", GOOD), ("3", "a", GOOD)), advance)) == []
    assert calls == [("a", 2), ("b", 1)]


def test_a_failure_keeps_the_whole_pipeline_back_and_no_other() -> None:
    def advance(pipeline: PipelineId, events: Sequence[Event]) -> None:
        if pipeline == "a":
            raise RuntimeError("lost the race")

    assert failed(each_pipeline(batch(("1", "a", GOOD), ("2", "b", GOOD), ("3", "a", GOOD)), advance)) == ["1", "3"]


def test_what_is_no_event_fails_with_all_behind_it_and_lets_those_before_through() -> None:
    seen: list[int] = []

    def advance(pipeline: PipelineId, events: Sequence[Event]) -> None:
        seen.append(len(events))

    records = batch(("1", "a", GOOD), ("2", "a", "{}"), ("3", "a", GOOD))
    assert failed(each_pipeline(records, advance)) == ["2", "3"]
    assert seen == [1]


def test_an_empty_batch_has_no_failures() -> None:
    assert each_record({}, print) == {"batchItemFailures": []}
