"""Every route lets pass whom the rules let pass, and refuses everybody else with the right status."""

import json
from urllib.parse import quote

import pytest

from tests.matrix.callers import OWNERS, identities
from tests.matrix.rules import Identity, expected, sees
from tests.matrix.trial import GATEWAY, Route, cells, made, routes, tried

ROUTES = tuple(routes())
CALLERS = tuple(identities())


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_route_admits_whom_the_rules_admit(route: Route) -> None:
    asked = [(caller, owner) for caller in CALLERS for owner in cells(route)]
    found = {(caller.name, owner and owner.name): tried(route, caller, owner) for caller, owner in asked}
    wanted = {
        (caller.name, owner and owner.name): expected(route.method, route.path, caller, owner)
        for caller, owner in asked
    }
    assert {cell: (wanted[cell], result) for cell, result in found.items() if result != wanted[cell]} == {}


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.name)
@pytest.mark.parametrize("prefix", ["/v1", "/iam/v1"])
def test_a_listing_holds_what_the_caller_may_see(prefix: str, caller: Identity) -> None:
    mine = {made(owner): owner for owner in OWNERS}
    if expected("GET", f"{prefix}/pipelines", caller, None) != "ok":
        return  # refused altogether, which the other test is about
    shown: set[str] = set()
    cursor = ""
    while True:
        target = f"{prefix}/pipelines?limit=100" + (f"&cursor={quote(cursor)}" if cursor else "")
        page = json.loads(GATEWAY.answer(caller.send("GET", target, b"")).body)
        shown |= {item["pipelineId"] for item in page["items"]}
        cursor = page.get("nextCursor", "")
        if not cursor:
            break
    assert {name for name in mine if name in shown} == {name for name, owner in mine.items() if sees(caller, owner)}
