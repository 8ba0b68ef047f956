"""What every PipelineStore promises."""

import string
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest

from chalicelib.domain.definition.model import (
    Definition,
    Field,
    ParameterAttribute,
    ParameterObject,
    ParameterValue,
    PipelineObject,
)
from chalicelib.domain.values import PipelineId, Ref
from chalicelib.ports.errors import Conflict, Full, Missing, Rejected
from chalicelib.ports.store import PipelineRecord, Store
from tests.contract.ports.racing import WRITES_ATOMICALLY, race

NOW = datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
Fresh = Callable[[], str]


def pipeline(fresh: Fresh, owner: str, name: str = "copy", unique_id: str = "u") -> PipelineRecord:
    return PipelineRecord(PipelineId(fresh()), owner, "user", name, unique_id, "", NOW, {})


def object_of(number: int, text: str) -> PipelineObject:
    return PipelineObject(f"Object{number}", f"Object{number}", (Field("command", text), Field("runsOn", Ref("Other"))))


def test_a_created_pipeline_reads_back_as_it_was(store: Store, fresh: Fresh) -> None:
    record = replace(pipeline(fresh, fresh()), name="naïve ☃ 𝄞", description="δ" * 1024, tags={"kéy": "välue", "e": ""})
    assert store.create_pipeline(record) == record
    assert store.pipelines([record.pipeline_id]) == {record.pipeline_id: record}


def test_ids_never_created_are_absent(store: Store, fresh: Fresh) -> None:
    record = store.create_pipeline(pipeline(fresh, fresh()))
    found = store.pipelines([PipelineId(fresh()), record.pipeline_id, record.pipeline_id])
    assert found == {record.pipeline_id: record}


def test_no_ids_give_no_pipelines(store: Store) -> None:
    assert store.pipelines([]) == {}


def test_more_ids_than_one_request_takes_are_all_found(store: Store, fresh: Fresh) -> None:
    owner = fresh()
    made = [store.create_pipeline(pipeline(fresh, owner, unique_id=str(number))) for number in range(103)]
    assert set(store.pipelines([record.pipeline_id for record in made])) == {record.pipeline_id for record in made}


def test_the_same_name_and_unique_id_give_the_first_pipeline(store: Store, fresh: Fresh) -> None:
    owner = fresh()
    first = store.create_pipeline(pipeline(fresh, owner))
    second = pipeline(fresh, owner)
    assert store.create_pipeline(second) == first
    assert store.pipelines([second.pipeline_id]) == {}


def test_an_owner_with_as_many_pipelines_as_allowed_gets_no_other(store: Store, fresh: Fresh) -> None:
    owner = fresh()
    made = [store.create_pipeline(pipeline(fresh, owner, unique_id=text), 2) for text in "uv"]
    refused = pipeline(fresh, owner, unique_id="w")
    with pytest.raises(Full):
        store.create_pipeline(refused, 2)
    assert store.pipelines([refused.pipeline_id]) == {}
    assert store.create_pipeline(pipeline(fresh, owner, unique_id="v"), 2) == made[1]
    assert store.create_pipeline(pipeline(fresh, fresh()), 2)


def test_a_deleted_pipeline_makes_room_for_one(store: Store, fresh: Fresh) -> None:
    owner = fresh()
    first = store.create_pipeline(pipeline(fresh, owner), 1)
    for _ in range(2):
        first = store.replace_pipeline(replace(first, deleted_at=NOW))
    store.create_pipeline(pipeline(fresh, owner, unique_id="v"), 1)
    with pytest.raises(Full):
        store.create_pipeline(pipeline(fresh, owner, unique_id="w"), 1)


def test_another_owner_name_or_unique_id_gives_another_pipeline(store: Store, fresh: Fresh) -> None:
    owner = fresh()
    given = [pipeline(fresh, owner), pipeline(fresh, fresh()), pipeline(fresh, owner, "other")]
    given.append(pipeline(fresh, owner, unique_id="v"))
    assert [store.create_pipeline(record) for record in given] == given


