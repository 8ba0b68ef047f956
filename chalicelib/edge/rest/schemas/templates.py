"""Shapes of templates."""

from collections.abc import Mapping

from chalicelib.domain.definition.parameters import ParameterType
from chalicelib.edge.rest.contract import Schema, ref
from chalicelib.edge.rest.paging import page_of
from chalicelib.service.templates import SAYS

NAME = "export-dynamodb-table-to-s3"
PARAMETER: Mapping[str, object] = {
    "id": "myDDBReadThroughputRatio",
    "type": "Double",
    "isArray": False,
    "required": False,
    "secret": False,
    "default": ["0.25"],
    "allowedValues": [],
    "pattern": "^([+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?)$",
    "expected": "a number",
    "description": "Share of the table's read capacity to use",
    "helpText": "Above 0 and at most 1.",
    "example": "0.25",
}
SUMMARY: Mapping[str, object] = {
    "name": NAME,
    "title": "Export DynamoDB Table to S3",
    "description": "Writes every item of a table; needs no cluster.",
    "parameters": [PARAMETER],
}
_SCALAR: Schema = {"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]}
_TEXTS: Schema = {"type": "array", "items": {"type": "string"}}
_SUMMARY: Mapping[str, Schema] = {
    "name": {"type": "string"},
    "title": {"type": "string"},
    "description": {"type": "string"},
    "parameters": {"type": "array", "items": ref("TemplateParameter")},
}

SCHEMAS: Mapping[str, Schema] = {
    "TemplateSummary": {
        "type": "object",
        "required": list(_SUMMARY),
        "additionalProperties": False,
        "properties": _SUMMARY,
        "examples": [SUMMARY],
    },
    "TemplatePage": page_of(ref("TemplateSummary")),
    "Template": {
        "type": "object",
        "description": "A definition to be given values.",
        "required": [*_SUMMARY, "definition"],
        "additionalProperties": False,
        "properties": {**_SUMMARY, "definition": ref("Definition")},
    },
    "TemplateParameter": {
        "type": "object",
        "description": "A parameter with its type; a required one has no default.",
        "required": [name for name in PARAMETER if name not in ("helpText", "example")],
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string"},
            "type": {"type": "string", "enum": [kind.value for kind in ParameterType]},
            "isArray": {"type": "boolean"},
            "required": {"type": "boolean"},
            "secret": {"type": "boolean", "description": "Its value is kept sealed and never shown."},
            "default": _TEXTS,
            "allowedValues": _TEXTS,
            "pattern": {"type": "string", "description": "What a value matches: a regular expression of ECMA-262."},
            "expected": {"type": "string", "description": "The same in words."},
            "description": {"type": "string"},
            "helpText": {"type": "string"},
            "example": {"type": "string"},
        },
        "examples": [PARAMETER],
    },
    "FilledTemplate": {
        "type": "object",
        "description": "A template and values for its parameters, which are checked against their types.",
        "required": ["name"],
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "enum": list(SAYS)},
            "parameters": {
                "type": "object",
                "additionalProperties": {
                    "description": "a text, a number, true or false, or a list of these",
                    "anyOf": [*_SCALAR["anyOf"], {"type": "array", "items": _SCALAR}],
                },
            },
        },
        "examples": [
            {"name": NAME, "parameters": {"myDDBTableName": "orders", "myDDBReadThroughputRatio": 0.5}},
        ],
    },
}
