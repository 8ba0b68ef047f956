"""What is said when AWS refuses a call."""

import pytest

from deploy.chalice_command import ChaliceFailed
from deploy.refusals import ADVICE, explained

USER = "User: arn:aws:iam::123456789012:user/me is not authorized to perform: {} on resource: arn:aws:x"


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        (
            "An error occurred (AccessDenied) when calling the CreateStack operation: "
            + USER.format("cloudformation:CreateStack"),
            "cloudformation:CreateStack",
        ),
        ("An error occurred (AccessDenied) when calling the PutObject operation: Access Denied", "PutObject"),
        (
            "An error occurred (AccessDeniedException) when calling the\n CreateFunction operation: not authorized\n "
            "to perform: lambda:CreateFunction on resource: x",
            "lambda:CreateFunction",
        ),
        (
            "stack penstock-prod-foundation is ROLLBACK_COMPLETE\n  Pipelines (AWS::DynamoDB::Table): "
            + USER.format("dynamodb:CreateTable")
            + "\n  Key (AWS::KMS::Key): "
            + USER.format("kms:CreateKey"),
            "dynamodb:CreateTable, kms:CreateKey",
        ),
    ],
)
def test_a_refusal_names_each_permission_that_is_missing_and_what_to_do(text: str, missing: str) -> None:
    assert explained(text) == f"{text}\n\nNot permitted: {missing}. {ADVICE}"


def test_other_failures_are_told_as_they_are() -> None:
    assert explained("stack x is ROLLBACK_COMPLETE") == "stack x is ROLLBACK_COMPLETE"


def test_of_a_failure_of_chalice_its_cause_is_told_and_not_where_in_chalice_it_was() -> None:
    said = (
        "Creating\nTraceback (most recent call last):\n  File x\nchalice.ChaliceDeploymentError: ERROR - While\n\n it"
    )
    assert str(ChaliceFailed(1, said)) == "chalice ended with status 1:\nWhile\n\n it"
    assert str(ChaliceFailed(2, "Usage: chalice")) == "chalice ended with status 2:\nUsage: chalice"
