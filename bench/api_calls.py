"""The calls that `bench api` makes: each route of the REST API as a person's session would use it, on a store given.

Must not know how they are measured.
"""

from collections.abc import Iterator
from dataclasses import dataclass

PIPELINES = 100
DEFINITION: dict[str, object] = {
    "objects": [
        {"id": "Default", "scheduleType": "ondemand", "workerGroup": "bench"},
        *(
            {"id": f"Step{number}", "type": "ShellCommandActivity", "command": f"echo #{{myName}} {number}"}
            for number in range(10)
        ),
    ],
    "parameters": [{"id": "myName", "type": "String", "default": "bench"}],
    "values": {},
}


MADE = {"name": "made", "definition": DEFINITION}


@dataclass(frozen=True, slots=True)
class Call:
    """One request below /iam/v1. `{p}` in a path is a pipeline of its own each time; `{run}` the one that has runs."""

    route: str
    method: str
    path: str
    body: object = None


CALLS = (
    Call("list pipelines, 25 of 100", "GET", "/pipelines"),
    Call("search 100 pipelines", "GET", "/pipelines?q=bench%207"),
    Call("get a pipeline", "GET", "/pipelines/{p}"),
    Call("edit a pipeline", "PATCH", "/pipelines/{p}", {"description": "measured"}),
    Call("get a definition", "GET", "/pipelines/{p}/definition"),
    Call("put a definition", "PUT", "/pipelines/{p}/definition", DEFINITION),
    Call("validate a definition", "POST", "/definitions/validate", DEFINITION),
    Call("list versions", "GET", "/pipelines/{p}/versions"),
    Call("compare versions", "GET", "/pipelines/{p}/versions/latest/diff/latest"),
    Call("list templates", "GET", "/templates"),
    Call("list runs", "GET", "/pipelines/{run}/runs"),
    Call("list instances", "GET", "/pipelines/{run}/instances"),
    Call("activate", "POST", "/pipelines/{p}/activate", {}),
    Call("make a pipeline", "POST", "/pipelines", MADE),
    Call("delete a pipeline", "DELETE", "/pipelines/{p}"),
)
"""In this order: the last ones change what the first ones read."""


def preparation() -> Iterator[Call]:
    """What has to be there first."""
    for number in range(PIPELINES):
        yield Call("", "POST", "/pipelines", {"name": f"bench {number}", "definition": DEFINITION})
