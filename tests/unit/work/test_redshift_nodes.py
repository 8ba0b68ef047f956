"""Where a RedshiftDatabase is, and who asks."""

import pytest

from chalicelib.ports.errors import Rejected
from chalicelib.ports.warehouse import Warehouse
from chalicelib.work.redshift.nodes import warehouse_of
from tests.workbench import item

SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:redshift-abc"
HOST = "sales.abc123xyz.eu-west-1.redshift.amazonaws.com"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"clusterId": "sales"}, Warehouse("sales", None, "dev", "ann", None, None)),
        (
            {"clusterId": "sales", "databaseName": "shop", "region": "eu-west-1"},
            Warehouse("sales", None, "shop", "ann", None, "eu-west-1"),
        ),
        ({"clusterId": "sales", "*password": SECRET}, Warehouse("sales", None, "dev", None, SECRET, None)),
        (
            {"connectionString": f"jdbc:redshift://{HOST}:5439/shop?ssl=true"},
            Warehouse("sales", None, "shop", "ann", None, "eu-west-1"),
        ),
        (
            {"connectionString": f"jdbc:postgresql://{HOST}:5439/shop", "databaseName": "other"},
            Warehouse("sales", None, "other", "ann", None, "eu-west-1"),
        ),
        (
            {"connectionString": "jdbc:redshift:iam://sales:us-west-2/shop"},
            Warehouse("sales", None, "shop", "ann", None, "us-west-2"),
        ),
        (
            {
                "connectionString": "jdbc:redshift://wg.123456789012.us-east-1.redshift-serverless.amazonaws.com:5439/shop"
            },
            Warehouse(None, "wg", "shop", None, None, "us-east-1"),
        ),
    ],
)
def test_a_database_is_found_by_its_fields(fields: dict[str, str], expected: Warehouse) -> None:
    given = {"username": "ann", "*password": "secret", **fields}
    assert warehouse_of(item("Db", type="RedshiftDatabase", **given)) == expected


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"clusterId": "a", "connectionString": f"jdbc:redshift://{HOST}:5439/shop"},
        {"connectionString": "jdbc:mysql://host/shop"},
        {"connectionString": "jdbc:redshift://10.0.0.1:5439/shop?password=hidden"},
    ],
)
def test_what_is_no_database_is_refused_without_its_secrets(fields: dict[str, str]) -> None:
    with pytest.raises(Rejected, match="Db") as caught:
        warehouse_of(item("Db", type="RedshiftDatabase", **fields))
    assert "hidden" not in str(caught.value)
