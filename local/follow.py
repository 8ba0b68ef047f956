"""Following runs while they go on, with boto3: a change of a run's status is told within a fraction of a second."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

LONGEST = timedelta(minutes=4)
LOOK_SECONDS = 0.2
ENDED = frozenset({"FINISHED", "FAILED", "CASCADE_FAILED", "CANCELED", "TIMEDOUT", "SKIPPED"})
Say = Callable[[str], None]
Run = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample that was put; `activity_runs` is how many runs of activities its definition asks for."""

    name: str
    pipeline_id: str
    activity_runs: int


def over(sample: Sample, runs: Sequence[Run]) -> bool:
    """Whether every run that the sample asks for is there and has ended."""
    activities = [run for run in runs if run.get("type", "").endswith("Activity")]
    return len(activities) >= sample.activity_runs and all(run["@status"] in ENDED for run in runs)


class Follower:
    """Tells each change of status of the samples' runs, until all have ended or it has taken too long."""

    def __init__(self, datapipeline: Any, samples: Sequence[Sample], say: Say) -> None:
        self._datapipeline = datapipeline
        self._say = say
        self._runs: dict[Sample, Sequence[Run]] = {sample: () for sample in samples}
        self._told: dict[tuple[str, str], str] = {}
        self._thread = threading.Thread(target=self._follow, name="follow", daemon=True)

    def start(self) -> None:
        """Begin, on a thread of its own."""
        self._thread.start()

    def finished(self) -> bool:
        """Wait until all is over; whether every run that was asked for FINISHED."""
        while self._thread.is_alive():
            self._thread.join(1)
        return all(over(sample, runs) for sample, runs in self._runs.items()) and all(
            run["@status"] == "FINISHED" for runs in self._runs.values() for run in runs
        )

    def _follow(self) -> None:
        deadline = time.monotonic() + LONGEST.total_seconds()
        while time.monotonic() < deadline:
            going = [sample for sample, runs in self._runs.items() if not over(sample, runs)]
            if not going:
                return
            for sample in going:
                self._runs[sample] = self._look(sample)
            time.sleep(LOOK_SECONDS)

    def _look(self, sample: Sample) -> Sequence[Run]:
        runs = self._described(sample.pipeline_id)
        for run in runs:
            key = (sample.pipeline_id, run["@id"])
            if self._told.get(key) != run["@status"]:
                self._told[key] = run["@status"]
                self._say(f"  {datetime.now(UTC):%H:%M:%S}  {sample.name:<9} {run['@id']:<40} {run['@status']}")
        return runs

    def _described(self, pipeline_id: str) -> Sequence[Run]:
        ids = self._datapipeline.query_objects(pipelineId=pipeline_id, sphere="INSTANCE").get("ids", [])
        if not ids:
            return ()
        found = self._datapipeline.describe_objects(pipelineId=pipeline_id, objectIds=ids)["pipelineObjects"]
        return sorted((_flat(item) for item in found), key=lambda run: run["@id"])


def _flat(item: Mapping[str, Any]) -> Run:
    fields = {field["key"]: field.get("stringValue") or field.get("refValue", "") for field in item["fields"]}
    return {"@id": item["id"]} | fields
