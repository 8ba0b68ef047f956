"""QueryObjects: ids of components, instances or attempts that fit, a page at a time.

Live instances and history are merged in order of (time, id), by whichever of the two indexed times the query bounds. A
marker holds the place in that order, so a page costs the same however far it lies in. What ends between two pages keeps
its place, because its times do not change.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.run.state import Instance
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Rejected
from chalicelib.ports.marker import make_marker, read_marker
from chalicelib.ports.store import Page, TimeField, TimeQuery
from chalicelib.service.access import Caller
from chalicelib.service.object_fields import View, attempt_object, component_object, instance_object
from chalicelib.service.selectors import Selector, check_selectors, matches, time_query
from chalicelib.service.timeline import Place, placed_instances
from chalicelib.service.views import judged, load_view

DEFAULT_LIMIT = 100
MOST_EXAMINED = 2_000  # objects looked at for one page: a query that fits little still answers soon
_Place = tuple[int, str, int]
_START: _Place = (-(2**63), "", -1)


class Sphere(Enum):
    """What is asked for."""

    COMPONENT = "COMPONENT"
    INSTANCE = "INSTANCE"
    ATTEMPT = "ATTEMPT"


@dataclass(frozen=True, slots=True)
class QueryObjects:
    """All selectors must be true; none asks for everything."""

    pipeline_id: PipelineId
    sphere: Sphere
    selectors: tuple[Selector, ...] = ()
    marker: str | None = None
    limit: int = DEFAULT_LIMIT


def query_objects(request: QueryObjects, caller: Caller, ports: Ports) -> Page[str]:
    """Ids in order of time, then id; components in the order of the definition.

    Raises   InvalidRequest for a selector that cannot be asked or a marker of another query
    """
    check_selectors(request.selectors)
    listing = f"{request.pipeline_id} {request.sphere.value} {request.selectors}"
    after = _place(listing, request.marker)
    view = load_view(caller, request.pipeline_id, ports)
    found, last = _collected(_placed(request, view, after, ports), after, request)
    marker = None if last is None else make_marker(listing, [str(part) for part in last])
    return Page(tuple(found), marker)


def _collected(
    placed: Iterable[tuple[_Place, PipelineObject]], after: _Place, request: QueryObjects
) -> tuple[Sequence[str], _Place | None]:
    """Up to `limit` ids that fit, and the place to go on from; None when nothing that fits is left."""
    found: list[str] = []
    last = after
    for examined, (place, item) in enumerate(entry for entry in placed if entry[0] > after):
        if examined == MOST_EXAMINED:
            return found, last
        if matches(item, request.selectors):
            if len(found) == request.limit:
                return found, last
            found.append(item.id)
        last = place
    return found, None


def _placed(request: QueryObjects, view: View, after: _Place, ports: Ports) -> Iterator[tuple[_Place, PipelineObject]]:
    if request.sphere is Sphere.COMPONENT:
        for number, item in enumerate(judged(view, ports).components().values()):
            yield (number, item.id, 0), component_object(item, view)
    elif request.sphere is Sphere.INSTANCE:
        choices = (TimeField.ACTUAL_START, TimeField.SCHEDULED_START)
        for place, instance in _instances(time_query(request.selectors, choices), view, after, ports):
            yield (*place, 0), instance_object(instance, view)
    else:
        # An attempt's own start is not indexed, so only its instance's scheduled start narrows the search.
        query = time_query(request.selectors, (TimeField.SCHEDULED_START,))
        for place, instance in _instances(query, view, after, ports):
            for attempt in instance.attempts:
                yield (*place, attempt.number), attempt_object(instance, attempt, view)


def _instances(query: TimeQuery, view: View, after: _Place, ports: Ports) -> Iterator[tuple[Place, Instance]]:
    begin = None if after == _START else after[:2]
    return placed_instances(query, view.pipeline_id, view.state, begin, ports.store)


def _place(listing: str, marker: str | None) -> _Place:
    if not marker:
        return _START
    try:
        time, name, number = read_marker(listing, marker, "ntn")
    except Rejected as error:
        raise InvalidRequest("marker: not one of this query; start again without a marker") from error
    return int(time), name, int(number)
