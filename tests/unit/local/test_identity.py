"""An access key's holder: by number, by default, or as the embedded AWS gave it out."""

import json

import boto3
from moto import mock_aws

from local.identity import EmbeddedKeys, Key, played
from local.keys.issued import issued

KEYS = {"region_name": "us-east-1", "aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


def test_any_key_is_its_own_secret_in_the_default_account() -> None:
    key = EmbeddedKeys().find("me")
    assert key == Key("me", "me", "123456789012", "arn:aws:iam::123456789012:user/me")
    assert key.identity()["userArn"] == "arn:aws:iam::123456789012:user/me"


def test_a_key_of_twelve_digits_is_that_account() -> None:
    assert played("999900001111").account == "999900001111"


def test_a_users_key_is_the_users_until_it_is_switched_off_or_deleted() -> None:
    with mock_aws():
        iam = boto3.client("iam", **KEYS)
        iam.create_user(UserName="ann")
        made = iam.create_access_key(UserName="ann")["AccessKey"]
        name, keys = made["AccessKeyId"], EmbeddedKeys(issued)
        arn = "arn:aws:iam::123456789012:user/ann"
        wanted = Key(name, made["SecretAccessKey"], "123456789012", arn, policies=())
        assert keys.find(name) == wanted
        iam.update_access_key(UserName="ann", AccessKeyId=name, Status="Inactive")
        assert keys.find(name) is None
        iam.update_access_key(UserName="ann", AccessKeyId=name, Status="Active")
        assert keys.find(name) == wanted
        iam.delete_access_key(UserName="ann", AccessKeyId=name)
        assert keys.find(name) is None


def test_an_assumed_role_is_of_its_own_account() -> None:
    with mock_aws():
        sts = boto3.client("sts", **KEYS)
        made = sts.assume_role(RoleArn="arn:aws:iam::999900001111:role/r", RoleSessionName="se")["Credentials"]
        key = EmbeddedKeys(issued).find(made["AccessKeyId"])
        assert key is not None
        assert (key.secret, key.token) == (made["SecretAccessKey"], made["SessionToken"])
        assert (key.account, key.arn) == ("999900001111", "arn:aws:sts::999900001111:assumed-role/r/se")
        assert key.expires


ALLOWED = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "execute-api:*", "Resource": "*"}]}


def test_a_user_has_the_policies_of_their_own_and_of_their_groups() -> None:
    with mock_aws():
        iam, document = boto3.client("iam", **KEYS), json.dumps(ALLOWED)
        iam.create_user(UserName="ann")
        iam.put_user_policy(UserName="ann", PolicyName="inline", PolicyDocument=document)
        attached = iam.create_policy(PolicyName="attached", PolicyDocument=document)["Policy"]["Arn"]
        iam.attach_user_policy(UserName="ann", PolicyArn=attached)
        iam.create_group(GroupName="team")
        iam.put_group_policy(GroupName="team", PolicyName="inline", PolicyDocument=document)
        iam.add_user_to_group(UserName="ann", GroupName="team")
        key = issued(iam.create_access_key(UserName="ann")["AccessKey"]["AccessKeyId"])
        assert key is not None
        assert key.policies == (ALLOWED, ALLOWED, ALLOWED)


def test_an_assumed_role_has_the_roles_policies() -> None:
    with mock_aws():
        iam, sts = boto3.client("iam", **KEYS), boto3.client("sts", **KEYS)
        role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        iam.put_role_policy(RoleName="r", PolicyName="inline", PolicyDocument=json.dumps(ALLOWED))
        made = sts.assume_role(RoleArn=role, RoleSessionName="se")["Credentials"]["AccessKeyId"]
        key = issued(made)
        assert key is not None
        assert key.policies == (ALLOWED,)
