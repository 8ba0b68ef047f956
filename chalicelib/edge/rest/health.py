"""Whether the API answers. Public, and says nothing of what it depends on."""

from chalicelib.edge.rest.contract import Call, Operation, Reply
from chalicelib.ports.bundle import Ports


def _health(_call: Call, _ports: Ports) -> Reply:
    return Reply({"status": "ok"})


OPERATIONS = (
    Operation(
        id="getHealth",
        method="GET",
        path="/health",
        noun="health",
        scope=None,
        summary="Whether the API answers",
        run=_health,
        reply={
            "type": "object",
            "required": ["status"],
            "additionalProperties": False,
            "properties": {"status": {"const": "ok"}},
        },
        answers={"status": "ok"},
    ),
)
