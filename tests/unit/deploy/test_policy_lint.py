"""Policies are as narrow as they can be, and the linter that says so can fail."""

from typing import Any

import pytest

from deploy.policies import policies
from deploy.policy_lint import faults
from deploy.site import REPOSITORY

TABLE = "arn:*:dynamodb:*:*:table/penstock-qa-states"


def found(**statement: Any) -> list[str]:
    return list(faults({"Statement": [{"Sid": "S", "Effect": "Allow", **statement}]}, "qa"))


@pytest.mark.parametrize("function", policies(REPOSITORY, "qa"))
def test_a_functions_policy_is_narrow(function: str) -> None:
    assert list(faults(policies(REPOSITORY, "qa")[function], "qa")) == []


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ({"Action": "dynamodb:*", "Resource": TABLE}, "S: dynamodb:* is no single action"),
        ({"Action": "*", "Resource": TABLE}, "S: * is no single action"),
        ({"Action": ["dynamodb:Get*"], "Resource": TABLE}, "S: dynamodb:Get* is no single action"),
        ({"Action": "dynamodb:GetItem", "Resource": "*"}, "S: dynamodb:GetItem on anything"),
        ({"Action": "sns:Publish", "Resource": ["*"]}, "S: sns:Publish on anything"),
        ({"NotAction": "iam:PassRole", "Resource": TABLE}, "S: names what is not meant"),
        (
            {"Action": "dynamodb:GetItem", "Resource": TABLE.replace("qa", "qa2")},
            "S: arn:*:dynamodb:*:*:table/penstock-qa2-states is not of the stage",
        ),
        (
            {"Action": "dynamodb:GetItem", "Resource": "arn:*:dynamodb:*:*:table/*"},
            "S: arn:*:dynamodb:*:*:table/* is not of the stage",
        ),
        (
            {"Action": "kms:Decrypt", "Resource": "arn:*:kms:*:*:key/*"},
            "S: arn:*:kms:*:*:key/* without a condition",
        ),
        (
            {"Action": "iam:PassRole", "Resource": "arn:*:iam::*:role/penstock-qa-rules-*"},
            "S: iam:PassRole without the service that the role is passed to",
        ),
    ],
)
def test_a_broad_statement_is_told(statement: dict[str, Any], fault: str) -> None:
    assert found(**statement) == [fault]


def test_a_denial_may_be_as_broad_as_it_likes() -> None:
    assert list(faults({"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}, "qa")) == []
