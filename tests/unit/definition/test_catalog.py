"""The catalogue against the facts of the guide's object pages, and typed reading."""

import json
import sys
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.domain.definition.catalog import TYPES, Category, object_type
from chalicelib.domain.definition.catalog.activities import CopyActivity, EmrActivity, RedshiftCopyActivity
from chalicelib.domain.definition.catalog.databases import RdsDatabase
from chalicelib.domain.definition.catalog.datanodes import DynamoDBDataNode, S3DataNode
from chalicelib.domain.definition.catalog.slot import Kind
from chalicelib.domain.definition.catalog.timing import Schedule
from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.schedule.period import Period, Unit
from chalicelib.domain.values import Ref

FACTS = json.loads((Path(__file__).parents[2] / "cases" / "definitions" / "objects.json").read_text())
FIELDS = [
    (name, group, *line.split(" "))
    for name, groups in FACTS.items()
    for group, lines in groups.items()
    if group != "category"
    for line in lines
]


def item(**fields):
    made = []
    for key, values in fields.items():
        made += [Field(key, value) for value in (values if isinstance(values, list) else [values])]
    return PipelineObject("It", "It", tuple(made))


def test_it_has_every_type_of_the_guide_and_beyond_those_only_what_is_marked_as_ours():
    assert set(FACTS) <= set(TYPES)
    modules = {name: sys.modules[object_type(name).typed.__module__] for name in set(TYPES) - set(FACTS)}
    assert all("xtension" in f"{modules[name].__doc__} {object_type(name).typed.__doc__}" for name in modules)


@pytest.mark.parametrize("name", FACTS)
def test_a_type_is_in_the_category_of_the_guide(name):
    assert object_type(name).category.value == FACTS[name]["category"]


@pytest.mark.parametrize("name", FACTS)
def test_a_type_has_every_field_of_the_guide_with_its_kind_group_and_values(name):
    wrong = []
    for owner, group, field, kind, *rest in FIELDS:
        if owner != name:
            continue
        slot = object_type(name).slots.get(field)
        expected = {word for text in rest if text not in ("multiple", "secret") for word in text.split("|")}
        if (
            slot is None
            or (slot.kind.value, slot.group.value) != (kind, group)
            or ("multiple" in rest and not slot.multiple)
            or slot.facts.secret != field.startswith("*")
            or not expected <= {*slot.choices, *slot.facts.to}
        ):
            wrong.append((field, slot))
    assert wrong == []


def test_an_unknown_type_is_none():
    assert object_type("NoSuchActivity") is None
    assert object_type("copyactivity") is None


def test_types_are_described_for_people():
    assert all(object_type(name).says.endswith(".") for name in TYPES)
    assert all(slot.facts.says.endswith(".") for name in TYPES for slot in object_type(name).slots.values())


def test_every_category_is_used():
    assert {object_type(name).category for name in TYPES} == set(Category)


def test_our_own_placement_is_on_activities_only():
    having = {name for name in TYPES if "placement" in object_type(name).slots}
    assert having == {name for name in TYPES if object_type(name).category is Category.ACTIVITY}


def test_reading_gives_typed_values():
    node = DynamoDBDataNode.read(
        item(tableName="t", readThroughputPercent="0.25", attemptTimeout="2 Hours", maximumRetries="0")
    )
    assert (node.table_name, node.read_throughput_percent, node.maximum_retries) == ("t", 0.25, 0)
    assert node.attempt_timeout == Period(2, Unit.HOUR)


def test_reading_gives_references_and_lists():
    activity = EmrActivity.read(item(runsOn=Ref("C"), step=["a,b", "c"], dependsOn=[Ref("A"), Ref("B")]))
    assert activity.runs_on == Ref("C")
    assert activity.step == ("a,b", "c")
    assert activity.depends_on == (Ref("A"), Ref("B"))


def test_reading_gives_defaults_and_the_service_spelling():
    assert S3DataNode.read(item(filePath="s3://b/k")).s3_encryption_type == "SERVER_SIDE_ENCRYPTION"
    assert CopyActivity.read(item(scheduleType="TimeSeries")).schedule_type == "timeseries"


def test_reading_gives_times_and_secrets():
    schedule = Schedule.read(item(period="1 month", startDateTime="2012-01-15T23:59:00"))
    assert schedule.start_date_time == datetime(2012, 1, 15, 23, 59, tzinfo=UTC)
    secret = {"*password": "hush"}
    assert RdsDatabase.read(item(username="u", rdsInstanceId="i", **secret)).password == "hush"


def test_reading_leaves_out_fields_the_type_does_not_know():
    assert CopyActivity.read(item(myOwn="x", tableName="t")).id == "It"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({}, "insertMode"),
        ({"insertMode": "UPSERT"}, "insertMode"),
        ({"insertMode": "APPEND", "maximumRetries": "many"}, "maximumRetries"),
        ({"insertMode": "APPEND", "runsOn": "Machine"}, "runsOn"),
        ({"insertMode": "APPEND", "queue": Ref("q")}, "queue"),
        ({"insertMode": "APPEND", "queue": ["a", "b"]}, "queue"),
    ],
)
def test_reading_refuses_what_is_missing_or_not_of_its_kind_by_name(fields, named):
    with pytest.raises(InvalidRequest, match=named):
        RedshiftCopyActivity.read(item(**fields))


def test_what_was_read_does_not_change():
    read = CopyActivity.read(item(input=Ref("In")))
    with pytest.raises(FrozenInstanceError):
        read.input = ()
    with pytest.raises(FrozenInstanceError):
        del read.input
    with pytest.raises(AttributeError):
        object.__setattr__(read, "more", 1)


def test_an_object_is_not_made_without_what_it_needs():
    with pytest.raises(TypeError, match="needs table_name"):
        DynamoDBDataNode(id="T", name="T")


def test_no_reference_target_is_unknown():
    targets = {target for name in TYPES for slot in object_type(name).slots.values() for target in slot.facts.to} - {
        "*"
    }
    categories = {f"@{category.value}" for category in Category}
    assert targets <= categories | set(TYPES)


def test_only_references_have_targets():
    for name in TYPES:
        for slot in object_type(name).slots.values():
            assert bool(slot.facts.to) == (slot.kind is Kind.REFERENCE), (name, slot.name)
