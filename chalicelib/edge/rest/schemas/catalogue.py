"""Shapes of the catalogue: object types with their fields, and the functions of the expression language."""

from collections.abc import Mapping

from chalicelib.domain.definition.catalog import Category, Group, Kind
from chalicelib.edge.rest.contract import Schema, ref

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": {"type": "string"}}
_NAME: Schema = {"type": "string", "minLength": 1}

FIELD: Mapping[str, object] = {
    "name": "scheduleType",
    "kind": Kind.ENUMERATION.value,
    "when": Group.OPTIONAL.value,
    "multiple": False,
    "help": "Run at the start of an interval (cron), at its end (timeseries), or on activation.",
    "allowedValues": ["cron", "timeseries", "ondemand"],
}
TYPE: Mapping[str, object] = {
    "name": "SnsAlarm",
    "category": Category.ACTION.value,
    "help": "Publishes a message to an SNS topic.",
    "fields": [FIELD],
}
FUNCTION: Mapping[str, object] = {"name": "year", "parameters": ["DateTime"], "help": "The year."}

SCHEMAS: Mapping[str, Schema] = {
    "Catalogue": {
        "type": "object",
        "description": "The definition language: every object type, and the functions of expressions.",
        "required": ["types", "functions"],
        "additionalProperties": False,
        "properties": {
            "types": {"type": "array", "items": ref("ObjectType")},
            "functions": {"type": "array", "items": ref("ExpressionFunction")},
        },
    },
    "ObjectType": {
        "type": "object",
        "description": "A type that an object may have. `replacedBy` is what to use instead of a deprecated one.",
        "required": ["name", "category", "help", "fields"],
        "additionalProperties": False,
        "properties": {
            "name": _NAME,
            "category": {"type": "string", "enum": [each.value for each in Category]},
            "help": _TEXT,
            "replacedBy": _TEXT,
            "fields": {"type": "array", "items": ref("TypeField")},
        },
        "examples": [TYPE],
    },
    "TypeField": {
        "type": "object",
        "description": "A field of an object type. Those with `when` runtime or system are written by the service; "
        "expressions read them.",
        "required": ["name", "kind", "when", "multiple", "help"],
        "additionalProperties": False,
        "properties": {
            "name": _NAME,
            "kind": {"type": "string", "enum": [each.value for each in Kind]},
            "when": {"type": "string", "enum": [each.value for each in Group]},
            "multiple": {"type": "boolean", "description": "Whether it takes several values."},
            "help": _TEXT,
            "default": {"type": "string", "description": "What its absence means."},
            "targets": {
                "type": "array",
                "items": _TEXT,
                "description": "What a reference may point at: types, `@category`, or `*` for any object.",
            },
            "allowedValues": {**_TEXTS, "description": "No others are taken."},
            "knownValues": {**_TEXTS, "description": "Others are taken too."},
            "specialValues": {**_TEXTS, "description": "Words that stand for a value of the kind."},
            "anyCase": {"type": "boolean", "description": "Whether allowed values are read in any case."},
            "oneOf": {"type": "string", "description": "The group of fields of which one must be given."},
            "excludes": {**_TEXTS, "description": "Fields that must not stand beside it."},
            "requires": {**_TEXTS, "description": "Fields that must stand beside it."},
            "secret": {"type": "boolean"},
            "deprecated": {"type": "boolean"},
        },
        "examples": [FIELD],
    },
    "ExpressionFunction": {
        "type": "object",
        "description": "A function of the expression language, with the types of what it takes.",
        "required": ["name", "parameters", "help"],
        "additionalProperties": False,
        "properties": {"name": _NAME, "parameters": _TEXTS, "help": _TEXT},
        "examples": [FUNCTION],
    },
}
