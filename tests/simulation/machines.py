"""Simulated machines and topics: what the compute and notify ports reach."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from chalicelib.domain.run.events import Event, ResourceFailed, ResourceReady
from chalicelib.domain.run.state import split_attempt_id
from chalicelib.domain.values import AttemptId, InstanceId
from chalicelib.ports.compute import LaunchRequest, ResourceStatus
from chalicelib.ports.errors import Rejected
from tests.simulation.timeline import Timeline

Publish = Callable[[str, Event], None]
MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Machine:
    """One machine, from the moment its launch was accepted."""

    id: str
    attempt: AttemptId
    group: str
    status: ResourceStatus = ResourceStatus.STARTING

    @property
    def instance(self) -> InstanceId:
        parts = split_attempt_id(self.attempt)
        assert parts is not None
        return parts[0]


class Machines:
    """ports/compute.Compute: machines that come up, work, fall silent or die, as the dice say."""

    def __init__(self, timeline: Timeline, rng: Random, clumsy: float, publish: Publish) -> None:
        self._timeline = timeline
        self._rng = rng
        self._clumsy = clumsy
        self._publish = publish
        self._heartbeats = 0
        self.all: dict[str, Machine] = {}
        self.came_up: Callable[[str], None] = lambda group: None

    def launch(self, request: LaunchRequest) -> str:
        known = self.all.get(request.token)
        if known is not None:
            return known.id
        if self._rng.random() < self._clumsy / 4:
            raise Rejected("launch", "no capacity")
        attempt = AttemptId(request.token.partition("/")[2])
        machine = Machine(f"i-{len(self.all) + 1}", attempt, request.worker_group)
        self.all[request.token] = machine
        if self._rng.random() >= self._clumsy / 4:
            self._timeline.after(self._rng.random() * 6 * MINUTE, lambda: self._boot(machine))
        return machine.id

    def terminate(self, resource_id: str) -> None:
        for machine in self.all.values():
            if machine.id == resource_id:
                machine.status = ResourceStatus.GONE

    def find(self, token: str, region: str | None = None) -> str | None:
        found = self.all.get(token)
        return found.id if found is not None and found.status is not ResourceStatus.GONE else None

    def status(self, resource_id: str) -> ResourceStatus:
        found = [machine.status for machine in self.all.values() if machine.id == resource_id]
        return found[0] if found else ResourceStatus.GONE

    def reason(self, resource_id: str) -> str:
        return ""

    def serves(self, group: str) -> bool:
        """Whether a machine that is up polls the group."""
        return any(machine.group == group and machine.status is ResourceStatus.UP for machine in self.all.values())

    def left_running(self) -> list[Machine]:
        """Machines that nobody ended."""
        return [machine for machine in self.all.values() if machine.status is not ResourceStatus.GONE]

    def _boot(self, machine: Machine) -> None:
        if machine.status is not ResourceStatus.STARTING:
            return
        machine.status = ResourceStatus.UP
        self._speak(machine)
        self.came_up(machine.group)
        if self._rng.random() < self._clumsy / 3:
            self._timeline.after(self._rng.random() * 40 * MINUTE, lambda: self._die(machine))

    def _speak(self, machine: Machine) -> None:
        if machine.status is ResourceStatus.UP:
            self._heartbeats += 1
            event = ResourceReady(machine.instance, machine.attempt, self._timeline.now())
            self._publish(f"{machine.id}/ready/{self._heartbeats}", event)
            self._timeline.after(15 * MINUTE, lambda: self._speak(machine))

    def _die(self, machine: Machine) -> None:
        if machine.status is not ResourceStatus.UP:
            return
        machine.status = ResourceStatus.GONE
        if self._rng.random() < 0.5:
            event = ResourceFailed(machine.instance, machine.attempt, self._timeline.now(), "it died")
            self._publish(f"{machine.id}/failed", event)


class Topics:
    """ports/notify.Notifier: counts what was said, by subject: the instance it is about."""

    def __init__(self) -> None:
        self.said: Counter[str] = Counter()

    def publish(self, topic_arn: str, subject: str, message: str, role: str | None) -> None:
        self.said[subject] += 1


class NoSecrets:
    """ports/secrets.Sealer of pipelines without secrets."""

    def seal(self, text: str, context: str) -> str:
        return text

    def unseal(self, sealed: str, context: str) -> str:
        return sealed
