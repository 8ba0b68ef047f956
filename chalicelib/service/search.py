"""Finding pipelines of one account by words, tags and state. Reads the account's own listing only, a bounded part a
call; what does not match is skipped, so that a page may be short, or empty, and still be followed by others.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.run.status import PipelineStatus
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Rejected
from chalicelib.ports.store import Page, PipelineRecord
from chalicelib.service.access import Caller, visible
from chalicelib.service.overview import Overview, overview

MOST_READS = 20
"""Pages of the store read for one page of an answer."""


@dataclass(frozen=True, slots=True)
class SearchPipelines:
    """What to find: every filter that is given must hold.

    words   all of them occur in name, description or id, in any case of letters
    tags    key and value; value None is any
    states  one of them; empty is any
    """

    words: tuple[str, ...] = ()
    tags: tuple[tuple[str, str | None], ...] = ()
    states: frozenset[PipelineStatus] = frozenset()
    marker: str | None = None
    limit: int = 25


def search_pipelines(request: SearchPipelines, caller: Caller, ports: Ports) -> Page[Overview]:
    """The caller's pipelines that match, in order of id, at most `limit`.

    Raises   InvalidRequest for a marker this service did not give
    """
    found: list[Overview] = []
    marker = request.marker
    for _ in range(MOST_READS):
        page = _page(caller, marker, request.limit - len(found), ports)
        found += _matching(request, visible(page.items, caller), ports)
        marker = page.marker
        if marker is None or len(found) == request.limit:
            break
    return Page(tuple(found), marker)


def _page(caller: Caller, marker: str | None, limit: int, ports: Ports) -> Page[PipelineRecord]:
    try:
        return ports.store.list_pipelines(caller.account, marker, limit)
    except Rejected as error:
        raise InvalidRequest("cursor: not one of this listing; start again without one") from error


def _matching(request: SearchPipelines, records: Iterable[PipelineRecord], ports: Ports) -> Iterator[Overview]:
    for record in records:
        if _fits(request, record):
            shown = overview(record, ports)
            if not request.states or shown.status in request.states:
                yield shown


def _fits(request: SearchPipelines, record: PipelineRecord) -> bool:
    text = f"{record.name}\n{record.description}\n{record.pipeline_id}".casefold()
    worded = all(word.casefold() in text for word in request.words)
    return worded and all(key in record.tags and value in (None, record.tags[key]) for key, value in request.tags)
