"""The one shape of errors."""

from collections.abc import Mapping

from chalicelib.edge.rest.contract import Schema, ref

SCHEMAS: Mapping[str, Schema] = {
    "Error": {
        "type": "object",
        "description": "What went wrong, and what to change.",
        "required": ["error"],
        "additionalProperties": False,
        "properties": {
            "__type": {"type": "string", "description": "Where the gateway refuses: the same for AWS's SDKs."},
            "message": {"type": "string", "description": "Goes with `__type`."},
            "error": {
                "type": "object",
                "required": ["code", "message", "requestId"],
                "additionalProperties": False,
                "properties": {
                    "code": {"type": "string", "description": "For programs; does not change."},
                    "message": {"type": "string", "description": "For people; may change."},
                    "field": {"type": "string", "description": "The member, parameter or header that it is about."},
                    "expected": {"type": "string", "description": "What would have been right."},
                    "requestId": {"type": "string", "description": "Names the request in logs."},
                    "findings": {
                        "type": "array",
                        "description": "What is wrong with a definition, with InvalidDefinition only.",
                        "items": ref("Finding"),
                    },
                },
            },
        },
        "examples": [
            {
                "error": {
                    "code": "InvalidRequest",
                    "message": "limit: is 500; expected at most 100",
                    "field": "limit",
                    "expected": "at most 100",
                    "requestId": "5f0c1f9e-3a52-4d1c-9a3e-0e6a0e2f6f0a",
                }
            }
        ],
    },
    "Finding": {
        "type": "object",
        "description": "One thing about a definition. Errors forbid activation, warnings do not.",
        "required": ["objectId", "severity", "message"],
        "additionalProperties": False,
        "properties": {
            "objectId": {"type": "string", "description": "The object, or the pipeline for what concerns it whole."},
            "code": {"type": "string", "description": "What kind of fault; docs/reference/findings.md has them all."},
            "severity": {"type": "string", "enum": ["error", "warning"]},
            "message": {"type": "string"},
        },
        "examples": [
            {
                "objectId": "CopyOrders",
                "severity": "error",
                "code": "MISSING_FIELD",
                "message": "The required field 'input' is missing.",
            }
        ],
    },
}
