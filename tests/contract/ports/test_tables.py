"""What ports/tables promises, asked of DynamoDB as moto plays it."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from moto import mock_aws

from chalicelib.adapters.aws.tables import DynamoTables
from chalicelib.ports.errors import Denied
from tests.s3_on_moto import Raw


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client(
            "dynamodb", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
        )
        client.create_table(
            TableName="t",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        )
        yield client


def test_a_table_exists_by_name_and_arn(client: Any) -> None:
    tables = DynamoTables(lambda _: client)
    arn = client.describe_table(TableName="t")["Table"]["TableArn"]
    assert (tables.exists("t"), tables.exists(arn), tables.exists("none")) == (True, True, False)


def test_a_table_has_items_or_not(client: Any) -> None:
    tables = DynamoTables(lambda _: client)
    assert (tables.has_items("t"), tables.has_items("none")) == (False, False)
    client.put_item(TableName="t", Item={"k": {"S": "v"}})
    assert tables.has_items("t")


def test_a_refusal_is_no_answer(client: Any) -> None:
    body = b'{"__type": "com.amazonaws#AccessDeniedException", "message": "no"}'
    refusal = AWSResponse("http://x", 400, {}, Raw(body))
    client.meta.events.register("before-send.dynamodb", lambda **_: refusal)
    with pytest.raises(Denied):
        DynamoTables(lambda _: client).exists("t")
