"""Secrets that have to be given again: which they are, and where they come from."""

import pytest

from chalicelib.domain.definition.encoding import from_file
from penstock_migrate.errors import Unusable
from penstock_migrate.secret_values import Lookups, Secrets, filled, masked, read_secrets, secret_places, template

DEFINITION = from_file(
    {
        "objects": [
            {"id": "Db", "type": "JdbcDatabase", "*password": "*****"},
            {"id": "Other", "type": "JdbcDatabase", "*password": "#{*myPassword}"},
        ],
        "parameters": [{"id": "*myPassword", "default": "*****"}, {"id": "myOpen", "default": "x"}],
        "values": {"*myToken": "AQIC"},
    }
)
LOOKUPS = Lookups({"DB": "from the environment"}, {"shop": '{"token": "from a member"}', "raw": "whole"}.__getitem__)


def value(entry: object) -> str | None:
    return Secrets({"df-1": {"Db.*password": entry}}, LOOKUPS).value("df-1", "Db.*password")


def test_expressions_are_no_secrets_but_what_they_name_is():
    assert secret_places(DEFINITION) == ("Db.*password", "*myToken", "*myPassword")


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("itself", "itself"),
        ({"env": "DB"}, "from the environment"),
        ({"secret": "shop", "key": "token"}, "from a member"),
        ({"secret": "raw"}, "whole"),
        ({"arn": "arn:aws:secretsmanager:x"}, "arn:aws:secretsmanager:x"),
    ],
    ids=["text", "env", "member", "secret", "arn"],
)
def test_a_value_is_read_where_its_entry_says(entry, expected):
    assert value(entry) == expected


def test_a_value_is_read_from_a_file_without_its_last_line_break(tmp_path):
    (tmp_path / "password").write_text("deep\n")
    assert value({"file": str(tmp_path / "password")}) == "deep"


@pytest.mark.parametrize(
    "entry",
    [
        {"env": "GONE"},
        {"secret": "raw", "key": "x"},
        {"secret": "shop", "key": "x"},
        {"file": "/nowhere"},
        {"x": "y"},
        7,
    ],
    ids=["env", "not JSON", "member", "file", "shape", "number"],
)
def test_an_entry_that_leads_nowhere_is_refused_without_a_value(entry):
    with pytest.raises(Unusable) as refused:
        value(entry)
    assert "Db.*password" in str(refused.value)
    assert "whole" not in str(refused.value)


def test_a_pipelines_own_entry_wins_over_that_of_every_pipeline():
    secrets = Secrets({"*": {"Db.*password": "all"}, "df-1": {"Db.*password": "own"}})
    assert [secrets.value(name, "Db.*password") for name in ("df-1", "df-2")] == ["own", "all"]


def test_secrets_are_filled_in_and_those_that_are_missing_left_out():
    whole, missing = filled(DEFINITION, "df-1", Secrets({"*": {"*myPassword": "p", "*myToken": "t"}}))
    assert missing == ("Db.*password",)
    assert whole.by_id()["Db"].values("*password") == ()
    assert {item.id: item.value for item in whole.values} == {"*myToken": "t", "*myPassword": "p"}
    assert [len(item.attributes) for item in whole.parameters] == [0, 1]


def test_two_definitions_that_differ_in_secrets_alone_look_the_same_masked():
    one, other = (filled(DEFINITION, "x", Secrets({"x": {"Db.*password": word}}))[0] for word in ("a", "b"))
    assert masked(one) == masked(other) != one


def test_a_file_with_values_in_it_must_be_its_owners_alone(tmp_path):
    path = tmp_path / "secrets.toml"
    path.write_text('["df-1"]\n"Db.*password" = "hunter2"\n')
    path.chmod(0o644)
    with pytest.raises(Unusable, match="chmod 600"):
        read_secrets(path, LOOKUPS)
    path.chmod(0o600)
    secrets = read_secrets(path, LOOKUPS)
    assert secrets.value("df-1", "Db.*password") == "hunter2"
    assert "hunter2" not in repr(secrets)


@pytest.mark.parametrize("text", ["not = [toml", '"df-1" = "flat"'], ids=["no TOML", "no tables"])
def test_a_file_of_another_form_is_refused(tmp_path, text):
    (tmp_path / "secrets.toml").write_text(text)
    with pytest.raises(Unusable, match="--secrets"):
        read_secrets(tmp_path / "secrets.toml", LOOKUPS)


def test_the_template_can_be_read_back(tmp_path):
    path = tmp_path / "secrets.toml"
    path.write_text("\n".join(template({"df-1": ("Db.*password", "*myToken")})))
    secrets = read_secrets(path, Lookups({"DB_PASSWORD": "p", "MYTOKEN": "t"}))
    assert [secrets.value("df-1", place) for place in ("Db.*password", "*myToken")] == ["p", "t"]
