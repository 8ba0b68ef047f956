"""One invocation of a function: the trail that its work leaves, and the lines that say how it went.

A request is followed from its answer's `x-amzn-RequestId`, which is the gateway's own id for it, to every message that
was sent because of it and everything done with those. What begins without a request, a tick say, is followed by the id
of its invocation.
"""

import logging
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from chalice.app import Request, Response

from chalicelib.domain.errors import whereabouts
from chalicelib.domain.measures import Measure, Reading
from chalicelib.domain.prices import API_REQUEST, function_price
from chalicelib.ports import trail

LONG_POLLS = ("PollForTask", "/live")
"""What is asked to wait says nothing of how fast the API is."""

_PATH_IDS = {"pipelineId": "pipeline", "pipeline": "pipeline", "runId": "run", "instanceId": "instance"}
_LONGEST_ID = 320
_LOG = logging.getLogger(__name__)


def invoked(
    event: Any, run: Callable[[Any], Any], trace: str, function: str, tracer: trail.Tracer | None = None
) -> Any:
    """Run one invocation under a trail of its own. Middleware for every kind of function.

    trace     X-Ray's header of this invocation; empty when it is not traced
    function  the function's short name; empty to take the context's
    tracer    takes the segments of traced work
    """
    request = event if isinstance(event, Request) else None
    context = request.lambda_context if request is not None else getattr(event, "context", None)
    invocation = str(getattr(context, "aws_request_id", ""))
    with trail.along(
        {
            "function": function or str(getattr(context, "function_name", "")),
            "request": invocation,
            **_named(request),
        },
        correlation=_requested(request) or trail.mark(invocation),
        trace=trail.mark(trace),
        memory_mb=int(getattr(context, "memory_limit_in_mb", 0)),
        tracer=tracer,
    ):
        return _answered(request, run) if request is not None else _done(event, run)


def _requested(request: Request | None) -> str:
    return trail.mark(str(request.context.get("requestId", ""))) if request is not None else ""


def _named(request: Request | None) -> dict[str, str]:
    """What the path is about; whether that exists, and is the caller's, is not known yet."""
    given = (request.uri_params or {}) if request is not None else {}
    return {name: str(given[key])[:_LONGEST_ID] for key, name in _PATH_IDS.items() if key in given}


class _Failures:
    """Says that what is done inside raised, by type and place."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is not None:
            failed = {"reading": Reading({Measure.INVOCATIONS_FAILED: 1})}
            _LOG.error("invocation.failed", extra={**failed, **whereabouts(error)})


def _done(event: Any, run: Callable[[Any], Any]) -> Any:
    with _Failures():
        return run(event)


def _answered(request: Request, run: Callable[[Any], Any]) -> Response:
    began = time.monotonic()
    with _Failures(), trail.segment():
        answer: Response = run(request)
    seconds = time.monotonic() - began
    operation = (request.headers.get("x-amz-target") or "").rpartition(".")[2][:64]
    said = {"method": request.method, "route": request.path, "status": answer.status_code, "ms": _ms(seconds)}
    measured = {"reading": _measured(operation or request.path, answer.status_code, seconds)}
    _LOG.info("api.answered", extra={**said, **({"operation": operation} if operation else {}), **measured})
    return answer


def _measured(name: str, status: int, seconds: float) -> Reading:
    cost = API_REQUEST + function_price(seconds, trail.current().memory_mb)
    values = {Measure.API_CALLS: 1.0, Measure.API_FAULTS: float(status >= 500), Measure.ESTIMATED_COST: cost}
    return Reading(values if name.endswith(LONG_POLLS) else {**values, Measure.API_TIME: _ms(seconds)})


def _ms(seconds: float) -> float:
    return round(seconds * 1e3, 1)
