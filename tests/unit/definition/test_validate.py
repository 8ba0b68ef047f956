"""Findings, by cases: a sound definition, one change, and what must be said of it."""

import json
from pathlib import Path

import pytest

from chalicelib.domain.definition.checks.expressions import RUNTIME
from chalicelib.domain.definition.encoding import from_api, from_file
from chalicelib.domain.definition.limits import SERVICE, Limits
from chalicelib.domain.definition.model import Definition, Field, Findings, PipelineObject
from chalicelib.domain.definition.validate import activation_findings, validate
from chalicelib.domain.run.runtime import instance_fields
from chalicelib.domain.run.state import Attempt, Instance
from chalicelib.domain.run.status import Status
from chalicelib.domain.values import ComponentId, InstanceId, PipelineId, Ref, parse_time

CASES = Path(__file__).parents[2] / "cases" / "definitions"
BASE = {item["id"]: item for item in json.loads((CASES / "base.json").read_text())}
NOW = parse_time("2029-12-31")


def case_params():
    for name in ("fields", "references", "schedules", "parameters", "edits", "triggers", "models"):
        for case in json.loads((CASES / f"{name}.json").read_text()):
            yield pytest.param(case, id=f"{name}: {case['name']}")


CASE_PARAMS = list(case_params())


def changed(change):
    objects = {key: dict(item) for key, item in BASE.items()}
    for key, fields in change.items():
        if fields is None:
            del objects[key]
            continue
        merged = {**objects.get(key, {"id": key}), **fields}
        objects[key] = {field: value for field, value in merged.items() if value is not None}
    return list(objects.values())


def document(case):
    return {
        "objects": changed(case.get("change", {})),
        "parameters": case.get("parameters", []),
        "values": case.get("values", {}),
    }


def found(case):
    definition = from_file(document(case))
    circumstances = {
        "limits": SERVICE if case.get("limits") == "service" else Limits(),
        "now": parse_time(case["now"]) if "now" in case else NOW,
    }
    previous = from_file({"objects": changed(case["previous"])}) if "previous" in case else None
    if case.get("activate"):
        return activation_findings(definition, first_activation=None, previous=previous, **circumstances)
    return validate(definition, previous=previous, **circumstances)


def unlike(expected, sentences):
    """What differs: ids, numbers of sentences, or sentences that do not begin as expected."""
    wrong = {key: sentences.get(key) for key in expected.keys() ^ sentences.keys()}
    for key in expected.keys() & sentences.keys():
        pairs = zip(sorted(expected[key]), sorted(sentences[key]), strict=False)
        if len(expected[key]) != len(sentences[key]) or not all(said.startswith(start) for start, said in pairs):
            wrong[key] = sentences[key]
    return wrong


@pytest.mark.parametrize("case", CASE_PARAMS)
def test_a_case_gives_exactly_its_findings(case):
    findings = found(case)
    assert findings.fatal == ()
    assert unlike(case.get("errors", {}), findings.errors) == {}
    assert unlike(case.get("warnings", {}), findings.warnings) == {}


@pytest.mark.parametrize("case", CASE_PARAMS)
def test_a_case_names_its_source(case):
    assert case["source"]


def of(*objects, limits=None):
    return validate(Definition(objects), limits=limits or Limits(), now=NOW)


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (PipelineObject("", "n", ()), "Object number 1 has no id."),
        (PipelineObject("A", "", ()), "Object 'A' has no name."),
        (PipelineObject("A", "A", (Field("command", ""),)), "Object 'A' has an empty value in field 'command'."),
        (PipelineObject("A", "A", (Field("input", Ref("")),)), "Object 'A' has an empty reference in field 'input'."),
    ],
)
def test_what_is_empty_is_fatal(item, said):
    assert of(item).fatal == (f"EMPTY_VALUE: {said}",)


def test_too_many_objects_are_fatal():
    items = [PipelineObject(f"A{n}", "A", ()) for n in range(101)]
    expected = "LIMIT_EXCEEDED: A pipeline has at most 100 objects, 101 were given."
    assert of(*items, limits=SERVICE) == Findings((expected,))


def test_an_id_used_twice_is_found():
    [finding] = of(*[PipelineObject("F", "F", (Field("type", "CSV"),))] * 2).errors["F"]
    assert finding == "INVALID_OBJECT: The id 'F' is used 2 times, it must be used once."


