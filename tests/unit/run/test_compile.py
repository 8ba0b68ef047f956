"""Where a component runs, and how long its worker may be silent."""

import pytest

from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.run.compile import compile_plan
from chalicelib.domain.run.effects import Placement
from chalicelib.domain.run.place import FUNCTION_LIFE
from chalicelib.domain.run.plan import Component
from chalicelib.domain.schedule.period import Period, Unit
from chalicelib.domain.values import ComponentId, parse_time

NOW = parse_time("2026-01-01T00:00:00")
MACHINE = {"id": "Machine", "type": "Ec2Resource"}
CLUSTER = {"id": "Cluster", "type": "EmrCluster"}
SHORT = Limits(progress_timeout=Period(5, Unit.SECOND))


def compiled(limits: Limits, **activity: object) -> Component:
    """The activity of an on-demand pipeline that has a machine too."""
    default = {"id": "Default", "scheduleType": "ondemand", "role": "r", "resourceRole": "r"}
    definition = from_file({"objects": [default, MACHINE, CLUSTER, {"id": "A", "command": "true", **activity}]})
    return compile_plan(definition, limits, NOW).components[ComponentId("A")]


@pytest.mark.parametrize(
    ("activity", "placement"),
    [
        ({"type": "CopyActivity"}, Placement.SERVERLESS),
        ({"type": "CopyActivity", "runsOn": {"ref": "Machine"}}, Placement.SERVERLESS),
        ({"type": "CopyActivity", "workerGroup": "g"}, Placement.WORKER_GROUP),
        ({"type": "CopyActivity", "runsOn": {"ref": "Machine"}, "placement": "resource"}, Placement.RESOURCE),
        ({"type": "ShellCommandActivity", "runsOn": {"ref": "Machine"}}, Placement.RESOURCE),
        ({"type": "ShellCommandActivity", "runsOn": {"ref": "Machine"}, "workerGroup": "g"}, Placement.RESOURCE),
        ({"type": "ShellCommandActivity", "workerGroup": "g"}, Placement.WORKER_GROUP),
    ],
)
def test_an_activity_runs_where_the_definition_says(activity: dict[str, object], placement: Placement) -> None:
    assert compiled(Limits(), **activity).placement is placement


def test_a_worker_may_be_silent_for_as_long_as_the_activity_says_or_else_the_limit() -> None:
    shell = {"type": "ShellCommandActivity", "workerGroup": "g"}
    assert compiled(SHORT, **shell).progress_timeout == Period(5, Unit.SECOND)
    assert compiled(SHORT, **shell, reportProgressTimeout="2 minutes").progress_timeout == Period(2, Unit.MINUTE)


def test_a_function_may_be_silent_for_its_whole_life() -> None:
    copy = {"type": "CopyActivity"}
    assert compiled(SHORT, **copy).progress_timeout == FUNCTION_LIFE
    assert compiled(SHORT, **copy, reportProgressTimeout="2 minutes").progress_timeout == FUNCTION_LIFE
    assert compiled(SHORT, **copy, reportProgressTimeout="1 hour").progress_timeout == Period(1, Unit.HOUR)


def test_work_on_a_cluster_is_looked_after_by_functions_and_may_be_silent_as_long() -> None:
    shell = {"type": "ShellCommandActivity", "runsOn": {"ref": "Cluster"}}
    assert compiled(SHORT, **shell).progress_timeout == FUNCTION_LIFE
    assert compiled(SHORT, **shell, reportProgressTimeout="1 hour").progress_timeout == Period(1, Unit.HOUR)
    machine = {"type": "ShellCommandActivity", "runsOn": {"ref": "Machine"}}
    assert compiled(SHORT, **machine).progress_timeout == Period(5, Unit.SECOND)
