"""Paths of the API that are not in the table of operations, as the OpenAPI document shows them.

They are declared in app.py: the wire API, whose contract is botocore's model, and the ingest endpoint, whose body is
anything.
"""

from collections.abc import Mapping
from typing import Any

_WIRE_ERROR = {
    "description": "One of the service's modelled errors.",
    "content": {
        "application/x-amz-json-1.1": {
            "schema": {
                "type": "object",
                "required": ["__type", "message"],
                "properties": {"__type": {"type": "string"}, "message": {"type": "string"}},
            }
        }
    },
}


def _wire(operation_id: str, says: str) -> Mapping[str, Any]:
    body = {"application/x-amz-json-1.1": {"schema": {"type": "object"}, "example": {}}}
    refused = {str(status): {"$ref": f"#/components/responses/Refused{status}"} for status in (413, 429)}
    return {
        "operationId": operation_id,
        "tags": ["wire"],
        "summary": says,
        "description": "AWS JSON 1.1: the members of a request and its answer are those of AWS Data Pipeline's model.",
        "security": [{"signature": []}],
        "parameters": [
            {
                "name": "X-Amz-Target",
                "in": "header",
                "required": True,
                "description": "The operation.",
                "schema": {"type": "string", "examples": ["DataPipeline.ListPipelines"]},
            }
        ],
        "requestBody": {"required": True, "content": body},
        "responses": {
            "200": {"description": "The operation's output.", "content": body},
            "400": _WIRE_ERROR,
            "403": _WIRE_ERROR,
            "500": _WIRE_ERROR,
            **refused,
        },
    }


_INGEST = {
    "operationId": "ingest",
    "tags": ["ingest"],
    "summary": "Start a run of a pipeline with an HttpTrigger",
    "description": (
        "The body is the event's payload: any text in UTF-8, JSON where Content-Type says so, to 128 KiB. "
        "The pipeline's trigger may name the keys that it takes; to others it does not exist."
    ),
    "security": [{"key": []}],
    "parameters": [
        {
            "name": "pipeline",
            "in": "path",
            "required": True,
            "description": "The pipeline's id.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 1024},
        },
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "The same key is the same event.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 256, "pattern": "^[ -~]+$"},
        },
    ],
    "requestBody": {"required": False, "content": {"*/*": {"schema": {}, "example": {"temperature": 21.5}}}},
    "responses": {
        "202": {
            "description": "Taken in.",
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["event", "duplicate"],
                        "additionalProperties": False,
                        "properties": {
                            "event": {"type": "string", "description": "The event's id."},
                            "duplicate": {"type": "boolean", "description": "Whether its key was used before."},
                        },
                    },
                    "example": {"event": "5d41402abc4b2a76", "duplicate": False},
                }
            },
        },
        **{
            str(status): {"$ref": f"#/components/responses/Refused{status}"}
            for status in (400, 403, 404, 413, 429, 500, 503)
        },
    },
}


def _page(operation_id: str, says: str, status: str, answer: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    named = {"in": "path", "required": True, "description": "A file of the console.", "schema": {"type": "string"}}
    return {
        "operationId": operation_id,
        "tags": ["console"],
        "summary": says,
        "security": [],
        "parameters": [{"name": name, **named} for name in names],
        "responses": {
            status: answer,
            **{str(each): {"$ref": f"#/components/responses/Refused{each}"} for each in (404, 429)},
        },
    }


_ANY_FILE = {"description": "The file.", "content": {"*/*": {"schema": {"type": "string"}}}}
_TO_PAGE = {"description": "To the page.", "headers": {"Location": {"schema": {"type": "string"}}}}

PATHS: Mapping[str, Mapping[str, Any]] = {
    "/datapipeline": {"post": _wire("wire", "The 19 operations of AWS Data Pipeline, for its CLI and SDKs")},
    "/": {"post": _wire("wireAtRoot", "The same for SDKs that drop the path of an endpoint")},
    "/v1/ingest/{pipeline}": {"post": _INGEST},
    "/console": {"get": _page("consolePage", "The web console", "302", _TO_PAGE)},
    "/console/{name}": {"get": _page("consoleFile", "Its page, icon and settings", "200", _ANY_FILE, "name")},
    "/console/assets/{name}": {"get": _page("consoleAsset", "Its scripts and styles", "200", _ANY_FILE, "name")},
}
"""By path, then by method."""
