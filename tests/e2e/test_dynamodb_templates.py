"""The console's two templates for DynamoDB, through the engine, without a cluster."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.definition.model import Definition, Field
from chalicelib.domain.definition.validate import validate
from chalicelib.domain.run.events import Activated, TaskEnded
from chalicelib.domain.run.state import Instance
from chalicelib.domain.run.status import Status
from chalicelib.domain.values import InstanceId
from chalicelib.ports.queues import Queue
from chalicelib.service.chunks import decode_chunk_message, perform_chunk
from tests.s3_on_moto import s3_client
from tests.unit.service.test_perform import PIPELINE, House
from tests.workbench import dynamodb

TEMPLATES = Path("chalicelib/templates")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def template(name: str, **values: str) -> Definition:
    document = json.loads((TEMPLATES / f"{name}.json").read_text())
    return from_file({**document, "values": values})


def run(house: House, definition: Definition, activity: str) -> Instance:
    house.store.put_definition(PIPELINE, 1, definition)
    house.publish(Activated("activate", house.now(), 1))
    for _ in range(5):
        house.perform_tasks()
        house.pump()
        house.perform_chunks()
        house.pump()
    name = InstanceId(f"@{activity}_2026-01-01T00:00:00")
    return house.store.history(PIPELINE, [name])[name]


def create(name: str) -> None:
    dynamodb("eu-west-1").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )


def items(name: str) -> list[Any]:
    return sorted(dynamodb("eu-west-1").scan(TableName=name)["Items"], key=lambda found: str(found["k"]))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("export-dynamodb-table-to-s3", {"myDDBTableName": "t", "myOutputS3Loc": "s3://target/backups"}),
        ("import-dynamodb-backup-from-s3", {"myDDBTableName": "t", "myInputS3Loc": "s3://target/backups/x"}),
    ],
)
def test_a_template_is_valid_once_its_parameters_have_values(name: str, values: dict[str, str]) -> None:
    found = validate(template(name, **values), limits=Limits(), now=NOW)
    assert (found.fatal, found.errors, found.warnings) == ((), {}, {})
    assert all(parameter.attributes for parameter in template(name).parameters)


def test_what_one_template_exports_the_other_imports(tmp_path: Path) -> None:
    with mock_aws():
        create("t")
        create("u")
        for number in range(60):
            one = {"k": {"S": f"é{number}"}, "n": {"N": "1.10"}, "b": {"B": b"\x00\x01"}, "l": {"L": [{"NULL": True}]}}
            dynamodb("eu-west-1").put_item(TableName="t", Item=one)
        where = {"myDDBRegion": "eu-west-1", "myDDBTableName": "t"}
        house = House(s3_client(), tmp_path)
        out = template("export-dynamodb-table-to-s3", myOutputS3Loc="s3://target/backups", **where)
        row = run(house, out, "TableBackupActivity")
        assert (row.status, dict(row.attempts[0].fields)["itemsCopied"]) == (Status.FINISHED, "60")
        folder = "s3://target/backups/2026-01-01-00-00-00"
        house = House(s3_client(), tmp_path)
        back = template("import-dynamodb-backup-from-s3", myInputS3Loc=folder, **where | {"myDDBTableName": "u"})
        row = run(house, back, "TableLoadActivity")
        assert (row.status, dict(row.attempts[0].fields)["itemsCopied"]) == (Status.FINISHED, "60")
        assert items("u") == items("t")


def in_segments(definition: Definition) -> Definition:
    """The export, asked to cut the table into twelve."""
    changed = [
        replace(item, fields=tuple(Field(f.key, f"{f.value},12") if f.key == "step" else f for f in item.fields))
        for item in definition.objects
    ]
    return replace(definition, objects=tuple(changed))


def fanned_out(tmp_path: Path) -> tuple[House, Any]:
    """An export of 60 items whose twelve segments wait on the queue as three chunks."""
    create("t")
    for number in range(60):
        dynamodb("eu-west-1").put_item(TableName="t", Item={"k": {"S": str(number)}})
    s3 = s3_client()
    house = House(s3, tmp_path)
    values = {"myDDBRegion": "eu-west-1", "myDDBTableName": "t", "myOutputS3Loc": "s3://target/backups"}
    house.store.put_definition(PIPELINE, 1, in_segments(template("export-dynamodb-table-to-s3", **values)))
    house.publish(Activated("activate", house.now(), 1))
    house.perform_tasks()
    house.pump()
    return house, s3


def ended(house: House) -> Instance | None:
    name = InstanceId("@TableBackupActivity_2026-01-01T00:00:00")
    return house.store.history(PIPELINE, [name]).get(name)


def test_segments_are_fanned_out_and_the_manifest_is_written_once_all_are_done(tmp_path: Path) -> None:
    with mock_aws():
        house, s3 = fanned_out(tmp_path)
        chunks = house.take(Queue.CHUNKS)
        assert len(chunks) == 3
        for body in (*chunks, chunks[0]):
            assert ended(house) is None
            perform_chunk(decode_chunk_message(body), house.ports, house.site)
        house.pump()
        row = ended(house)
        assert row is not None
        fields = dict(row.attempts[0].fields)
        assert (row.status, fields["itemsCopied"], fields["chunksMissing"]) == (Status.FINISHED, "60", "0")
        manifest = s3.get_object(Bucket="target", Key="backups/2026-01-01-00-00-00/manifest")["Body"].read()
        assert 4 < len(json.loads(manifest)["entries"]) <= 12


def test_chunks_that_are_delivered_again_end_the_task_once(tmp_path: Path) -> None:
    with mock_aws():
        house, s3 = fanned_out(tmp_path)
        for body in house.take(Queue.CHUNKS):
            perform_chunk(decode_chunk_message(body), house.ports, house.site, delivery=2)
        events = house.pump()
        assert sum(isinstance(event, TaskEnded) for event in events) == 1
        assert s3.get_object(Bucket="target", Key="backups/2026-01-01-00-00-00/manifest")
