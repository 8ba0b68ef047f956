"""The language as data: every case of tests/cases/expression, each naming the page it comes from."""

import json
from pathlib import Path

import pytest

from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.errors import ExpressionError
from chalicelib.domain.expression.evaluate import evaluate
from chalicelib.domain.expression.functions import FUNCTIONS
from chalicelib.domain.expression.scene import Scene
from chalicelib.domain.values import Ref, parse_time

CASES = Path(__file__).parents[2] / "cases" / "expression"


def scene(given: dict) -> Scene:
    """A case's `given`: objects as in a definition file, parameters, runtime fields (times in the service's form)."""
    objects = {item["id"]: an_object(item) for item in given.get("objects", [{"id": "It", **given.get("fields", {})}])}
    runtime = {
        owner: {name: moment(value) for name, value in fields.items()}
        for owner, fields in given.get("runtime", {}).items()
    }
    parameters = {
        name: (value,) if isinstance(value, str) else tuple(value)
        for name, value in given.get("parameters", {}).items()
    }
    return Scene(objects, parameters, runtime, given.get("node"))


def an_object(item: dict) -> PipelineObject:
    fields = []
    for key, written in item.items():
        if key not in ("id", "name"):
            for value in written if isinstance(written, list) else [written]:
                fields.append(Field(key, Ref(value["ref"]) if isinstance(value, dict) else value))
    return PipelineObject(item["id"], item.get("name", item["id"]), tuple(fields))


def moment(value: str):
    return parse_time(value) if value[4:5] == "-" and value[10:11] == "T" else value


def cases() -> list:
    found = []
    for path in sorted(CASES.glob("*.json")):
        for number, case in enumerate(json.loads(path.read_text())):
            found.append(pytest.param(case, id=f"{path.stem}-{number}-{case['expression'][:60]}"))
    return found


@pytest.mark.parametrize("case", cases())
def test_an_expression_gives_its_documented_result(case):
    given = case.get("given", {})
    scope = scene(given).linked(given.get("scope", "It"))
    if "error" in case:
        with pytest.raises(ExpressionError) as caught:
            evaluate(case["expression"], scope)
        assert caught.value.column == case["error"]["column"]
        assert case["error"]["says"] in caught.value.reason
    else:
        expected = case["result"]
        assert evaluate(case["expression"], scope) == ((expected,) if isinstance(expected, str) else tuple(expected))


def test_every_function_has_a_case():
    expressions = " ".join(case.values[0]["expression"] for case in cases())
    assert [name for name in FUNCTIONS if f"{name}(" not in expressions] == []


def test_every_case_names_its_source():
    for path in CASES.glob("*.json"):
        for case in json.loads(path.read_text()):
            assert case["source"], case
            assert ("result" in case) != ("error" in case), case
