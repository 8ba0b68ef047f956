"""What every store promises of definition versions that are listed, and of idempotency keys."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.definition.model import Definition
from chalicelib.domain.values import PipelineId
from chalicelib.ports.errors import Rejected
from chalicelib.ports.store import KeyedRequest, SavedVersion, Store
from tests.contract.ports.clocks import SetClock
from tests.contract.ports.racing import WRITES_ATOMICALLY, race

NOW = datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
Fresh = Callable[[], str]


def test_saved_versions_are_listed_newest_first_page_by_page(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    saved = [SavedVersion(10**15 + number, NOW, f"naïve {number}", number % 2 == 0) for number in range(5)]
    for each in saved:
        store.put_definition(pipeline_id, each.version, Definition(), each)
    store.put_definition(pipeline_id, 7, Definition())
    found, marker = list[SavedVersion](), None
    for _ in range(3):
        page = store.versions(pipeline_id, marker, 2)
        found, marker = [*found, *page.items], page.marker
    assert (found, marker) == (saved[::-1], None)


def test_a_version_that_is_forgotten_is_not_listed(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    for number in (1, 11):
        store.put_definition(pipeline_id, number, Definition(), SavedVersion(number, NOW, "maria"))
    store.delete_definition(pipeline_id, 1)
    assert [each.version for each in store.versions(pipeline_id, None, 9).items] == [11]
    assert store.versions(PipelineId(fresh()), None, 9).items == ()


def test_a_marker_of_another_pipelines_versions_is_rejected(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    for number in (1, 2):
        store.put_definition(pipeline_id, number, Definition(), SavedVersion(number, NOW, "maria"))
    marker = store.versions(pipeline_id, None, 1).marker
    with pytest.raises(Rejected):
        store.versions(PipelineId(fresh()), marker, 1)


def test_a_key_keeps_what_was_asked_first_and_its_answer(store: Store, fresh: Fresh, clock: SetClock) -> None:
    key, until = fresh(), clock.now() + timedelta(hours=1)
    assert store.claim_key(key, "one", until) == KeyedRequest("one")
    assert store.claim_key(key, "other", until) == KeyedRequest("one")
    store.answer_key(key, "yes ☃")
    assert store.claim_key(key, "one", until) == KeyedRequest("one", "yes ☃")
    store.answer_key(fresh(), "nobody asked")


def test_a_key_that_expired_is_free(store: Store, fresh: Fresh, clock: SetClock) -> None:
    key = fresh()
    store.claim_key(key, "one", clock.now() + timedelta(hours=1))
    clock.advance(timedelta(hours=2))
    assert store.claim_key(key, "other", clock.now() + timedelta(hours=1)) == KeyedRequest("other")


@WRITES_ATOMICALLY
def test_of_several_requests_at_once_one_has_the_key(store: Store, fresh: Fresh, clock: SetClock) -> None:
    key, until = fresh(), clock.now() + timedelta(hours=1)
    found = race(4, lambda number: store.claim_key(key, str(number), until))
    assert len({each.digest for each in found}) == 1
