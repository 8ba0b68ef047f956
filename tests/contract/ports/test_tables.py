"""What ports/tables promises, asked of DynamoDB as moto and as ministack play it."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from chalicelib.adapters.aws.tables import DynamoTables
from chalicelib.ports.errors import Denied, Missing, Rejected, Throttled
from chalicelib.ports.tables import Item, Segment
from tests.contract.ports.conftest import Foundation
from tests.s3_on_moto import Raw

ITEMS: list[Item] = [
    {
        "k": {"S": str(number)},
        "r": {"B": bytes([number])},
        "n": {"N": "-1.5"},
        "set": {"BS": [b"\x00", b"\xff"]},
        "deep": {"M": {"l": {"L": [{"NULL": True}, {"BOOL": False}, {"S": ""}, {"M": {}}]}}},
    }
    for number in range(25)
]


@pytest.fixture(params=["moto", "ministack"])
def client(request: pytest.FixtureRequest, fresh: Callable[[], str]) -> Iterator[Any]:
    foundation: Foundation = request.getfixturevalue(request.param)
    made = foundation.client("dynamodb")
    yield made
    made.close()


@pytest.fixture
def table(client: Any, fresh: Callable[[], str]) -> Iterator[str]:
    name = fresh()
    create(client, name, BillingMode="PAY_PER_REQUEST")
    yield name
    client.delete_table(TableName=name)


def create(client: Any, name: str, **more: Any) -> None:
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "r", "KeyType": "RANGE"}, {"AttributeName": "k", "KeyType": "HASH"}][::-1],
        AttributeDefinitions=[
            {"AttributeName": "k", "AttributeType": "S"},
            {"AttributeName": "r", "AttributeType": "B"},
        ],
        **more,
    )


@pytest.fixture
def tables(client: Any) -> DynamoTables:
    return DynamoTables(lambda _: client)


def test_a_table_exists_or_not(tables: DynamoTables, table: str) -> None:
    assert (tables.exists(table), tables.exists("none")) == (True, False)


def test_a_table_may_be_named_by_its_arn(moto: Foundation, fresh: Callable[[], str]) -> None:
    made, name = moto.client("dynamodb"), fresh()  # ministack knows tables by name only
    create(made, name, BillingMode="PAY_PER_REQUEST")
    arn = made.describe_table(TableName=name)["Table"]["TableArn"]
    assert DynamoTables(lambda _: made).exists(arn)


def test_a_table_has_items_or_not(client: Any, tables: DynamoTables, table: str) -> None:
    assert (tables.has_items(table), tables.has_items("none")) == (False, False)
    client.put_item(TableName=table, Item=ITEMS[0])
    assert tables.has_items(table)


def answering(client: Any, code: str) -> None:
    body = f'{{"__type": "com.amazonaws#{code}", "message": "no"}}'.encode()
    client.meta.events.register("before-send.dynamodb", lambda **_: AWSResponse("http://x", 400, {}, Raw(body)))


def test_a_refusal_is_no_answer(client: Any, tables: DynamoTables) -> None:
    answering(client, "AccessDeniedException")
    with pytest.raises(Denied):
        tables.exists("t")


@pytest.mark.parametrize(
    "code", ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"]
)
def test_too_much_at_once_is_throttled(client: Any, tables: DynamoTables, code: str) -> None:
    answering(client, code)
    with pytest.raises(Throttled):
        tables.scan("t", Segment(0, 1), None, None)
    with pytest.raises(Throttled):
        tables.put("t", ITEMS)


def test_a_table_tells_its_key_and_what_bounds_it(client: Any, tables: DynamoTables, table: str, fresh: Any) -> None:
    shape = tables.describe(table)
    assert (shape.key, shape.read_units, shape.write_units) == (("k", "r"), None, None)
    name = fresh()
    create(client, name, ProvisionedThroughput={"ReadCapacityUnits": 7, "WriteCapacityUnits": 3})
    shape = tables.describe(name)
    assert (shape.read_units, shape.write_units) == (7, 3)
    client.delete_table(TableName=name)


def scan(tables: DynamoTables, table: str, total: int, most: int | None) -> list[Item]:
    found: list[Item] = []
    for number in range(total):
        page = tables.scan(table, Segment(number, total), None, most)
        found += page.items
        while page.after is not None:
            page = tables.scan(table, Segment(number, total), page.after, most)
            found += page.items
    return found


def canonical(items: list[Item]) -> list[str]:
    return sorted(str(sorted((name, str(value)) for name, value in one.items())) for one in items)


@pytest.mark.parametrize("total", [1, 4])
@pytest.mark.parametrize("most", [None, 3])
def test_segments_page_by_page_make_the_table(tables: DynamoTables, table: str, total: int, most: int | None) -> None:
    assert tables.put(table, ITEMS).rest == ()
    assert canonical(scan(tables, table, total, most)) == canonical(ITEMS)


def test_the_key_of_any_item_is_a_place_to_go_on(tables: DynamoTables, table: str) -> None:
    tables.put(table, ITEMS)
    whole = list(tables.scan(table, Segment(0, 1), None, None).items)
    key = {name: whole[9][name] for name in ("k", "r")}
    assert list(tables.scan(table, Segment(0, 1), key, None).items) == whole[10:]


def test_an_item_replaces_what_has_its_key(tables: DynamoTables, table: str) -> None:
    tables.put(table, ITEMS)
    other: Item = {"k": ITEMS[0]["k"], "r": ITEMS[0]["r"]}
    tables.put(table, [other])
    assert canonical(scan(tables, table, 2, None)) == canonical([other, *ITEMS[1:]])


def test_what_was_not_taken_comes_back(client: Any, tables: DynamoTables) -> None:
    body = b'{"UnprocessedItems": {"t": [{"PutRequest": {"Item": {"k": {"S": "1"}, "r": {"B": "AA=="}}}}]}}'
    client.meta.events.register("before-send.dynamodb", lambda **_: AWSResponse("http://x", 200, {}, Raw(body)))
    assert tables.put("t", ITEMS).rest == ({"k": {"S": "1"}, "r": {"B": b"\x00"}},)


def test_a_missing_table_and_a_wrong_item_are_told_apart(tables: DynamoTables, table: str) -> None:
    calls = [
        partial(tables.describe, "none"),
        partial(tables.scan, "none", Segment(0, 1), None, None),
        partial(tables.put, "none", ITEMS),
    ]
    for call in calls:
        with pytest.raises(Missing):
            call()
    with pytest.raises(Rejected):
        tables.put(table, [{"k": {"S": "1"}}])


def test_the_tables_of_another_region_are_others(fresh: Callable[[], str]) -> None:
    asked: list[str | None] = []
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}

    def clients(region: str | None) -> Any:
        asked.append(region)
        made = boto3.client("dynamodb", region_name=region or "us-east-1", config=Config(), **keys)
        answering(made, "ResourceNotFoundException")
        return made

    assert not DynamoTables(clients).in_region("eu-west-1").exists("t")
    assert asked == ["eu-west-1"]
