"""The console's files: what is served, under which policy, and that nothing else of the disk is."""

import json

import pytest

from chalicelib.edge.console import SignIn, asset, file, policy

POOL = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbC"
SIGN_IN = SignIn(POOL, "https://sign-in.example", "client")


def test_the_page_is_told_where_people_sign_in() -> None:
    told = json.loads(file("config.json", SIGN_IN).body)
    assert told["issuer"] == "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC"
    assert told["authorizationEndpoint"] == "https://sign-in.example/oauth2/authorize"
    assert told["scopes"] == ["penstock/read", "penstock/write", "penstock/operate"]


def test_a_stage_without_sign_in_says_so() -> None:
    answer = file("config.json", SignIn(POOL, "", ""))
    assert answer.status_code == 404
    assert "user pool" in json.loads(answer.body)["error"]["message"]


@pytest.mark.parametrize("name", ["../console.py", "..%2fsettings.py", "__init__.py", "", "assets/../../app.py"])
def test_no_other_file_can_be_asked_for(name: str) -> None:
    assert file(name, SIGN_IN).status_code == 404
    assert asset(name, SIGN_IN).status_code == 404


def test_scripts_come_from_here_alone_and_talk_to_the_sign_in_alone() -> None:
    rules = dict(rule.split(" ", 1) for rule in policy(SIGN_IN).split("; "))
    assert rules["script-src"] == "'self'"
    assert rules["connect-src"] == "'self' https://sign-in.example"
    assert rules["default-src"] == "'none'"
