"""A running system takes what is signed well, at both of its doors, and nothing else."""

import json
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.e2e.plane import Plane

MAY_CALL = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "execute-api:Invoke",
            "Resource": "arn:aws:execute-api:*:*:*/*/POST/*",
        },
    }
)


def caller(plane: Plane, door: str, key: str, secret: str, token: str | None = None) -> Any:
    return boto3.client(
        "datapipeline",
        endpoint_url=plane.endpoints[door],
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}),
    )


def refusal(client: Any) -> str:
    with pytest.raises(ClientError) as caught:
        client.list_pipelines()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    return str(caught.value.response["Error"]["Message"])


@pytest.mark.parametrize("door", ["wire", "aws"])
def test_a_wrong_secret_opens_neither_door(plane: Plane, door: str) -> None:
    assert caller(plane, door, "me", "me").list_pipelines()["hasMoreResults"] is not None
    said = refusal(caller(plane, door, "me", "not me"))
    assert said.startswith("The request signature we calculated does not match the signature you provided.")


@pytest.mark.parametrize("door", ["wire", "aws"])
def test_a_users_key_opens_until_it_is_deleted(plane: Plane, door: str, name: str) -> None:
    iam = plane.client("iam")
    user = f"{name}-{door}-{plane.control}"[:60]
    iam.create_user(UserName=user)
    made = iam.create_access_key(UserName=user)["AccessKey"]
    client = caller(plane, door, made["AccessKeyId"], made["SecretAccessKey"])
    assert f"user/{user} is not authorized to perform: execute-api:Invoke on resource" in refusal(client)
    iam.put_user_policy(UserName=user, PolicyName="call", PolicyDocument=MAY_CALL)
    assert "pipelineIdList" in client.list_pipelines()
    iam.delete_access_key(UserName=user, AccessKeyId=made["AccessKeyId"])
    assert refusal(client) == "The security token included in the request is invalid."


def test_an_assumed_role_opens_with_its_token(plane: Plane, name: str) -> None:
    iam, role = plane.client("iam"), f"{name}-{plane.control}"
    arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    iam.put_role_policy(RoleName=role, PolicyName="call", PolicyDocument=MAY_CALL)
    made = plane.client("sts").assume_role(RoleArn=arn, RoleSessionName="tester")["Credentials"]
    key, secret = made["AccessKeyId"], made["SecretAccessKey"]
    assert "pipelineIdList" in caller(plane, "wire", key, secret, made["SessionToken"]).list_pipelines()
    assert refusal(caller(plane, "wire", key, secret)) == "The security token included in the request is invalid."
