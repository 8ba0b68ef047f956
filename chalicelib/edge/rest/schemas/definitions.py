"""Shapes of definitions, their versions, and what is found in them. The file's form is the AWS CLI's."""

from collections.abc import Mapping

from chalicelib.edge.rest.contract import Schema, ref
from chalicelib.edge.rest.paging import page_of
from chalicelib.edge.rest.times import TIME

ID: Schema = {"type": "string", "minLength": 1, "maxLength": 1024}
NUMBER: Schema = {"type": "integer", "examples": [1769841000000000]}
EXAMPLE: Mapping[str, object] = {
    "objects": [
        {"id": "Default", "scheduleType": "ondemand", "workerGroup": "shop"},
        {"id": "SayHello", "type": "ShellCommandActivity", "command": "echo #{myGreeting}", "dependsOn": []},
    ],
    "parameters": [{"id": "myGreeting", "type": "String", "default": "hello"}],
    "values": {"myGreeting": "good morning"},
}
FINDING: Mapping[str, str] = {
    "objectId": "SayHello",
    "severity": "warning",
    "code": "DEPRECATED",
    "message": "A better replacement exists.",
}
_TEXTS: Schema = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_REFERENCE: Schema = {
    "type": "object",
    "required": ["ref"],
    "additionalProperties": False,
    "properties": {"ref": {"type": "string", "minLength": 1}},
}
_CHANGES: Schema = {"type": "array", "items": ref("ObjectChange")}

SCHEMAS: Mapping[str, Schema] = {
    "Definition": {
        "type": "object",
        "description": "A pipeline definition in the form of the AWS CLI's definition files.",
        "required": ["objects"],
        "additionalProperties": False,
        "properties": {
            "objects": {"type": "array", "items": ref("DefinitionObject")},
            "parameters": {"type": "array", "items": ref("DefinitionParameter")},
            "values": ref("ParameterValues"),
        },
        "examples": [EXAMPLE],
    },
    "DefinitionObject": {
        "type": "object",
        "description": "An object: its fields by name. docs/reference/objects has every type.",
        "required": ["id"],
        "properties": {"id": ID, "name": ID},
        "additionalProperties": ref("FieldValue"),
    },
    "FieldValue": {
        "description": 'a text, {"ref": "id"}, or a list of these',
        "anyOf": [
            {"type": "string"},
            _REFERENCE,
            {
                "type": "array",
                "items": {"description": "a text or a reference", "anyOf": [{"type": "string"}, _REFERENCE]},
            },
        ],
    },
    "DefinitionParameter": {
        "type": "object",
        "description": "A declared parameter: its id (`myX`, `*myX` for a secret) and attributes.",
        "required": ["id"],
        "properties": {"id": ID},
        "additionalProperties": {"description": "a text or a list of texts", **_TEXTS},
    },
    "ParameterValues": {
        "type": "object",
        "description": "Values by parameter id.",
        "additionalProperties": {"description": "a text or a list of texts", **_TEXTS},
        "examples": [{"myGreeting": "good morning", "myRegions": ["eu-west-1", "us-east-1"]}],
    },
    "SavedDefinition": {
        "type": "object",
        "description": "The version that a definition became, and what was found in it. Errors forbid activation.",
        "required": ["version", "valid", "findings"],
        "additionalProperties": False,
        "properties": {
            "version": NUMBER,
            "valid": {"type": "boolean"},
            "findings": {"type": "array", "items": ref("Finding")},
        },
        "examples": [{"version": 1769841000000000, "valid": True, "findings": [FINDING]}],
    },
    "Judgement": {
        "type": "object",
        "description": "Whether a definition could be saved and activated, and what was found in it.",
        "required": ["valid", "findings"],
        "additionalProperties": False,
        "properties": {"valid": {"type": "boolean"}, "findings": {"type": "array", "items": ref("Finding")}},
        "examples": [{"valid": True, "findings": []}],
    },
    "Version": {
        "type": "object",
        "description": "A definition that is kept.",
        "required": ["version", "savedAt", "savedBy", "activated", "latest", "active"],
        "additionalProperties": False,
        "properties": {
            "version": NUMBER,
            "savedAt": TIME,
            "savedBy": {"type": "string"},
            "activated": {"type": "boolean", "description": "Whether an activation saved it, with the values given."},
            "latest": {"type": "boolean"},
            "active": {"type": "boolean"},
        },
        "examples": [
            {
                "version": 1769841000000000,
                "savedAt": "2026-01-31T06:30:00Z",
                "savedBy": "maria",
                "activated": True,
                "latest": True,
                "active": True,
            }
        ],
    },
    "VersionPage": page_of(ref("Version")),
    "Difference": {
        "type": "object",
        "description": "What turns one version into another. Secrets are masked: whether one changed is not told.",
        "required": ["before", "after", "objects", "parameters", "values"],
        "additionalProperties": False,
        "properties": {
            "before": NUMBER,
            "after": NUMBER,
            "objects": ref("PartDifference"),
            "parameters": ref("PartDifference"),
            "values": ref("PartDifference"),
        },
    },
    "PartDifference": {
        "type": "object",
        "required": ["added", "removed", "changed"],
        "additionalProperties": False,
        "properties": {
            "added": {"type": "array", "items": {"type": "string"}},
            "removed": {"type": "array", "items": {"type": "string"}},
            "changed": _CHANGES,
        },
    },
    "ObjectChange": {
        "type": "object",
        "description": "One object, parameter or value, and its fields that differ.",
        "required": ["id", "fields"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string"},
            "fields": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["key", "before", "after"],
                    "additionalProperties": False,
                    "properties": {
                        "key": {"type": "string"},
                        "before": {"type": "array", "items": ref("FieldValue")},
                        "after": {"type": "array", "items": ref("FieldValue")},
                    },
                },
            },
        },
    },
}
