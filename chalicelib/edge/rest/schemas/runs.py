"""Shapes of runs, instances and attempts."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.run.status import Status
from chalicelib.edge.rest.contract import Schema, ref
from chalicelib.edge.rest.paging import page_of
from chalicelib.edge.rest.times import TIME

STATUS: Schema = {"type": "string", "enum": [status.value for status in Status]}
_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
MOST_REASONS = 3
_INSTANCE_ID = "@CopyOrders_2026-01-31T00:00:00"
_ERROR = {
    "instanceId": _INSTANCE_ID,
    "status": "FAILED",
    "errorId": "NoSuchKey",
    "message": "s3://shop/2026-01-31.csv does not exist",
}
RUN_EXAMPLE: Mapping[str, Any] = {
    "runId": "2026-01-31T00:00:00",
    "scheduledStart": "2026-01-31T00:00:00Z",
    "scheduledEnd": "2026-02-01T00:00:00Z",
    "status": "FAILED",
    "counts": {"FINISHED": 2, "FAILED": 1},
    "startedAt": "2026-02-01T00:00:01Z",
    "endedAt": "2026-02-01T00:03:12Z",
    "errors": [_ERROR],
}
SPENT_EXAMPLE: Mapping[str, Any] = {"attempts": 1, "seconds": 190.0, "modelCalls": 0, "usd": 0.003172}
INSTANCE_EXAMPLE: Mapping[str, Any] = {
    "instanceId": _INSTANCE_ID,
    "componentId": "CopyOrders",
    "runId": "2026-01-31T00:00:00",
    "status": "FAILED",
    "scheduledStart": "2026-01-31T00:00:00Z",
    "scheduledEnd": "2026-02-01T00:00:00Z",
    "startedAt": "2026-02-01T00:00:01Z",
    "endedAt": "2026-02-01T00:03:12Z",
    "attemptCount": 1,
    "triesLeft": 0,
    "definitionVersion": 1769841000000000,
    "rerun": False,
    "late": False,
    "error": {"errorId": "NoSuchKey", "message": "s3://shop/2026-01-31.csv does not exist"},
}
DETAIL_EXAMPLE: Mapping[str, Any] = {
    **INSTANCE_EXAMPLE,
    "type": "CopyActivity",
    "paused": False,
    "waitingOn": [],
    "fields": [
        {"key": "input", "values": [{"ref": "@Orders_2026-01-31T00:00:00"}]},
        {
            "key": "myPath",
            "values": [{"text": "s3://shop/#{format(@scheduledStartTime,'YYYY-MM-dd')}.csv"}],
            "evaluated": ["s3://shop/2026-01-31.csv"],
        },
    ],
    "attempts": [
        {
            "attemptId": f"{_INSTANCE_ID}_Attempt=1",
            "number": 1,
            "status": "FAILED",
            "createdAt": "2026-02-01T00:00:01Z",
            "startedAt": "2026-02-01T00:00:02Z",
            "endedAt": "2026-02-01T00:03:12Z",
            "error": {
                "errorId": "NoSuchKey",
                "message": "s3://shop/2026-01-31.csv does not exist",
                "stackTrace": "at work/copy.py",
            },
            "logs": [{"name": "Activity.log", "uri": "s3://logs/df-0A1B2C3D4E5F6G7H8I9J/CopyOrders/Activity.log"}],
            "reported": {"hostname": "runner-1"},
            "worker": {"kind": "taskRunner", "name": "runner-1", "workerGroup": "wg-1"},
            "spent": SPENT_EXAMPLE,
        }
    ],
}
_SHARED: Mapping[str, Schema] = {
    "instanceId": _TEXT,
    "componentId": {"type": "string", "description": "The object of the definition that it is an instance of."},
    "runId": _TEXT,
    "status": STATUS,
    "scheduledStart": TIME,
    "scheduledEnd": TIME,
    "startedAt": {**TIME, "description": "When it was created and began to wait."},
    "workStartedAt": {**TIME, "description": "When the newest attempt's work began."},
    "endedAt": TIME,
    "attemptCount": _COUNT,
    "triesLeft": {"type": "integer", "description": "Attempts still allowed after the newest."},
    "definitionVersion": {"type": "integer", "description": "The version that its fields are read from."},
    "guards": {"type": "string", "description": "Of a precondition's instance: the instance that it guards."},
    "rerun": {"type": "boolean", "description": "Brought back by somebody; it takes no slot of maxActiveInstances."},
    "late": {"type": "boolean", "description": "lateAfterTimeout has passed without a start."},
    "resourceId": {"type": "string", "description": "The machine or cluster behind a resource."},
    "nextTryAt": {**TIME, "description": "Not to be handed out before."},
    "cancellationReason": _TEXT,
    "cascadeFailedOn": {"type": "array", "items": _TEXT},
    "error": ref("Fault"),
}
_ALWAYS = [name for name in INSTANCE_EXAMPLE if name not in ("endedAt", "error")]

SCHEMAS: Mapping[str, Schema] = {
    "Run": {
        "type": "object",
        "description": "All instances that begin at one time: one interval, or one start of an on-demand pipeline.",
        "required": ["runId", "scheduledStart", "scheduledEnd", "status", "counts", "startedAt", "errors"],
        "additionalProperties": False,
        "properties": {
            "runId": {"type": "string", "description": "The start, as instance ids end."},
            "scheduledStart": TIME,
            "scheduledEnd": {**TIME, "description": "The latest end of its instances' intervals."},
            "status": {
                **STATUS,
                "description": "RUNNING before waiting, waiting before failed, failed before FINISHED; SKIPPED only "
                "when all of it is. What is stuck behind a failure does not hide the failure.",
            },
            "counts": {
                "type": "object",
                "description": "Instances by status; preconditions are not counted.",
                "additionalProperties": _COUNT,
            },
            "startedAt": TIME,
            "endedAt": {**TIME, "description": "Absent while something of it is live."},
            "errors": {
                "type": "array",
                "description": "What failed first, at most five.",
                "maxItems": 5,
                "items": {
                    "type": "object",
                    "required": ["instanceId", "status"],
                    "additionalProperties": False,
                    "properties": {"instanceId": _TEXT, "status": STATUS, "errorId": _TEXT, "message": _TEXT},
                },
            },
            "startedByEvents": {"type": "boolean", "description": "Whether events started it."},
        },
        "examples": [RUN_EXAMPLE],
    },
    "RunPage": page_of(ref("Run")),
    "RunDetail": {
        "type": "object",
        "description": "A run and all its instances, those of preconditions included.",
        "required": ["run", "instances", "waiting", "spent"],
        "additionalProperties": False,
        "properties": {
            "run": ref("Run"),
            "instances": {"type": "array", "items": ref("InstanceSummary")},
            "waiting": {
                "type": "object",
                "description": "What its instances wait for, by their ids; three reasons of each at most.",
                "additionalProperties": {"type": "array", "maxItems": MOST_REASONS, "items": ref("Reason")},
            },
            "spent": {**ref("Spent"), "description": "All instances together."},
        },
        "examples": [{"run": RUN_EXAMPLE, "instances": [INSTANCE_EXAMPLE], "waiting": {}, "spent": SPENT_EXAMPLE}],
    },
    "Spent": {
        "type": "object",
        "description": "What work came to so far.",
        "required": list(SPENT_EXAMPLE),
        "additionalProperties": False,
        "properties": {
            "attempts": _COUNT,
            "seconds": {"type": "number", "minimum": 0, "description": "Of work, all attempts together."},
            "modelCalls": {**_COUNT, "description": "How often models were asked."},
            "usd": {
                "type": "number",
                "minimum": 0,
                "description": "US dollars at list price, estimated: control plane and functions. Machines, clusters, "
                "models, storage and transfer are not in it.",
            },
        },
        "examples": [SPENT_EXAMPLE],
    },
    "Fault": {
        "type": "object",
        "description": "Why an attempt failed.",
        "additionalProperties": False,
        "properties": {"errorId": _TEXT, "message": _TEXT, "stackTrace": _TEXT},
    },
    "InstanceSummary": {
        "type": "object",
        "description": "A component in one interval.",
        "required": _ALWAYS,
        "additionalProperties": False,
        "properties": _SHARED,
        "examples": [INSTANCE_EXAMPLE],
    },
    "InstancePage": page_of(ref("InstanceSummary")),
    "Instance": {
        "type": "object",
        "description": "A component in one interval, in full. Secrets show as `*****`, evaluated or not.",
        "required": [*_ALWAYS, "type", "paused", "waitingOn", "fields", "attempts"],
        "additionalProperties": False,
        "properties": {
            **_SHARED,
            "type": {"type": "string", "description": "The object's type."},
            "paused": {"type": "boolean", "description": "Whether its component is paused, so that nothing starts."},
            "waitingOn": {"type": "array", "items": ref("Reason")},
            "fields": {"type": "array", "items": ref("InstanceField")},
            "attempts": {"type": "array", "items": ref("Attempt")},
        },
        "examples": [DETAIL_EXAMPLE],
    },
    "Reason": {
        "type": "object",
        "description": "Something that the instance waits for, in words.",
        "required": ["text"],
        "additionalProperties": False,
        "properties": {
            "text": _TEXT,
            "on": {"type": "string", "description": "The object that it is about."},
            "until": {**TIME, "description": "When time alone ends the wait."},
        },
        "examples": [
            {
                "text": "behind @Load_2026-01-31T00:00:00, which is FAILED: rerun it, or mark it finished",
                "on": "@Load_2026-01-31T00:00:00",
            }
        ],
    },
    "InstanceField": {
        "type": "object",
        "description": "A field as the definition has it, and what its expressions come to for this instance.",
        "required": ["key", "values"],
        "additionalProperties": False,
        "properties": {
            "key": _TEXT,
            "values": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {"text": _TEXT, "ref": {"type": "string", "description": "An object's id."}},
                },
            },
            "evaluated": {
                "type": "array",
                "description": "Absent where there is nothing to evaluate, or its definition is no longer kept.",
                "items": _TEXT,
            },
            "evaluationError": {"type": "string", "description": "Why its expressions come to nothing."},
        },
    },
    "Attempt": {
        "type": "object",
        "description": "One try of an instance.",
        "required": ["attemptId", "number", "status", "createdAt", "logs", "reported", "spent"],
        "additionalProperties": False,
        "properties": {
            "attemptId": _TEXT,
            "number": {"type": "integer", "minimum": 1},
            "status": STATUS,
            "createdAt": {**TIME, "description": "When it began to wait for a worker."},
            "startedAt": {**TIME, "description": "When its work began."},
            "progressAt": {**TIME, "description": "When its worker was last heard of."},
            "endedAt": TIME,
            "error": ref("Fault"),
            "logs": {
                "type": "array",
                "description": "Where its logs are once they are written: S3 objects, and folders, which end in `/`.",
                "items": {
                    "type": "object",
                    "required": ["name", "uri"],
                    "additionalProperties": False,
                    "properties": {"name": _TEXT, "uri": _TEXT},
                },
            },
            "reported": {
                "type": "object",
                "description": "What its worker said about it.",
                "additionalProperties": _TEXT,
            },
            "worker": {
                "type": "object",
                "description": "Who does the work.",
                "required": ["kind"],
                "additionalProperties": False,
                "properties": {
                    "kind": {"type": "string", "enum": ["function", "taskRunner", "machine"]},
                    "name": {
                        "type": "string",
                        "description": "The Task Runner's host, or the machine's or cluster's id.",
                    },
                    "workerGroup": _TEXT,
                    "machine": {"type": "string", "description": "The instance of the machine or cluster."},
                },
            },
            "spent": ref("Spent"),
        },
    },
}
