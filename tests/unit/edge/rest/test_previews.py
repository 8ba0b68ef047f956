"""Data of a pipeline over REST, as the pipeline's own role sees it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.s3_on_moto import s3_client
from tests.unit.edge.rest.door import Door
from tests.unit.edge.rest.roles import Roles
from tests.unit.edge.rest.test_runs import of_shape
from tests.unit.service.plant import ALICE, Plant

START = "2026-01-01T00:00:00"


OBJECTS = [
    {"id": "Default", "scheduleType": "ondemand", "role": "looker", "resourceRole": "rr"},
    {"id": "Orders", "type": "CSV", "column": ["id INT", "name STRING"]},
    {"id": "In", "type": "S3DataNode", "directoryPath": "s3://source/in/", "dataFormat": {"ref": "Orders"}},
    {"id": "Out", "type": "S3DataNode", "filePath": "s3://target/#{*mySecret}/x"},
    {"id": "Table", "type": "DynamoDBDataNode", "tableName": "orders"},
    {"id": "Copy", "type": "CopyActivity", "input": {"ref": "In"}, "output": {"ref": "Out"}},
    {"id": "Other", "type": "ShellCommandActivity", "command": "true", "input": {"ref": "Table"}, "workerGroup": "g"},
]
SECRET = {"parameters": [{"id": "*mySecret", "type": "String"}], "values": {"*mySecret": "sesame"}}


@pytest.fixture
def roles() -> Iterator[Roles]:
    with mock_aws():
        yield Roles(s3_client())


@pytest.fixture
def plant(roles: Roles) -> Plant:
    plant = Plant(OBJECTS, **SECRET)
    plant.world.ports = replace(plant.ports, reach=roles)
    return plant


def look(plant: Plant, component: str, *query: tuple[str, str]) -> dict[str, Any]:
    door = Door(plant.world, ALICE.account)
    path = f"/pipelines/{plant.pipeline}/instances/@{component}_{START}/preview"
    found: dict[str, Any] = of_shape(door.call("GET", path, query=query), "previewInstance")
    return found


def test_a_directory_shows_its_objects_and_the_rows_of_the_first_that_has_any(plant: Plant, roles: Roles) -> None:
    for key, body in (("in/", b""), ("in/a.csv", b"1,ann\n"), ("in/b.csv", b"2,bob\n"), ("other", b"no")):
        roles.client.put_object(Bucket="source", Key=key, Body=body)
    found = look(plant, "In")
    assert (found["columns"], found["rows"], found["object"]) == (["id", "name"], [["1", "ann"]], "a.csv")
    assert [each["name"] for each in found["objects"]] == ["", "a.csv", "b.csv"]
    assert look(plant, "In", ("object", "b.csv"))["rows"] == [["2", "bob"]]
    assert set(roles.asked) == {"looker"}


def test_nothing_outside_the_directory_can_be_named(plant: Plant, roles: Roles) -> None:
    roles.client.put_object(Bucket="source", Key="other", Body=b"1,no\n")
    for name in ("../other", "/other", "s3://source/other"):
        assert look(plant, "In", ("object", name))["kind"] == "nothing"


def test_what_is_not_there_yet_and_what_the_role_may_not_read_is_said(plant: Plant, roles: Roles) -> None:
    assert look(plant, "In")["told"] == "There is nothing in it yet."
    roles.closed = "looker"
    assert look(plant, "In")["told"].startswith("It may not be read under the role of this pipeline.")


def test_an_address_with_a_secret_in_it_stays_closed(plant: Plant, roles: Roles) -> None:
    found = look(plant, "Out")
    assert (found["kind"], roles.asked) == ("nothing", [])
    assert "secret" in found["told"]
    assert "sesame" not in str(found)


def test_a_table_shows_its_first_items(plant: Plant, roles: Roles) -> None:
    tables = boto3.client("dynamodb", region_name="us-east-1")
    tables.create_table(
        TableName="orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )
    for number in range(30):
        tables.put_item(TableName="orders", Item={"k": {"S": f"{number}"}, "n": {"N": f"{number}"}})
    found = look(plant, "Table")
    assert (found["columns"], len(found["rows"]), found["more"]) == (["k", "n"], 25, True)


def test_an_activity_links_to_what_it_reads_and_writes(plant: Plant) -> None:
    found = look(plant, "Copy")
    assert [(node["side"], node["componentId"], node["instanceId"]) for node in found["nodes"]] == [
        ("input", "In", f"@In_{START}"),
        ("output", "Out", f"@Out_{START}"),
    ]
    assert found["hasResults"] is False


def test_without_a_role_of_its_own_a_pipeline_shows_nothing(roles: Roles) -> None:
    bare = [item if item["id"] != "Default" else {"id": "Default", "scheduleType": "ondemand"} for item in OBJECTS]
    plant = Plant(bare, **SECRET)
    plant.world.ports = replace(plant.ports, reach=roles)
    assert "names no role" in look(plant, "In")["told"]
    assert roles.asked == []
