"""Whose pipelines a caller sees, and to which groups they may give them."""

from dataclasses import replace

import pytest

from chalicelib.adapters.aws.clock import RandomIds
from chalicelib.adapters.sqlite.database import open_database
from chalicelib.adapters.sqlite.queues import SqliteQueues
from chalicelib.adapters.sqlite.sealer import KeySealer
from chalicelib.adapters.sqlite.store import SqliteStore
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.errors import Forbidden, InvalidRequest, PipelineNotFound
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.service import access
from chalicelib.service.access import GROUP_TAG, Caller, live_pipeline
from chalicelib.service.pipelines import (
    AddTags,
    CreatePipeline,
    ListPipelines,
    RemoveTags,
    add_tags,
    create_pipeline,
    list_pipelines,
    remove_tags,
)
from chalicelib.service.tasks import PollForTask, poll_for_task
from tests.contract.ports.clocks import SetClock
from tests.unit.service.nobody import Nobody

ACCOUNT = "123456789012"
SIGNER = Caller(ACCOUNT, "arn:root")
STRANGER = Caller("999900001111", "arn:root")
ADMIN = Caller(ACCOUNT, "root", frozenset({"admins"}))
RED = Caller(ACCOUNT, "ann", frozenset({"red"}))
BLUE = Caller(ACCOUNT, "bob", frozenset({"blue"}))
BOTH = Caller(ACCOUNT, "cy", frozenset({"red", "blue"}))
LONER = Caller(ACCOUNT, "dee", frozenset())


@pytest.fixture
def ports() -> Ports:
    clock, database = SetClock(), open_database(":memory:")
    store, queues = SqliteStore(database, clock), SqliteQueues(database, clock)
    return Ports(store, queues, clock, RandomIds(), KeySealer(b"k" * 32), Nobody(), Nobody(), replace(Limits()))


def made(ports: Ports, caller: Caller, name: str = "n", **tags: str) -> PipelineId:
    wanted = tuple((key.replace("_", ":"), value) for key, value in tags.items())
    return create_pipeline(CreatePipeline(name, name, tags=wanted), caller, ports)


def group_of(ports: Ports, pipeline: PipelineId) -> str | None:
    return live_pipeline(ports.store, SIGNER, pipeline).tags.get(GROUP_TAG)


@pytest.mark.parametrize(
    ("caller", "sees"),
    [(SIGNER, True), (ADMIN, True), (RED, True), (BOTH, True), (BLUE, False), (LONER, False), (STRANGER, False)],
    ids=lambda item: item.user if isinstance(item, Caller) else str(item),
)
def test_a_groups_pipeline_exists_for_its_members_its_accounts_signers_and_admins(
    ports: Ports, caller: Caller, sees: bool
) -> None:
    pipeline = made(ports, RED)
    assert [item.pipeline_id for item in list_pipelines(ListPipelines(), caller, ports).items] == [pipeline] * sees
    if sees:
        assert live_pipeline(ports.store, caller, pipeline).pipeline_id == pipeline
    else:
        with pytest.raises(PipelineNotFound):
            live_pipeline(ports.store, caller, pipeline)


@pytest.mark.parametrize("caller", [SIGNER, ADMIN, RED, BOTH, LONER], ids=lambda item: item.user)
def test_a_pipeline_without_a_group_exists_for_the_whole_account(ports: Ports, caller: Caller) -> None:
    assert live_pipeline(ports.store, caller, made(ports, LONER))


@pytest.mark.parametrize(("caller", "group"), [(RED, "red"), (SIGNER, None), (ADMIN, None), (LONER, None)])
def test_a_member_of_one_group_creates_for_it(ports: Ports, caller: Caller, group: str | None) -> None:
    assert group_of(ports, made(ports, caller)) == group


def test_a_member_of_several_groups_has_to_name_one(ports: Ports) -> None:
    with pytest.raises(InvalidRequest, match=r"group: expected one of your groups \(blue, red\)"):
        made(ports, BOTH)
    assert group_of(ports, made(ports, BOTH, penstock_group="blue")) == "blue"


@pytest.mark.parametrize("caller", [RED, LONER], ids=lambda item: item.user)
def test_nobody_gives_a_pipeline_to_a_group_that_is_not_theirs(ports: Ports, caller: Caller) -> None:
    with pytest.raises(Forbidden):
        made(ports, caller, penstock_group="blue")
    pipeline = made(ports, LONER)
    with pytest.raises(Forbidden):
        add_tags(AddTags(pipeline, ((GROUP_TAG, "blue"),)), caller, ports)
    assert group_of(ports, pipeline) is None


@pytest.mark.parametrize("caller", [SIGNER, ADMIN], ids=lambda item: item.user)
def test_signers_and_admins_give_and_take_any_group(ports: Ports, caller: Caller) -> None:
    pipeline = made(ports, LONER)
    add_tags(AddTags(pipeline, ((GROUP_TAG, "blue"),)), caller, ports)
    assert group_of(ports, pipeline) == "blue"
    remove_tags(RemoveTags(pipeline, (GROUP_TAG,)), caller, ports)
    assert group_of(ports, pipeline) is None


def test_a_member_does_not_take_the_groups_tag_away(ports: Ports) -> None:
    pipeline = made(ports, RED)
    with pytest.raises(Forbidden):
        remove_tags(RemoveTags(pipeline, (GROUP_TAG, "other")), RED, ports)
    assert group_of(ports, pipeline) == "red"


def test_other_tags_are_every_members_to_change(ports: Ports) -> None:
    pipeline = made(ports, RED)
    add_tags(AddTags(pipeline, (("team", "x"),)), RED, ports)
    remove_tags(RemoveTags(pipeline, ("team",)), RED, ports)
    assert live_pipeline(ports.store, RED, pipeline).tags == {GROUP_TAG: "red"}


def test_a_group_has_a_name(ports: Ports) -> None:
    with pytest.raises(InvalidRequest, match="has to name a group"):
        made(ports, SIGNER, penstock_group=" ")


def test_a_repeated_creation_does_not_answer_another_groups_pipeline(ports: Ports) -> None:
    made(ports, RED, "same")
    with pytest.raises(InvalidRequest, match="uniqueId: taken"):
        made(ports, BLUE, "same")


def test_a_listing_goes_on_past_pages_of_what_is_hidden(ports: Ports) -> None:
    hidden = [made(ports, RED, f"h{number}") for number in range(150)]
    shown = [made(ports, BLUE, f"s{number}") for number in range(3)]
    found: list[str] = []
    marker: str | None = None
    while True:
        page = list_pipelines(ListPipelines(marker), BLUE, ports)
        found += [item.pipeline_id for item in page.items]
        if page.marker is None:
            break
        assert page.items
        marker = page.marker
    assert sorted(found) == sorted(shown)
    assert not set(hidden) & set(found)


def test_tasks_are_not_for_those_who_are_confined_to_groups(ports: Ports) -> None:
    with pytest.raises(Forbidden):
        poll_for_task(PollForTask("g"), ADMIN, ports)


def test_a_scoped_group_is_the_owners() -> None:
    assert access.scoped_group("1", "g") != access.scoped_group("2", "g")
