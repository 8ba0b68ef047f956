"""Every view of the console: what it is called, and its address in the scenery."""

from collections.abc import Callable, Mapping
from urllib.parse import quote

from tests.console.scenery import Scenery

Address = Callable[[Scenery], str]


def _of(pipeline: str, *parts: str) -> str:
    return "#/pipelines/" + "/".join(quote(part, safe="") for part in (pipeline, *parts))


VIEWS: Mapping[str, Address] = {
    "pipelines": lambda _: "#/",
    "new-pipeline": lambda _: "#/new",
    "pipeline": lambda scenery: _of(scenery.weather),
    "definition": lambda scenery: _of(scenery.weather, "definition"),
    "versions": lambda scenery: _of(scenery.weather, "definition", "versions"),
    "difference": lambda scenery: _of(scenery.weather, "definition", "versions", scenery.before, scenery.after),
    "run": lambda scenery: _of(scenery.weather, "runs", scenery.run),
    "instance": lambda scenery: _of(scenery.weather, "instances", scenery.failed),
    "data": lambda scenery: _of(scenery.weather, "instances", scenery.data),
    "results": lambda scenery: _of(scenery.faces, "instances", scenery.seen, "results"),
    "backfill": lambda scenery: _of(scenery.weather, "backfill"),
    "events": lambda scenery: _of(scenery.readings, "events"),
    "operations": lambda _: "#/operations",
    "runbook": lambda _: "#/operations/runbooks/function-errors",
    "task-runners": lambda _: "#/runners",
}
STATES: Mapping[str, Address] = {
    "empty": lambda _: "#/?q=nothing-is-called-this",
    "not-triggered": lambda scenery: _of(scenery.weather, "events"),
    "waiting": lambda scenery: _of(scenery.plant),
    "failure": lambda _: _of("df-NOSUCHPIPELINE"),
    "no-such-page": lambda _: "#/nowhere",
}
"""Views in states that the ones above are not in."""
