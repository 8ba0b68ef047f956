"""The eleven templates of the service's console as definitions."""

import json
from typing import Any

import pytest

from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.definition.validate import activation_findings
from chalicelib.domain.values import parse_time
from docs.templates import SAYS, TEMPLATES

NOW = parse_time("2029-12-31")
TYPES = {"String", "Integer", "Double", "AWS::S3::ObjectKey"}


def documents() -> dict[str, Any]:
    return {path.stem: json.loads(path.read_text()) for path in TEMPLATES.glob("*.json")}


def some_value(parameter: dict[str, Any]) -> str:
    if parameter["type"] == "AWS::S3::ObjectKey":
        return "s3://bucket/key"
    return str(parameter.get("watermark") or "value").split("\n")[0]


def test_there_are_the_consoles_eleven() -> None:
    assert len(SAYS) == 11
    assert set(documents()) == set(SAYS)


@pytest.mark.parametrize("name", SAYS)
def test_every_parameter_is_typed_described_and_used(name: str) -> None:
    document = documents()[name]
    text = json.dumps(document["objects"])
    for parameter in document["parameters"]:
        assert parameter["type"] in TYPES, parameter
        assert parameter["description"], parameter
        assert "#{" + parameter["id"] + "}" in text, parameter


@pytest.mark.parametrize("name", SAYS)
@pytest.mark.parametrize("everything", [False, True], ids=["required", "all"])
def test_it_can_be_activated_once_the_parameters_have_values(name: str, everything: bool) -> None:
    document = documents()[name]
    values = {
        each["id"]: some_value(each)
        for each in document["parameters"]
        if "default" not in each and each["type"] != "Integer" and (everything or each.get("optional") != "true")
    }
    definition = from_file({**document, "values": values})
    found = activation_findings(definition, limits=Limits(), now=NOW, first_activation=None)
    # startDateTime takes a literal only, so that a template for any day has to use startAt, which is deprecated.
    warned = [text for said in found.warnings.values() for text in said if "'startAt' is deprecated" not in text]
    assert (found.fatal, found.errors, warned) == ((), {}, [])
