"""How large a cluster has to be for the DynamoDB tables that an activity reads and writes. Only reads.

The service documents no rule. Ours: one core node for each 1,000 capacity units a second that may be used.
Source: developer guide, `resizeClusterBeforeRunning` and `resizeClusterMaxInstances`
"""

import math
from collections.abc import Iterator

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Rejected
from chalicelib.transfer.tables import ON_DEMAND_UNITS, in_region
from chalicelib.work.tools import Tools

UNITS_EACH = 1000.0
_DEFAULT_SHARE = 0.5


def core_nodes(task: Task, tools: Tools) -> int | None:
    """Core nodes that the cluster should have at least; None where nobody asked, or no table is named.

    Raises   Missing for a table that does not exist, Rejected for numbers that are none
    """
    subject = task.subject
    if (subject.text("resizeClusterBeforeRunning") or "false").lower() != "true":
        return None
    units = [*_units(task, "input", tools), *_units(task, "output", tools)]
    if not units:
        return None
    wanted = max(1, math.ceil(max(units) / UNITS_EACH))
    most = subject.text("resizeClusterMaxInstances")
    return wanted if most is None else min(wanted, max(1, int(_number(subject, "resizeClusterMaxInstances", most))))


def _units(task: Task, side: str, tools: Tools) -> Iterator[float]:
    field = "readThroughputPercent" if side == "input" else "writeThroughputPercent"
    for node in task.linked(task.subject, side):
        table = node.text("tableName")
        if node.type != "DynamoDBDataNode" or table is None:
            continue
        shape = in_region(tools.tables, node.text("region") or task.subject.text("region")).describe(table)
        units = shape.read_units if side == "input" else shape.write_units
        written = node.text(field)
        share = _DEFAULT_SHARE if written is None else _number(node, field, written)
        yield (ON_DEMAND_UNITS if units is None else units) * share


def _number(item: PipelineObject, field: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise Rejected("size cluster", f"{item.name}: {field} is '{text}', a number was expected") from error
