"""A random pipeline and how unlucky it will be: everything about a seed that is known before it starts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from chalicelib.domain.values import render_time
from tests.simulation.teller import BUCKET

Written = dict[str, object]

BEGIN = datetime(2026, 3, 1, 9, tzinfo=UTC)
_PERIODS = (("20 minutes", 20), ("1 hour", 60), ("2 hours", 120))


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a seed stands for.

    peril     chance that a port call made by the control plane goes wrong
    clumsy    chance that a worker or machine does something else than start, work and report
    commands  how many commands a user gives
    events    how many events are told of, where a trigger listens; 0 where none does
    backfills whether the user mostly orders backfills
    edited    the second definition version, for reactivation; None when the pipeline is never edited
    """

    seed: int
    document: Mapping[str, object]
    edited: Mapping[str, object] | None
    begin: datetime
    peril: float
    clumsy: float
    commands: int
    events: int = 0
    backfills: bool = False


def scenario(seed: int, *, backfills: bool = False) -> Scenario:
    """The scenario of a seed, or of the seed's namesake among those that are mostly backfills; always the same one."""
    rng = Random(f"backfills {seed}" if backfills else f"scenario {seed}")
    begin = BEGIN + timedelta(microseconds=rng.randrange(7_200_000_000))
    calm = rng.random() < 0.2
    writer = _Writer(rng, begin, on_demand=not backfills and rng.random() < 0.3)
    events = writer.listen(Random(f"events {seed}"))
    document = writer.document()
    edited = writer.edited() if rng.random() < 0.3 else None
    return Scenario(
        seed=seed,
        document=document,
        edited=edited,
        begin=begin,
        peril=0.0 if calm else rng.choice((0.01, 0.03, 0.08)),
        clumsy=0.0 if rng.random() < 0.3 else rng.choice((0.1, 0.3, 0.5)),
        commands=_commands(rng, backfills=backfills),
        events=events,
        backfills=backfills,
    )


def _commands(rng: Random, *, backfills: bool) -> int:
    if backfills:
        return rng.randrange(2, 11)
    return rng.randrange(1, 7) if rng.random() < 0.4 else 0


