"""What is told of a run beside its instances: what it came to, and what each of them waits for.

Reads at most one batch of history: what they wait for and is not live.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.run.assemble import Blueprint
from chalicelib.domain.run.reasons import Reason, reasons
from chalicelib.domain.run.spent import Spent, spent
from chalicelib.domain.run.state import PipelineState
from chalicelib.domain.values import InstanceId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Missing
from chalicelib.service.blueprints import blueprint_of
from chalicelib.service.runs import RunFound

MOST_ASKED = 100


@dataclass(frozen=True, slots=True)
class RunStory:
    """spent    all its instances together, preconditions' included
    waiting  reasons by instance, for those that wait
    """

    spent: Spent
    waiting: Mapping[InstanceId, tuple[Reason, ...]]


def run_story(found: RunFound, ports: Ports) -> RunStory:
    """Where they run, and on whom they wait, is read from the active definition."""
    source = _source(found.state, ports)
    plan = source.plan if source is not None else None
    waiting = _waiting(found, found.state, source, ports) if found.state is not None and source is not None else {}
    return RunStory(spent(found.instances, plan, ports.clock.now()), waiting)


def _waiting(
    found: RunFound, state: PipelineState, source: Blueprint, ports: Ports
) -> Mapping[InstanceId, tuple[Reason, ...]]:
    waits = [item for item in found.instances if not item.status.ended]
    missing = {name for item in waits for name in item.waiting_on if name not in state.instances}
    asked = sorted(missing)[:MOST_ASKED]
    past = ports.store.history(state.pipeline_id, asked) if asked else {}
    told = {item.id: reasons(item, state, source.plan, past) for item in waits}
    return {name: each for name, each in told.items() if each}


def _source(state: PipelineState | None, ports: Ports) -> Blueprint | None:
    if state is None:
        return None
    try:
        return blueprint_of(state.pipeline_id, state.definition_version, state.first_activation, ports)
    except Missing:
        return None
