"""Idempotency-Key: what was asked and answered under a key is kept for a day.

The same key with the same body, by the same caller, gives the same answer, for as long as the caller may see the
pipeline that it is about; with another body it is a conflict. A call that ended without an answer is run again, so what
an operation makes must itself be found again: `Call.key` is the same at every repetition, and stands in for the unique
id that the caller did not give.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from chalicelib.domain.values import PipelineId
from chalicelib.edge.rest.contract import Call, Operation, Refused, Reply, invalid
from chalicelib.ports.bundle import Ports
from chalicelib.service.access import known_pipeline

KEPT = timedelta(days=1)
LONGEST_KEY = 256


def key_of(operation: Operation, call: Call) -> str:
    """What the request's key is here: its caller's, and this operation's; nothing when it has none.

    Raises   Refused for a key that is not printable ASCII of up to 256 characters
    """
    given = call.headers.get("idempotency-key", "")
    if not operation.idempotent or "idempotency-key" not in call.headers:
        return ""
    if not 1 <= len(given) <= LONGEST_KEY or not given.isascii() or not given.isprintable():
        raise invalid("Idempotency-Key", "is not usable", f"1 to {LONGEST_KEY} printable ASCII characters")
    whose = [operation.id, dict(call.path), call.caller.account, call.caller.user, given]
    return hashlib.sha256(json.dumps(whose, sort_keys=True).encode()).hexdigest()


def once(call: Call, ports: Ports, run: Callable[[], Reply]) -> Reply:
    """`run`, or what it answered before. Without a key it is just run."""
    if not call.key:
        return run()
    digest = hashlib.sha256(json.dumps(call.body, sort_keys=True).encode()).hexdigest()
    noted = ports.store.claim_key(call.key, digest, ports.clock.now() + KEPT)
    if noted.digest != digest:
        message = "This key was used with another body: use a new key for a new request"
        raise Refused(409, "IdempotencyConflict", message, field="Idempotency-Key", expected="a key not used before")
    if noted.answer is not None:
        body, headers, status = json.loads(noted.answer)
        _still_theirs(call, body, ports)
        return Reply(body, headers, status)
    reply = run()
    ports.store.answer_key(call.key, json.dumps([reply.body, dict(reply.headers), reply.status]))
    return reply


def _still_theirs(call: Call, body: Any, ports: Ports) -> None:
    """Raises PipelineNotFound for what the caller saw, and may not see any more."""
    made = body.get("pipelineId") if isinstance(body, dict) else None
    for pipeline in filter(None, (call.path.get("pipelineId"), made)):
        known_pipeline(ports.store, call.caller, PipelineId(pipeline))