def test_joined_names_and_unique_ids_are_not_confused(store: Store, fresh: Fresh) -> None:
    owner = fresh()
    given = [pipeline(fresh, owner, "ab", "c"), pipeline(fresh, owner, "a", "bc")]
    assert [store.create_pipeline(record) for record in given] == given


@WRITES_ATOMICALLY
def test_callers_at_once_all_get_one_pipeline(store: Store, fresh: Fresh) -> None:
    owner = fresh()
    given = [pipeline(fresh, owner) for _ in range(12)]
    got = race(12, lambda number: store.create_pipeline(given[number]))
    assert len({record.pipeline_id for record in got}) == 1
    assert [record.pipeline_id for record in store.list_pipelines(owner, None, 100).items] == [got[0].pipeline_id]


def test_a_listing_shows_only_the_owners_living_pipelines_in_order_of_id(store: Store, fresh: Fresh) -> None:
    owner = fresh()
    made = [store.create_pipeline(pipeline(fresh, owner, unique_id=str(number))) for number in range(5)]
    store.create_pipeline(pipeline(fresh, fresh()))
    store.replace_pipeline(replace(made[1], deleted_at=NOW))
    expected = sorted(record.pipeline_id for record in made if record is not made[1])
    assert [record.pipeline_id for record in store.list_pipelines(owner, None, 100).items] == expected


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_pages_together_hold_every_pipeline_once(store: Store, fresh: Fresh, limit: int) -> None:
    owner = fresh()
    made = [store.create_pipeline(pipeline(fresh, owner, unique_id=str(number))).pipeline_id for number in range(7)]
    seen: list[str] = []
    marker = None
    while True:
        page = store.list_pipelines(owner, marker, limit)
        assert len(page.items) <= limit
        seen += [record.pipeline_id for record in page.items]
        marker = page.marker
        if marker is None:
            break
    assert seen == made


def test_an_owner_without_pipelines_gets_an_empty_page(store: Store, fresh: Fresh) -> None:
    page = store.list_pipelines(fresh(), None, 10)
    assert (page.items, page.marker) == ((), None)


def test_an_empty_marker_is_the_beginning(store: Store, fresh: Fresh) -> None:
    record = store.create_pipeline(pipeline(fresh, fresh()))
    assert store.list_pipelines(record.owner, "", 10) == store.list_pipelines(record.owner, None, 10)


@pytest.mark.parametrize("marker", ["x", "é", "AAAA", "e30=", "☃" * 100])
def test_a_marker_never_given_out_is_rejected(store: Store, fresh: Fresh, marker: str) -> None:
    with pytest.raises(Rejected):
        store.list_pipelines(fresh(), marker, 10)


def test_a_marker_of_another_owner_is_rejected(store: Store, fresh: Fresh) -> None:
    owner = fresh()
    for number in range(3):
        store.create_pipeline(pipeline(fresh, owner, unique_id=str(number)))
    marker = store.list_pipelines(owner, None, 1).marker
    with pytest.raises(Rejected):
        store.list_pipelines(fresh(), marker, 1)


def test_a_cut_marker_is_rejected(store: Store, fresh: Fresh) -> None:
    owner = fresh()
    for number in range(3):
        store.create_pipeline(pipeline(fresh, owner, unique_id=str(number)))
    marker = store.list_pipelines(owner, None, 1).marker
    assert marker
    with pytest.raises(Rejected):
        store.list_pipelines(owner, marker[:-4], 1)


def test_a_write_raises_the_revision(store: Store, fresh: Fresh) -> None:
    record = store.create_pipeline(pipeline(fresh, fresh()))
    written = store.replace_pipeline(replace(record, latest=3, tags={"a": "b"}))
    assert written == replace(record, latest=3, tags={"a": "b"}, revision=1)
    assert store.pipelines([record.pipeline_id])[record.pipeline_id] == written


def test_a_write_over_another_conflicts_and_changes_nothing(store: Store, fresh: Fresh) -> None:
    record = store.create_pipeline(pipeline(fresh, fresh()))
    written = store.replace_pipeline(replace(record, latest=1))
    with pytest.raises(Conflict):
        store.replace_pipeline(replace(record, latest=2))
    assert store.pipelines([record.pipeline_id])[record.pipeline_id] == written


