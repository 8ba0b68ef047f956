"""Stacks that an earlier try, killed half way, left in the middle of something or in ruins; moto in process."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.cloudformation.models import cloudformation_backends

from deploy import stacks
from deploy.site import Site
from deploy.stacks import Outcome, StackFailed

ACCOUNT, REGION, NAME = "123456789012", "us-east-1", "penstock-x-app"
OLD = {"Resources": {"One": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "one"}}}}
NEW = {"Resources": {**OLD["Resources"], "Two": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "two"}}}}


class Clouds:
    """CloudFormation of an account, whose stack goes through statuses, one each time that somebody looks."""

    def __init__(self) -> None:
        self._clients = {name: boto3.client(name, region_name=REGION) for name in ("cloudformation", "sns")}
        self.site = Site("x", ACCOUNT, "aws", REGION, embedded=True, client=self._clients.__getitem__)
        self._coming: list[str] = []
        events = self._clients["cloudformation"].meta.events
        events.register("before-call.cloudformation.DescribeStacks", self._looked)

    def stands(self, *statuses: str) -> None:
        stacks.bring(self.site, NAME, OLD, {})
        self._coming = list(statuses)

    @property
    def topics(self) -> Sequence[str]:
        listed = self._clients["sns"].list_topics()["Topics"]
        return sorted(item["TopicArn"].rpartition(":")[2] for item in listed)

    def _looked(self, **_: Any) -> None:
        for stack in cloudformation_backends[ACCOUNT][REGION].stacks.values():
            if self._coming and stack.name == NAME:
                stack.status = self._coming.pop(0)


@pytest.fixture
def clouds(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clouds]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "me")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield Clouds()


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        (("CREATE_IN_PROGRESS", "CREATE_COMPLETE"), Outcome.UPDATED),
        (("CREATE_IN_PROGRESS", "ROLLBACK_COMPLETE"), Outcome.CREATED),
        (("ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"), Outcome.CREATED),
        (("ROLLBACK_IN_PROGRESS", "ROLLBACK_FAILED"), Outcome.CREATED),
        (("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"), Outcome.UPDATED),
        (("UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"), Outcome.UPDATED),
        (("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"), Outcome.UPDATED),
        (("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"), Outcome.UPDATED),
        (("DELETE_IN_PROGRESS", "DELETE_FAILED"), Outcome.CREATED),
        (("REVIEW_IN_PROGRESS",), Outcome.CREATED),
    ],
)
def test_a_stack_that_was_left_half_way_is_brought_to_its_end(
    clouds: Clouds, statuses: Sequence[str], outcome: Outcome
) -> None:
    clouds.stands(*statuses)
    assert stacks.bring(clouds.site, NAME, NEW, {}) is outcome
    assert clouds.topics == ["one", "two"]
    present = stacks.standing(clouds.site, NAME)
    assert present is not None
    assert present.template == json.loads(json.dumps(NEW))


def test_a_stack_that_could_not_be_taken_back_is_left_to_its_owner(clouds: Clouds) -> None:
    clouds.stands("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED")
    with pytest.raises(StackFailed, match="UPDATE_ROLLBACK_FAILED"):
        stacks.bring(clouds.site, NAME, NEW, {})
    assert clouds.topics == ["one"]


def test_what_is_in_ruins_is_told_as_absent_before_it_is_made_anew(clouds: Clouds) -> None:
    clouds.stands("ROLLBACK_COMPLETE")
    assert stacks.standing(clouds.site, NAME) is None
    assert stacks.find(clouds.site, NAME) is not None


def test_a_stack_that_is_being_deleted_is_waited_for(clouds: Clouds) -> None:
    clouds.stands("DELETE_IN_PROGRESS", "DELETE_COMPLETE")
    assert stacks.delete(clouds.site, NAME) is Outcome.ABSENT


def test_what_a_try_makes_anew_goes_when_it_is_taken_back(clouds: Clouds) -> None:
    said: list[Any] = []
    events = clouds.site.client("cloudformation").meta.events
    for operation in ("CreateStack", "UpdateStack"):
        events.register(f"before-parameter-build.cloudformation.{operation}", lambda params, **_: said.append(params))
    stacks.bring(clouds.site, NAME, OLD, {})
    stacks.bring(clouds.site, NAME, NEW, {})
    assert [params["RetainExceptOnCreate"] for params in said] == [True, True]
