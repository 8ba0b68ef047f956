"""Kept answers: whose they are, for how long, and who may ask for a fresh one.

As API Gateway does, answers are kept whatever their status. Methods that take AWS credentials are never kept (see
deploy/gateway/caching.py), and only such callers can have a permission: where asking for a fresh answer needs one,
nobody here has it.
Source: API Gateway Developer Guide, "Cache settings for REST APIs in API Gateway"
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from deploy.gateway.caching import kept_seconds, key_headers
from deploy.methods import Method
from deploy.stage import Stage, Unauthorised
from local.gateway.exchange import Answer, Incoming
from local.gateway.routes import Route

LARGEST_KEPT = 1_048_576
MOST_KEPT = 10_000
WARNING = ("Warning", '199 - "Cache-Control was ignored: invalidating needs permission"')
"""API Gateway's guide says that there is a warning, not its words."""
Key = tuple[object, ...]


class Wish(Enum):
    """A wish for a fresh answer, and what becomes of it."""

    NONE = "none"
    GRANTED = "granted"
    REFUSED = "refused"
    WARNED = "warned"


UNGRANTED: Mapping[Unauthorised, Wish] = {
    Unauthorised.FAIL: Wish.REFUSED,
    Unauthorised.WARN: Wish.WARNED,
    Unauthorised.IGNORE: Wish.NONE,
}


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer and when it is too old."""

    answer: Answer
    until: datetime


class Answers:
    """The cache of one stage."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def keeps(self, method: Method) -> bool:
        """Whether answers of the method are kept."""
        return kept_seconds(self._stage, method) is not None

    def wish(self, request: Incoming) -> Wish:
        """What becomes of the caller's wish for a fresh answer."""
        cache = self._stage.cache
        if cache is None or not wants_fresh(request):
            return Wish.NONE
        return UNGRANTED[cache.unauthorised] if cache.fresh_needs_permission else Wish.GRANTED

    def find(self, key: Key, now: datetime) -> Answer | None:
        """The answer under the key, if it is not too old."""
        with self._lock:
            found = self._kept.get(key)
        return found.answer if found is not None and now < found.until else None

    def keep(self, key: Key, method: Method, answer: Answer, now: datetime) -> None:
        """Keep the answer, unless it is too large; the oldest gives way."""
        seconds = kept_seconds(self._stage, method)
        if seconds is None or len(answer.body) > LARGEST_KEPT:
            return
        with self._lock:
            self._kept[key] = Kept(answer, now + timedelta(seconds=seconds))
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)


def key_of(method: Method, route: Route, request: Incoming) -> Key:
    """What an answer depends on: the path, the declared query, and the headers that say who asks and for what."""
    query = tuple((name, tuple(v for k, v in request.query if k == name)) for name in method.query or {})
    sent = tuple(request.headers.get(name.lower()) for name in key_headers(method))
    return (method.path, method.verb, tuple(sorted(route.parameters.items())), query, sent)


def wants_fresh(request: Incoming) -> bool:
    """Whether the caller asks for an answer that is not kept."""
    directives = [part.strip() for part in request.headers.get("cache-control", "").lower().split(",")]
    return "max-age=0" in directives


def warned(answer: Answer) -> Answer:
    """The answer to somebody who asked for a fresh one in vain."""
    return replace(answer, headers=(*answer.headers, WARNING))
