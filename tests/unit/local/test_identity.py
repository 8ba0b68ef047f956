"""An access key's holder: by number, by default, or as the embedded AWS gave it out."""

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
        wanted = Key(name, made["SecretAccessKey"], "123456789012", "arn:aws:iam::123456789012:user/ann")
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
