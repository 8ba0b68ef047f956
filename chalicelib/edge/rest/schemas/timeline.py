"""Shapes of a pipeline to look at: graph, timeline, what goes on."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.definition.catalog import Category
from chalicelib.domain.run.status import Health
from chalicelib.edge.rest.contract import Schema, ref
from chalicelib.edge.rest.paging import page_of
from chalicelib.edge.rest.schemas.pipelines import STATES
from chalicelib.edge.rest.schemas.runs import STATUS
from chalicelib.edge.rest.times import TIME

_TEXT: Schema = {"type": "string"}
COLUMN_EXAMPLE: Mapping[str, Any] = {
    "runId": "2026-01-31T00:00:00",
    "scheduledStart": "2026-01-31T00:00:00Z",
    "scheduledEnd": "2026-02-01T00:00:00Z",
    "cells": [
        {
            "instanceId": "@CopyOrders_2026-01-31T00:00:00",
            "componentId": "CopyOrders",
            "status": "FINISHED",
            "attempts": 1,
            "startedAt": "2026-02-01T00:00:01Z",
            "endedAt": "2026-02-01T00:03:12Z",
        }
    ],
}
LOOK_EXAMPLE: Mapping[str, Any] = {
    "standing": {"state": "SCHEDULED", "health": "HEALTHY", "paused": [], "toBegin": 0},
    "items": [COLUMN_EXAMPLE],
    "complete": True,
    "cursor": "kJx2fXvYwq1bWyIxIiwgIjQxIl0=",
}
GRAPH_EXAMPLE: Mapping[str, Any] = {
    "version": 1769841000000000,
    "nodes": [
        {"id": "Daily", "name": "Daily", "type": "Schedule", "category": "schedule"},
        {"id": "CopyOrders", "name": "Copy the orders", "type": "CopyActivity", "category": "activity"},
        {"id": "Orders", "name": "Orders", "type": "S3DataNode", "category": "datanode"},
    ],
    "edges": [
        {"from": "CopyOrders", "to": "Orders", "field": "input"},
        {"from": "CopyOrders", "to": "Daily", "field": "schedule", "givenBy": "Default"},
    ],
}

SCHEMAS: Mapping[str, Schema] = {
    "TimelineCell": {
        "type": "object",
        "description": "An instance, in few words.",
        "required": ["instanceId", "componentId", "status", "attempts", "startedAt"],
        "additionalProperties": False,
        "properties": {
            "instanceId": _TEXT,
            "componentId": _TEXT,
            "status": STATUS,
            "attempts": {"type": "integer", "minimum": 0},
            "startedAt": {**TIME, "description": "When it was created and began to wait."},
            "endedAt": TIME,
            "stuck": {"type": "boolean", "description": "It waits behind a failure, and is not live."},
            "guards": {"type": "string", "description": "Of a precondition's instance: the instance that it guards."},
            "late": {"type": "boolean", "description": "lateAfterTimeout has passed without a start."},
        },
    },
    "TimelineRun": {
        "type": "object",
        "description": "A run and its instances.",
        "required": ["runId", "scheduledStart", "scheduledEnd", "cells"],
        "additionalProperties": False,
        "properties": {
            "runId": _TEXT,
            "scheduledStart": TIME,
            "scheduledEnd": TIME,
            "cells": {"type": "array", "items": ref("TimelineCell")},
        },
        "examples": [COLUMN_EXAMPLE],
    },
    "TimelinePage": page_of(ref("TimelineRun")),
    "LivePipeline": {
        "type": "object",
        "description": "What goes on in a pipeline.",
        "required": ["items", "complete", "cursor"],
        "additionalProperties": False,
        "properties": {
            "standing": {
                "type": "object",
                "description": "Absent when nothing has changed since the look before.",
                "required": ["state", "health", "paused", "toBegin"],
                "additionalProperties": False,
                "properties": {
                    "state": {"type": "string", "enum": STATES},
                    "health": {"type": "string", "enum": [each.value for each in Health]},
                    "paused": {"type": "array", "description": "Ids of paused components.", "items": _TEXT},
                    "toBegin": {
                        "type": "integer",
                        "minimum": 0,
                        "description": "Intervals that backfills have still to begin.",
                    },
                },
            },
            "items": {
                "type": "array",
                "description": "By run: all instances that are live, and those that ended since the look before.",
                "items": ref("TimelineRun"),
            },
            "complete": {
                "type": "boolean",
                "description": "Whether all that ended since is among them; when not, list the timeline again.",
            },
            "cursor": {"type": "string", "description": "`since` of the next look."},
        },
        "examples": [LOOK_EXAMPLE],
    },
    "Graph": {
        "type": "object",
        "description": "Objects of a definition, and which refers to which.",
        "required": ["version", "nodes", "edges"],
        "additionalProperties": False,
        "properties": {
            "version": {"type": "integer", "minimum": 0, "description": "Of the definition; 0 when there is none."},
            "nodes": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["id", "name", "type"],
                    "additionalProperties": False,
                    "properties": {
                        "id": _TEXT,
                        "name": _TEXT,
                        "type": _TEXT,
                        "category": {
                            "type": "string",
                            "description": "Absent for a type that is not known.",
                            "enum": [each.value for each in Category],
                        },
                    },
                },
            },
            "edges": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["from", "to", "field"],
                    "additionalProperties": False,
                    "properties": {
                        "from": {"type": "string", "description": "The object that refers to the other."},
                        "to": _TEXT,
                        "field": _TEXT,
                        "givenBy": {"type": "string", "description": "The parent, or Default, that it has this from."},
                    },
                },
            },
        },
        "examples": [GRAPH_EXAMPLE],
    },
}
