"""Roles behind names: assumed once, kept until their credentials near their end."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.adapters.aws.looks import READING
from chalicelib.adapters.aws.sessions import Credentials, RoleSessions


class Wired:
    """Clients on moto, and what each was made with."""

    def __init__(self) -> None:
        self.time = datetime.now(UTC)
        self.made: list[tuple[str, str | None]] = []
        self.sessions = RoleSessions(self.make, self)
        self.assumed: list[str] = []

    def now(self) -> datetime:
        return self.time

    def make(self, service: str, credentials: Credentials | None, region: str | None, endpoint: str | None) -> Any:
        self.made.append((service, credentials.token if credentials else None))
        client = boto3.client(
            service,
            region_name=region or "us-east-1",
            aws_access_key_id=credentials.access_key if credentials else "testing",
            aws_secret_access_key=credentials.secret_key if credentials else "testing",
            aws_session_token=credentials.token if credentials else None,
        )

        def note(params: Any, **_: Any) -> None:
            self.assumed.append(params["RoleArn"])

        client.meta.events.register("provide-client-params.sts.AssumeRole", note)
        return client


@pytest.fixture
def wired() -> Iterator[Wired]:
    with mock_aws():
        yield Wired()


def test_without_a_role_the_process_acts_for_itself(wired: Wired) -> None:
    wired.sessions.under(None).tables.exists("t")
    assert wired.made == [("s3", None), ("dynamodb", None)]


def test_a_role_is_assumed_once_for_all_its_clients(wired: Wired) -> None:
    wired.sessions.under("worker").tables.exists("t")
    wired.sessions.under("worker").tables.exists("t")
    assert wired.assumed == ["arn:aws:iam::123456789012:role/worker"]
    clients = [token is not None for service, token in wired.made if service != "sts"]
    assert clients == [True, True]


def test_a_role_is_assumed_again_before_its_credentials_end(wired: Wired) -> None:
    first = wired.sessions.client("s3", "worker")
    wired.time += timedelta(minutes=45)
    assert wired.sessions.client("s3", "worker") is not first
    assert len(wired.assumed) == 2


def test_an_arn_is_taken_as_it_is(wired: Wired) -> None:
    arn = "arn:aws:iam::999999999999:role/path/other"
    wired.sessions.client("s3", arn)
    assert wired.assumed == [arn]


def test_credentials_show_no_secret() -> None:
    shown = repr(Credentials("AKIA", "hidden", "token", datetime.now(UTC)))
    assert "AKIA" in shown
    assert "hidden" not in shown
    assert "token" not in shown


def test_a_client_may_be_in_another_region(wired: Wired) -> None:
    assert wired.sessions.client("rds", "worker", "eu-west-1").meta.region_name == "eu-west-1"
    assert wired.sessions.client("rds", "worker").meta.region_name == "us-east-1"


def test_a_look_takes_a_role_on_cut_down_to_reading(wired: Wired) -> None:
    sent: list[str] = []
    wired.sessions = RoleSessions(wired.make, wired, READING)

    def note(params: Any, **_: Any) -> None:
        sent.append(params["Policy"])

    wired.sessions.client("sts", None).meta.events.register("provide-client-params.sts.AssumeRole", note)
    wired.sessions.under("worker").tables.exists("t")
    (statement,) = json.loads(sent[0])["Statement"]
    assert len(sent[0]) <= 2048
    assert not [action for action in statement["Action"] if re.search("Put|Write|Update|Delete|Create|Send", action)]
