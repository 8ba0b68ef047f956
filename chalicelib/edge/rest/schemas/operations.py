"""Shapes of what the deployment measures of itself, and of what pipelines cost."""

from collections.abc import Mapping
from typing import Any

from chalicelib.edge.rest.contract import Schema, ref
from chalicelib.edge.rest.paging import page_of
from chalicelib.edge.rest.times import TIME
from chalicelib.ports.gauges import Quantity
from chalicelib.service.operations import GAUGES

_NAMES = list(dict.fromkeys(gauge.what.value for gauge in GAUGES))
_SERIES = {"name": Quantity.QUEUE_AGE.value, "of": "control", "unit": "Seconds", "values": [0.4, None, 12.0]}
_ALARM = {
    "name": "control-age",
    "state": "ALARM",
    "since": "2026-01-31T06:25:00Z",
    "description": "The oldest message has waited too long.",
    "reason": "Threshold Crossed: 5 datapoints were greater than the threshold (300.0).",
    "runbook": "control-age",
}
PANEL_EXAMPLE: Mapping[str, Any] = {
    "from": "2026-01-31T06:27:00Z",
    "to": "2026-01-31T06:30:00Z",
    "periodSeconds": 60,
    "series": [_SERIES],
    "alarms": [_ALARM],
}
SPENDING_EXAMPLE: Mapping[str, Any] = {
    "pipelineId": "df-0A1B2C3D4E5F6G7H8I9J",
    "name": "nightly orders",
    "usd": 0.0123,
    "days": [{"day": "2026-01-30", "usd": 0.0061}, {"day": "2026-01-31", "usd": 0.0062}],
}
_TEXT: Schema = {"type": "string"}
_USD: Schema = {"type": "number", "minimum": 0}

SCHEMAS: Mapping[str, Schema] = {
    "Operations": {
        "type": "object",
        "description": "What the deployment measured of itself in the last hours, and its alarms.",
        "required": list(PANEL_EXAMPLE),
        "additionalProperties": False,
        "properties": {
            "from": TIME,
            "to": TIME,
            "periodSeconds": {"type": "integer", "minimum": 60, "description": "What one value of a series covers."},
            "series": {"type": "array", "items": ref("GaugeSeries")},
            "alarms": {"type": "array", "description": "Those in trouble first.", "items": ref("Alarm")},
        },
        "examples": [PANEL_EXAMPLE],
    },
    "GaugeSeries": {
        "type": "object",
        "description": "What one gauge showed, period by period from `from` on.",
        "required": ["name", "unit", "values"],
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "enum": _NAMES},
            "of": {"type": "string", "description": "The queue or function; absent for what is of the whole stage."},
            "unit": {"type": "string", "description": "As CloudWatch spells units."},
            "values": {
                "type": "array",
                "description": "null where nothing was measured.",
                "items": {"anyOf": [{"type": "number"}, {"type": "null"}]},
            },
        },
        "examples": [_SERIES],
    },
    "Alarm": {
        "type": "object",
        "description": "One of the stage's alarms.",
        "required": ["name", "state", "since", "description", "reason"],
        "additionalProperties": False,
        "properties": {
            "name": _TEXT,
            "state": {"type": "string", "enum": ["OK", "ALARM", "INSUFFICIENT_DATA"]},
            "since": TIME,
            "description": _TEXT,
            "reason": {"type": "string", "description": "CloudWatch's own words."},
            "runbook": {"type": "string", "description": "The page of docs/runbooks that says how to mend it."},
        },
        "examples": [_ALARM],
    },
    "PipelineCost": {
        "type": "object",
        "description": "What a pipeline cost lately, in US dollars at list price: calls and function time of attempts "
        "that ended. Machines, clusters, models, storage and transfer are not in it.",
        "required": list(SPENDING_EXAMPLE),
        "additionalProperties": False,
        "properties": {
            "pipelineId": _TEXT,
            "name": _TEXT,
            "usd": {**_USD, "description": "All of the days."},
            "days": {
                "type": "array",
                "description": "Days of UTC that cost anything, ascending; the last fourteen.",
                "items": {
                    "type": "object",
                    "required": ["day", "usd"],
                    "additionalProperties": False,
                    "properties": {"day": {"type": "string", "format": "date"}, "usd": _USD},
                },
            },
        },
        "examples": [SPENDING_EXAMPLE],
    },
    "PipelineCostPage": page_of(ref("PipelineCost")),
}