def test_sizes_are_found_with_what_is_allowed():
    long = Field("column", "x" * 10_241)
    many = [Field(f"my_{n}", "x") for n in range(60)]
    said = of(PipelineObject("F", "F", (Field("type", "CSV"), long, *many)), limits=SERVICE).errors["F"]
    assert said == (
        "LIMIT_EXCEEDED: At most 50 fields of the object are allowed, there are 62.",
        "LIMIT_EXCEEDED: At most 10240 bytes of the value of 'column' are allowed, there are 10241.",
    )


def test_bytes_are_counted_not_characters():
    said = of(PipelineObject("é" * 200, "F", (Field("type", "CSV"),))).errors["é" * 200]
    assert said == ("LIMIT_EXCEEDED: At most 256 bytes of the id are allowed, there are 400.",)


def test_too_many_values_of_a_step_are_found():
    steps = [Field("step", "a,b")] * 256
    item = PipelineObject("E", "E", (Field("type", "EmrActivity"), Field("workerGroup", "w"), *steps))
    assert any("'step' takes at most 255 values, 256 were given" in said for said in of(item).errors["E"])


def test_references_into_one_object_are_counted():
    items = [
        PipelineObject(f"A{n}", "A", (Field("type", "CopyActivity"), Field("dependsOn", Ref("T")))) for n in range(33)
    ]
    target = PipelineObject("T", "T", (Field("type", "CopyActivity"),))
    said = of(target, *items, limits=SERVICE).errors["T"]
    assert "LIMIT_EXCEEDED: 33 fields refer to this object, at most 32 may." in said


def test_parameters_and_their_values_are_counted():
    parameters = [{"id": f"my{n}", "attributes": [{"key": "optional", "stringValue": "true"}]} for n in range(51)]
    values = [{"id": "my0", "stringValue": "x" * 16_000}]
    findings = validate(from_api([], parameters, values), limits=SERVICE, now=NOW)
    assert findings.errors["Default"] == (
        "LIMIT_EXCEEDED: At most 50 parameters are allowed, there are 51.",
        "LIMIT_EXCEEDED: At most 15360 bytes of parameter values are allowed, there are 16003.",
    )


def test_every_fault_is_found_at_once():
    definition = from_file(
        {
            "objects": [
                {"id": "Copy", "type": "CopyActivity", "input": {"ref": "Gone"}, "maximumRetries": "x", "odd": "y"},
                {"id": "S", "type": "Schedule", "period": "often"},
            ],
            "parameters": [{"id": "myA", "type": "Thing"}],
        }
    )
    errors = validate(definition, limits=Limits(), now=NOW).errors
    assert {key: len(said) for key, said in errors.items()} == {"Copy": 4, "S": 2, "myA": 1}


def test_a_resumed_pipeline_is_not_guarded_against_backfill():
    definition = from_file({"objects": changed({"Hourly": {"startDateTime": "2020-01-01T00:00:00"}})})
    resumed = activation_findings(definition, limits=Limits(), now=NOW, first_activation=parse_time("2020-01-01"))
    assert resumed.errors == {}


def test_the_guard_can_be_taken_away():
    definition = from_file({"objects": changed({"Hourly": {"startDateTime": "2020-01-01T00:00:00"}})})
    limits = Limits(backfill_guard=None)
    assert activation_findings(definition, limits=limits, now=NOW, first_activation=None).errors == {}


def test_a_long_list_of_findings_is_cut_and_counted():
    fields = [Field(f"odd{n}", "x") for n in range(200)]
    said = of(PipelineObject("F", "F", (Field("type", "CSV"), *fields))).errors["F"]
    assert len(said) == 101
    assert said[-1] == "LIMIT_EXCEEDED: 100 more findings are not listed."


def test_every_runtime_field_that_an_instance_has_may_be_named() -> None:
    when = parse_time("2029-01-01")
    attempt = Attempt(1, Status.FAILED, when, error_id="Boom", error_message="it broke", error_stack_trace="there")
    instance = Instance(
        id=InstanceId("@A_2029-01-01T00:00:00"),
        component=ComponentId("A"),
        index=0,
        start=when,
        end=when,
        version=1,
        status=Status.FAILED,
        created=when,
        tries_left=0,
        attempts=(attempt,),
        ended=when,
        resource_id="i-1",
        cascade_failed_on=(InstanceId("@B_2029-01-01T00:00:00"),),
        cancellation_reason="because",
    )
    shown = {name for name in instance_fields(PipelineId("df-1"), instance) if name.startswith("@")}
    assert shown == RUNTIME
