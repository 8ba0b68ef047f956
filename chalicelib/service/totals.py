"""What a run came to: attempts, work, calls and cost, all its instances together."""

from chalicelib.domain.run.plan import Plan
from chalicelib.domain.run.spent import Spent, spent
from chalicelib.domain.run.state import PipelineState
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Missing
from chalicelib.service.blueprints import blueprint_of
from chalicelib.service.runs import RunFound


def run_totals(found: RunFound, ports: Ports) -> Spent:
    """Of all its instances, preconditions' included; where they ran is read from the active definition."""
    return spent(found.instances, _plan(found.state, ports), ports.clock.now())


def _plan(state: PipelineState | None, ports: Ports) -> Plan | None:
    if state is None:
        return None
    try:
        return blueprint_of(state.pipeline_id, state.definition_version, state.first_activation, ports).plan
    except Missing:
        return None
