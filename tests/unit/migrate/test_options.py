"""The command line of a migration: what it takes, and how it says no."""

import boto3
import pytest
from botocore.config import Config

from penstock_migrate.__main__ import main
from penstock_migrate.account import Account
from penstock_migrate.errors import Unanswered, Unusable
from penstock_migrate.options import parse


@pytest.mark.parametrize(
    "arguments",
    [(), ("fly",), ("create",), ("switch",), ("switch", "--all", "df-1"), ("rollback",), ("report", "--secrets", "x")],
    ids=" ".join,
)
def test_a_command_line_that_makes_no_sense_is_refused(arguments):
    with pytest.raises(Unusable):
        parse(arguments)


def test_both_sides_may_be_anywhere():
    options = parse(["--source-profile", "old", "--target-endpoint", "https://p/datapipeline", "report", "df-1"])
    assert (options.source.profile, options.target.endpoint) == ("old", "https://p/datapipeline")
    assert options.pipelines == ("df-1",)


def test_without_a_target_the_program_says_how_to_name_one(monkeypatch, capsys):
    monkeypatch.delenv("AWS_ENDPOINT_URL_DATA_PIPELINE", raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert main(["report"]) == 2
    assert "--target-endpoint" in capsys.readouterr().err


def test_a_side_that_cannot_be_reached_is_named():
    session = boto3.Session("me", "me", region_name="us-east-1")
    once = Config(retries={"total_max_attempts": 1})
    client = session.client("datapipeline", endpoint_url="http://127.0.0.1:9/datapipeline", config=once)
    with pytest.raises(Unanswered, match="The source does not answer ListPipelines: "):
        list(Account("source", client).pipelines())
