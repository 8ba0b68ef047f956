"""What anybody may ask: whether the API answers, and what it is."""

from chalicelib.edge.rest.contract import Call, Operation, Reply
from chalicelib.ports.bundle import Ports

NOUN = "service"


def _health(_call: Call, _ports: Ports) -> Reply:
    return Reply({"status": "ok"})


def _document(call: Call, _ports: Ports) -> Reply:
    from chalicelib.edge.rest.openapi import document  # noqa: PLC0415 (it needs the table, and the table this)

    return Reply(document(call.base or "/"))


OPERATIONS = (
    Operation(
        id="getHealth",
        method="GET",
        path="/health",
        noun=NOUN,
        scope=None,
        summary="Whether the API answers",
        description="Says nothing of what it depends on.",
        run=_health,
        reply={
            "type": "object",
            "required": ["status"],
            "additionalProperties": False,
            "properties": {"status": {"type": "string", "const": "ok"}},
        },
        answers={"status": "ok"},
    ),
    Operation(
        id="getOpenApi",
        method="GET",
        path="/openapi.json",
        noun=NOUN,
        scope=None,
        summary="The description of this API, as OpenAPI 3.1",
        run=_document,
        reply={
            "type": "object",
            "required": ["openapi", "info", "paths", "components"],
            "properties": {"openapi": {"type": "string"}, "paths": {"type": "object"}},
        },
    ),
)
