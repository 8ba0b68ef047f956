"""Cursors and pages of listings: `{"items": […], "nextCursor": …}`.

A cursor is the store's marker sealed to its listing (operation, caller's account, path and filters): with another
listing, or cut, or edited, it names no page, which is a 404 as for any URL that names nothing. It is opaque and fits
into a URL as it is.
"""

from collections.abc import Iterable
from typing import Any

from chalicelib.edge.rest.contract import Call, Query, Refused, Reply, Schema
from chalicelib.ports.errors import Rejected
from chalicelib.ports.marker import make_marker, read_marker

MOST_LISTED = 100
PAGING = (
    Query(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MOST_LISTED, "default": 25},
        "How many items a page has at most. A page may have fewer, or none, and still be followed by others.",
    ),
    Query(
        "cursor",
        {"type": "string", "minLength": 1, "maxLength": 4096, "pattern": "^[A-Za-z0-9_=-]+$"},
        "`nextCursor` of the page before, with the same filters. Without it the listing begins.",
    ),
)


def page_of(item: Schema) -> Schema:
    """The shape of a listing's answer."""
    return {
        "type": "object",
        "required": ["items"],
        "additionalProperties": False,
        "properties": {
            "items": {"type": "array", "items": item},
            "nextCursor": {"type": "string", "description": "Asks for the next page; absent on the last."},
        },
    }


def marker(call: Call) -> str | None:
    """What `listing` was given for the page before; None on the first. Raises Refused (404) for a foreign cursor."""
    cursor = call.query.get("cursor")
    if cursor is None:
        return None
    try:
        return read_marker(call.listing, cursor, "t")[0]
    except Rejected as error:
        expected = "nextCursor of the page before, with its filters"
        raise Refused(404, "NoSuchPage", "This listing has no such page", field="cursor", expected=expected) from error


def listing(call: Call, items: Iterable[Any], more: str | None) -> Reply:
    """The answer of a listing; `more` is where the next page begins (the store's marker), None at the end."""
    body: dict[str, Any] = {"items": list(items)}
    if more is not None:
        body["nextCursor"] = make_marker(call.listing, [more])
    return Reply(body)
