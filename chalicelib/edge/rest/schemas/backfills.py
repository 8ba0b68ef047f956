"""Shapes of backfills and their estimates."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.run.skipped import Why
from chalicelib.edge.rest.contract import Schema, ref
from chalicelib.edge.rest.times import TIME

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
REQUEST_EXAMPLE: Mapping[str, Any] = {
    "from": "2026-01-01T00:00:00Z",
    "to": "2026-01-08T00:00:00Z",
    "components": ["CopyOrders"],
}
PREVIEW_EXAMPLE: Mapping[str, Any] = {
    "instances": 7,
    "components": [
        {
            "componentId": "CopyOrders",
            "kind": "activity",
            "intervals": 7,
            "first": "2026-01-01T00:00:00Z",
            "last": "2026-01-07T00:00:00Z",
            "standings": {"SKIPPED": 5, "FAILED": 2},
        }
    ],
    "skipped": [{"componentId": "CopyOrders", "why": "live", "intervals": 1}],
    "estimate": {
        "usd": 0.000123,
        "seconds": 84.0,
        "parts": [
            {
                "what": "Lambda time of CopyOrders",
                "quantity": 84.0,
                "unit": "GB-second",
                "unitPrice": 0.0000166667,
                "usd": 0.0014,
                "basis": "mean of 20 attempts",
            }
        ],
        "leftOut": ["what the work itself asks of other services: requests, transfer and storage; logs"],
    },
    "warnings": [],
}
PROGRESS_EXAMPLE: Mapping[str, Any] = {
    "items": [
        {
            "componentId": "CopyOrders",
            "intervals": 3,
            "first": "2026-01-05T00:00:00Z",
            "last": "2026-01-07T00:00:00Z",
        }
    ]
}

SCHEMAS: Mapping[str, Schema] = {
    "BackfillRequest": {
        "type": "object",
        "description": "Every interval that begins from `from` on and before `to`, and was due, whatever became of it: "
        "it ran, failed, was skipped, or lies before the schedule's start.",
        "required": ["from", "to"],
        "additionalProperties": False,
        "properties": {
            "from": TIME,
            "to": TIME,
            "components": {
                "type": "array",
                "description": "Activities and data nodes; all of them when absent. Data nodes that a named activity "
                "writes come with it, and so do machines and preconditions.",
                "minItems": 1,
                "maxItems": 100,
                "uniqueItems": True,
                "items": {"type": "string", "minLength": 1, "maxLength": 256},
            },
            "downstream": {
                "type": "boolean",
                "default": False,
                "description": "Also whatever depends on the components, directly or not.",
            },
        },
        "examples": [REQUEST_EXAMPLE],
    },
    "BackfillPreview": {
        "type": "object",
        "description": "What a backfill runs.",
        "required": ["instances", "components", "skipped", "estimate", "warnings"],
        "additionalProperties": False,
        "properties": {
            "instances": {**_COUNT, "description": "Without preconditions and machines."},
            "components": {"type": "array", "items": ref("BackfillComponent")},
            "skipped": {
                "type": "array",
                "description": "Intervals that begin in the range and are not begun by the order.",
                "items": ref("BackfillSkipped"),
            },
            "estimate": ref("Estimate"),
            "warnings": {"type": "array", "items": _TEXT},
        },
        "examples": [PREVIEW_EXAMPLE],
    },
    "BackfillSkipped": {
        "type": "object",
        "required": ["componentId", "why", "intervals"],
        "additionalProperties": False,
        "properties": {
            "componentId": _TEXT,
            "why": {
                "type": "string",
                "enum": [why.value for why in Why],
                "description": "`notDue`: not due yet, they run by themselves. `afterEnd`: the schedule is over before "
                "them. `live`: under way, and not begun a second time while they are. `ordered`: an earlier backfill "
                "has them still to begin, once for both. The last two are counted among the component's intervals too.",
            },
            "intervals": _COUNT,
        },
    },
    "BackfillComponent": {
        "type": "object",
        "required": ["componentId", "kind", "intervals", "first", "last", "standings"],
        "additionalProperties": False,
        "properties": {
            "componentId": _TEXT,
            "kind": {"type": "string", "enum": ["activity", "datanode"]},
            "intervals": _COUNT,
            "first": {**TIME, "description": "Scheduled start of the first interval."},
            "last": {**TIME, "description": "Scheduled start of the last one."},
            "standings": {
                "type": "object",
                "description": "How its intervals stand now, by status; NEVER_RAN for those from before the schedule.",
                "additionalProperties": _COUNT,
            },
        },
    },
    "Estimate": {
        "type": "object",
        "description": "Counted calls by list price, and durations as they were. Not a bill.",
        "required": ["usd", "parts", "leftOut"],
        "additionalProperties": False,
        "properties": {
            "usd": {"type": "number", "minimum": 0, "description": "US dollars, all parts."},
            "seconds": {
                "type": "number",
                "description": "How long it takes at the least: the slowest component, as many at a time as it may "
                "have. Absent where a component never ended well so far.",
            },
            "parts": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["what", "quantity", "unit", "unitPrice", "usd", "basis"],
                    "additionalProperties": False,
                    "properties": {
                        "what": _TEXT,
                        "quantity": {"type": "number", "minimum": 0},
                        "unit": _TEXT,
                        "unitPrice": {"type": "number", "description": "US dollars, list price in US East."},
                        "usd": {"type": "number", "minimum": 0},
                        "basis": {"type": "string", "description": "Where the quantity comes from."},
                    },
                },
            },
            "leftOut": {"type": "array", "description": "What is not in it.", "items": _TEXT},
        },
    },
    "BackfillProgress": {
        "type": "object",
        "description": "What was ordered and has not begun; nothing when all has.",
        "required": ["items"],
        "additionalProperties": False,
        "properties": {
            "items": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["componentId", "intervals", "first", "last"],
                    "additionalProperties": False,
                    "properties": {"componentId": _TEXT, "intervals": _COUNT, "first": TIME, "last": TIME},
                },
            }
        },
        "examples": [PROGRESS_EXAMPLE],
    },
}
