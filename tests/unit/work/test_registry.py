"""What the engine hands to functions, functions can run."""

import pytest

from chalicelib.domain.definition.catalog import TYPES, Category, object_type
from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.run.compile import compile_plan
from chalicelib.domain.run.effects import Placement
from chalicelib.domain.values import parse_time
from chalicelib.work.registry import SERVERLESS

PRECONDITIONS = [name for name in TYPES if (found := object_type(name)) and found.category is Category.PRECONDITION]


def placement_of(precondition: str) -> Placement | None:
    """Where a precondition of the input of a copy without a machine is checked; None when that is refused."""
    objects = [
        {"id": "Default", "scheduleType": "ondemand", "role": "r"},
        {"id": "Check", "type": precondition},
        {"id": "In", "type": "S3DataNode", "filePath": "s3://b/in", "precondition": {"ref": "Check"}},
        {"id": "Out", "type": "S3DataNode", "filePath": "s3://b/out"},
        {"id": "Copy", "type": "CopyActivity", "input": {"ref": "In"}, "output": {"ref": "Out"}},
    ]
    try:
        plan = compile_plan(from_file({"objects": objects}), Limits(), parse_time("2026-01-01T00:00:00"))
    except InvalidRequest:
        return None
    return next(iter(plan.guards.values())).placement


@pytest.mark.parametrize("precondition", PRECONDITIONS)
def test_a_precondition_without_a_machine_is_checked_by_a_function_or_refused(precondition: str) -> None:
    found = placement_of(precondition)
    assert (found is Placement.SERVERLESS) == (precondition in SERVERLESS)
    assert (found is None) == (precondition == "ShellCommandPrecondition")
