"""What lets pages of other origins read the application's answers. The gateway answers their preflights itself."""

from collections.abc import Callable, Sequence
from typing import Any

from chalice.app import Response

SHOWN = "ETag, Location, Retry-After, Warning, x-amzn-RequestId"
"""Headers of an answer that a page may look at, beside the few that it always may."""
BROWSERS = "/v1/"
"""The other paths take AWS credentials, which no page should hold."""
Middleware = Callable[[Any, Callable[[Any], Any]], Any]


def allowing(origins: Sequence[str]) -> Middleware:
    """Middleware for HTTP that names the caller's origin in the answer when it is one of these; `*` is every one."""

    def middleware(event: Any, answer: Callable[[Any], Any]) -> Any:
        response = answer(event)
        if isinstance(response, Response) and event.path.startswith(BROWSERS):
            response.headers.update(headers(origins, str(event.headers.get("origin") or "")))
        return response

    return middleware


def headers(origins: Sequence[str], origin: str) -> dict[str, str | list[str]]:
    """The headers for one request's origin. With a choice of origins, caches must keep the answers apart."""
    if "*" in origins:
        return {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": SHOWN}
    if origin not in origins:
        return {"Vary": "Origin"} if origins else {}
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": SHOWN, "Vary": "Origin"}