@WRITES_ATOMICALLY
def test_of_writers_at_once_one_wins(store: Store, fresh: Fresh) -> None:
    record = store.create_pipeline(pipeline(fresh, fresh()))

    def write(number: int) -> bool:
        try:
            store.replace_pipeline(replace(record, latest=number + 1))
        except Conflict:
            return False
        return True

    won = race(12, write)
    assert won.count(True) == 1
    assert store.pipelines([record.pipeline_id])[record.pipeline_id].latest == won.index(True) + 1


def test_writing_a_pipeline_that_was_never_created_is_missing(store: Store, fresh: Fresh) -> None:
    with pytest.raises(Missing):
        store.replace_pipeline(pipeline(fresh, fresh()))


def test_a_deleted_pipeline_stays_as_a_tombstone_and_frees_its_name(store: Store, fresh: Fresh) -> None:
    owner = fresh()
    first = store.create_pipeline(pipeline(fresh, owner))
    tombstone = store.replace_pipeline(replace(first, deleted_at=NOW))
    second = pipeline(fresh, owner)
    assert store.create_pipeline(second) == second
    assert store.pipelines([first.pipeline_id]) == {first.pipeline_id: tombstone}
    assert store.create_pipeline(pipeline(fresh, owner)) == second


def test_a_tombstone_can_be_written_again(store: Store, fresh: Fresh) -> None:
    owner = fresh()
    tombstone = store.replace_pipeline(replace(store.create_pipeline(pipeline(fresh, owner)), deleted_at=NOW))
    successor = store.create_pipeline(pipeline(fresh, owner))
    store.replace_pipeline(replace(tombstone, description="gone"))
    assert store.create_pipeline(pipeline(fresh, owner)) == successor
    assert [record.pipeline_id for record in store.list_pipelines(owner, None, 10).items] == [successor.pipeline_id]


def test_a_definition_reads_back_as_it_was(store: Store, fresh: Fresh) -> None:
    definition = Definition(
        objects=(object_of(1, "echo ☃ 𝄞 \x00 \uffff \ud800"), PipelineObject("Default", "Default", ())),
        parameters=(ParameterObject("myX", (ParameterAttribute("type", "String"),)),),
        values=(ParameterValue("myX", "1"), ParameterValue("myX", "2")),
    )
    pipeline_id = PipelineId(fresh())
    store.put_definition(pipeline_id, 1, definition)
    assert store.definition(pipeline_id, 1) == definition


def test_versions_are_apart(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    first, second = (Definition(objects=(object_of(number, "ls"),)) for number in (1, 2))
    store.put_definition(pipeline_id, 1, first)
    store.put_definition(pipeline_id, 11, second)
    store.delete_definition(pipeline_id, 1)
    assert store.definition(pipeline_id, 1) is None
    assert store.definition(pipeline_id, 11) == second


def test_an_absent_definition_is_none_and_can_be_deleted(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    store.delete_definition(pipeline_id, 1)
    assert store.definition(pipeline_id, 1) is None


def incompressible(seed: int, objects: int) -> Definition:
    letters = string.ascii_letters + string.digits
    source = Random(seed)
    return Definition(tuple(object_of(number, "".join(source.choices(letters, k=10_000))) for number in range(objects)))


def test_a_definition_larger_than_any_item_reads_back(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    definition = incompressible(1, 100)
    store.put_definition(pipeline_id, 1, definition)
    assert store.definition(pipeline_id, 1) == definition
    store.delete_definition(pipeline_id, 1)
    assert store.definition(pipeline_id, 1) is None


def test_a_version_written_again_is_replaced_whole(store: Store, fresh: Fresh) -> None:
    pipeline_id = PipelineId(fresh())
    for definition in (incompressible(2, 100), Definition(objects=(object_of(1, "ls"),)), incompressible(3, 60)):
        store.put_definition(pipeline_id, 1, definition)
        assert store.definition(pipeline_id, 1) == definition