class _Writer:
    """Writes one definition; what an object may refer to was written before it."""

    def __init__(self, rng: Random, begin: datetime, *, on_demand: bool) -> None:
        self.rng = rng
        self.begin = begin
        self.on_demand = on_demand
        self.schedules: list[Written] = [] if self.on_demand else self._schedules()
        self.cascade = rng.random() < 0.5
        self.machines = [self._machine(f"Box{number}") for number in range(rng.choice((0, 0, 1, 1, 2)))]
        self.guards = [self._guard(f"Check{number}") for number in range(rng.choice((0, 0, 1, 2)))]
        self.triggers: list[Written] = []
        self.nodes: list[Written] = []
        self.activities: list[Written] = []
        for number in range(rng.choice((0, 1, 1, 2))):
            self.nodes.append(self._node(f"Source{number}"))
        for number in range(rng.randrange(1, 5)):
            self._activity(f"Act{number}")

    def listen(self, rng: Random) -> int:
        """Give some on-demand pipelines a trigger; how many events there will be."""
        if not self.on_demand or rng.random() < 0.4:
            return 0
        trigger: Written = {"id": "Dropped", "type": "S3EventTrigger", "bucket": BUCKET}
        if rng.random() < 0.4:
            trigger |= {"batchSize": "3", "batchWindow": rng.choice(("1 minute", "15 minutes"))}
        self.triggers.append(trigger)
        return rng.randrange(1, 13)

    def document(self) -> Written:
        """The definition as a file."""
        return {"objects": [self._default(), *self._rest()]}

    def edited(self) -> Written:
        """The definition after an edit that is allowed while it is active: other texts, one more activity."""
        self._activity("Added")
        return self.document()

    def _rest(self) -> Sequence[Written]:
        alarm = {
            "id": "Alarm",
            "type": "SnsAlarm",
            "topicArn": "arn:topic",
            "subject": "#{node.@id}",
            "message": "#{node.@status} after #{node.@attemptCount}",
        }
        stop = {"id": "Stop", "type": "Terminate"}
        return [
            *self.schedules,
            *self.triggers,
            *self.machines,
            *self.guards,
            *self.nodes,
            *self.activities,
            alarm,
            stop,
        ]

    def _default(self) -> Written:
        made: Written = {"id": "Default", "scheduleType": "ondemand" if self.on_demand else "cron"}
        if self.triggers:
            made["trigger"] = {"ref": "Dropped"}
        if self.cascade:
            made["failureAndRerunMode"] = "cascade"
        if self.on_demand and self.rng.random() < 0.3:
            made["maxActiveInstances"] = "2"
        return made

    def _schedules(self) -> list[Written]:
        count = self.rng.choice((1, 1, 2))
        back = self.rng.choice((0, 0, 60, 150))
        made: list[Written] = []
        for number, (period, minutes) in enumerate(sorted(self.rng.sample(_PERIODS, count), key=lambda item: item[1])):
            start = self.begin.replace(second=0, microsecond=0) - timedelta(minutes=back)
            turns = self.rng.randrange(1, 5) if number == 0 else self.rng.randrange(1, 3)
            written: Written = {"id": f"Every{minutes}", "type": "Schedule", "period": period}
            if self.rng.random() < 0.3:
                written["startAt"] = "FIRST_ACTIVATION_DATE_TIME"
            else:
                written["startDateTime"] = render_time(start + timedelta(minutes=self.rng.choice((0, 0, 10))))
            written["occurrences"] = str(turns)
            made.append(written)
        return made

    def _timed(self, written: Written) -> Written:
        """The object with a schedule, and now and then a schedule type of its own."""
        if self.schedules:
            weights = (4, 1)[: len(self.schedules)]
            chosen = self.rng.choices(self.schedules, weights)[0]
            written["schedule"] = {"ref": chosen["id"]}
            if self.rng.random() < 0.25:
                written["scheduleType"] = "timeseries"
        return written

    def _some(self, written: Written, chance: float, **fields: object) -> None:
        if self.rng.random() < chance:
            written.update(fields)

    def _machine(self, name: str) -> Written:
        made = self._timed({"id": name, "type": "Ec2Resource", "maximumRetries": str(self.rng.randrange(3))})
        made["retryDelay"] = f"{self.rng.randrange(1, 5)} minutes"
        made["maxActiveInstances"] = "9"
        self._some(made, 0.3, terminateAfter=self.rng.choice(("40 minutes", "2 hours")))
        self._some(made, 0.5, initTimeout="10 minutes")
        self._some(made, 0.3, actionOnTaskFailure="terminate")
        self._some(made, 0.3, actionOnResourceFailure="retrynone")
        self._some(made, 0.2, onFail={"ref": "Alarm"})
        return made

    def _guard(self, name: str) -> Written:
        kind = self.rng.choice(("S3KeyExists", "S3KeyExists", "Exists"))
        made: Written = {"id": name, "type": kind, "maximumRetries": str(self.rng.randrange(3))}
        if kind == "S3KeyExists":
            made["s3Key"] = "s3://bucket/#{format(node.@scheduledStartTime,'YYYY-MM-dd')}/ready"
        self._some(made, 0.5, preconditionTimeout="25 minutes")
        self._some(made, 0.5, retryDelay="3 minutes")
        self._some(made, 0.2, onFail={"ref": "Alarm"})
        return made

    def _guarded(self, written: Written, chance: float) -> None:
        if self.guards and self.rng.random() < chance:
            count = self.rng.randrange(1, len(self.guards) + 1)
            written["precondition"] = [{"ref": guard["id"]} for guard in self.rng.sample(self.guards, count)]

    def _node(self, name: str) -> Written:
        path = f"s3://bucket/{name}/#{{format(@scheduledStartTime,'YYYY-MM-dd-HH-mm')}}"
        made = self._timed({"id": name, "type": "S3DataNode", "filePath": path})
        self._guarded(made, 0.4)
        self._some(made, 0.1, onSuccess={"ref": "Alarm"})
        return made

    def _activity(self, name: str) -> None:
        """An activity, and the data node that it writes, if any."""
        made = self._timed({"id": name, "type": self.rng.choice(("CopyActivity", "ShellCommandActivity"))})
        self._place(made)
        self._connect(made)
        self._policies(made)
        self.activities.append(made)
        if self.rng.random() < 0.5:
            output = self._node(f"{name}Out")
            made["output"] = {"ref": output["id"]}
            self.nodes.append(output)

    def _place(self, written: Written) -> None:
        if written["type"] == "ShellCommandActivity":
            written["command"] = "echo #{@scheduledStartTime}"
            if self.machines and self.rng.random() < 0.7:
                written["runsOn"] = {"ref": self.rng.choice(self.machines)["id"]}
            else:
                written["workerGroup"] = self.rng.choice(("red", "blue"))

    def _connect(self, written: Written) -> None:
        if self.nodes:
            taken = self.rng.sample(self.nodes, self.rng.randrange(min(3, len(self.nodes) + 1)))
            if taken:
                written["input"] = [{"ref": node["id"]} for node in taken]
        if self.activities and self.rng.random() < 0.5:
            written["dependsOn"] = {"ref": self.rng.choice(self.activities)["id"]}

    def _policies(self, written: Written) -> None:
        written["maximumRetries"] = str(self.rng.randrange(3))
        self._guarded(written, 0.3)
        self._some(written, 0.5, retryDelay=f"{self.rng.randrange(1, 8)} minutes")
        self._some(written, 0.3, attemptTimeout="20 minutes")
        self._some(written, 0.2, reportProgressTimeout="10 minutes")
        self._some(written, 0.3, maxActiveInstances=str(self.rng.randrange(1, 3)))
        self._some(written, 0.2, failureAndRerunMode=self.rng.choice(("none", "cascade")))
        self._some(written, 0.3, onFail={"ref": "Alarm"})
        self._some(written, 0.3, onSuccess={"ref": "Alarm"})
        late = {"ref": "Stop"} if self.rng.random() < 0.3 else {"ref": "Alarm"}
        self._some(written, 0.25, lateAfterTimeout="30 minutes", onLateAction=late)
