"""Definitions that the end-to-end tests run."""

from collections.abc import Mapping
from typing import Any

Object = dict[str, Any]


def default(**fields: str) -> Object:
    """An on-demand Default that cascades."""
    return {
        "id": "Default",
        "scheduleType": "ondemand",
        "failureAndRerunMode": "cascade",
        "role": "DataPipelineDefaultRole",
        "resourceRole": "DataPipelineDefaultResourceRole",
    } | fields


def copy(bucket: str, source: str = "in/a.csv", target: str = "out/a.csv") -> list[Object]:
    """Copy one object."""
    return [
        default(),
        {"id": "In", "type": "S3DataNode", "filePath": f"s3://{bucket}/{source}"},
        {"id": "Out", "type": "S3DataNode", "filePath": f"s3://{bucket}/{target}"},
        {"id": "Copy", "type": "CopyActivity", "input": {"ref": "In"}, "output": {"ref": "Out"}},
    ]


def shell(command: str, group: str, **fields: str | Mapping[str, str]) -> list[Object]:
    """Run a command on a worker group."""
    activity: Object = {"id": "Run", "type": "ShellCommandActivity", "command": command, "workerGroup": group}
    return [default(), activity | fields]


def hourly(start: str, occurrences: int, **fields: str) -> list[Object]:
    """A Default with an hourly schedule."""
    schedule = {"ref": "Hourly"}
    return [
        default(scheduleType="timeseries", **fields) | {"schedule": schedule},
        {
            "id": "Hourly",
            "type": "Schedule",
            "period": "1 hour",
            "startDateTime": start,
            "occurrences": str(occurrences),
        },
    ]
