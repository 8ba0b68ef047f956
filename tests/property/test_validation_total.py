"""Validation is total: any definition gives findings, soon, and never an exception."""

import json
import time
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.definition.catalog import TYPES, Kind, object_type
from chalicelib.domain.definition.encoding import from_api, from_file
from chalicelib.domain.definition.inherit import effective
from chalicelib.domain.definition.limits import SERVICE, Limits
from chalicelib.domain.definition.model import (
    Definition,
    Field,
    Findings,
    ParameterAttribute,
    ParameterObject,
    ParameterValue,
    PipelineObject,
)
from chalicelib.domain.definition.validate import activation_findings, validate
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.run.compile import compile_plan
from chalicelib.domain.values import Ref, parse_time

NOW = parse_time("2029-12-31")
SLOTS = sorted({name for each in TYPES for name in object_type(each).slots})
WORDS = [
    "ondemand", "cron", "cascade", "#{@scheduledStartTime}", "#{name}", "#{runsOn.myP}",
    "resource", "serverless", "15 minutes", "0 days", "999999999 years", "3 months",
    "2030-01-01T00:00:00", "9999-12-31T23:59:59", "0001-01-01", "1", "-1", "1e999", "true", "٣", "#{", "#{myA}",
    "#{myB + 1}", "#{2^2^2^2}", "#{myA}#{*myC}", "#{nothing.@x}", "ONDEMAND_PERIOD", "FIRST_ACTIVATION_DATE_TIME", "",
    "\ud800", "x" * 300,
]  # fmt: skip
ids = st.sampled_from(["Default", "A", "B", "C", "D", "@E", "", "\ud800"])
texts = st.sampled_from(WORDS) | st.text(max_size=6)
keys = st.sampled_from([*SLOTS, "type", "myNote", "odd", ""])
types = st.sampled_from(TYPES).map(lambda name: Field("type", name))
fields = st.lists(st.builds(Field, keys, texts | ids.map(Ref)), max_size=8)
objects = st.builds(
    lambda each, name, kind, rest: PipelineObject(each, name, (*kind, *rest)),
    ids,
    texts,
    st.lists(types, max_size=1),
    fields,
)
names = st.sampled_from(["myA", "myB", "*myC", "user", ""])
attributes = st.builds(
    ParameterAttribute, st.sampled_from(["type", "default", "isArray", "optional", "allowedValues", "odd"]), texts
)
definitions = st.builds(
    Definition,
    st.lists(objects, max_size=6).map(tuple),
    st.lists(st.builds(ParameterObject, names, st.lists(attributes, max_size=4).map(tuple)), max_size=3).map(tuple),
    st.lists(st.builds(ParameterValue, names, texts), max_size=4).map(tuple),
)


@settings(deadline=None)
@given(definitions, definitions, st.sampled_from([Limits(), SERVICE]), st.booleans())
def test_any_definition_gives_findings(definition, previous, limits, edited):
    found = validate(definition, limits=limits, now=NOW, previous=previous if edited else None)
    assert isinstance(found, Findings)
    first = None if edited else NOW
    activated = activation_findings(definition, limits=limits, now=NOW, first_activation=first)
    for findings in (found, activated):
        for said in (findings.errors, findings.warnings):
            assert all(": " in sentence and len(sentence) <= 10_000 for each in said.values() for sentence in each)


@settings(deadline=None)
@given(definitions)
def test_inheriting_keeps_own_fields_and_every_object(definition):
    found = effective(definition)
    for each, item in definition.by_id().items():
        assert {field.key for field in item.fields} <= {field.key for field in found[each].fields}
        for key in {field.key for field in item.fields}:
            assert found[each].values(key) == item.values(key)


@settings(deadline=None)
@given(st.recursive(st.none() | st.integers() | texts, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["id", "name", "type", "fields", "key", "stringValue", "refValue", "ref"]), inner, max_size=4
), max_leaves=12))  # fmt: skip
def test_any_structure_is_refused_or_validated(structure):
    for decode in (from_file, from_api, lambda given: from_file({"objects": [given]})):
        try:
            definition = decode(structure)
        except InvalidRequest:
            continue
        validate(definition, limits=Limits(), now=NOW)


BASE = json.loads((Path(__file__).parents[1] / "cases" / "definitions" / "base.json").read_text())
GUARDS = [{"id": "Pre", "type": "Exists", "myP": "2 hours"}, {"id": "Late", "type": "Terminate"}]
TARGETS = [item["id"] for item in [*BASE, *GUARDS]]


def values_of(slot):
    if slot.kind is Kind.REFERENCE:
        return st.sampled_from(TARGETS).map(lambda each: {"ref": each})
    return st.sampled_from([*slot.choices, *WORDS[:-1]]).filter(bool)


@st.composite
def nearly_sound(draw):
    """A sound definition with a few fields set to something."""
    objects = {item["id"]: dict(item) for item in [*BASE, *GUARDS]}
    for each in draw(st.lists(st.sampled_from(TARGETS), max_size=4)):
        owner = object_type(objects[each].get("type", "CopyActivity"))
        slot = draw(st.sampled_from([slot for slot in owner.slots.values() if slot.settable]))
        objects[each][slot.name] = draw(values_of(slot))
    return from_file(
        {"objects": [*objects.values()], "parameters": [{"id": "myA", "default": "1 hour"}], "values": {"myB": "2"}}
    )


@settings(max_examples=300, deadline=None)
@given(nearly_sound())
def test_a_definition_without_errors_compiles(definition):
    limits = Limits(backfill_guard=None)
    found = activation_findings(definition, limits=limits, now=NOW, first_activation=None)
    if not found.errors:
        assert compile_plan(definition, limits, NOW).components


def chain(count, key, kind=()):
    return Definition(
        tuple(PipelineObject(f"O{n}", f"O{n}", (*kind, Field(key, Ref(f"O{(n + 1) % count}")))) for n in range(count))
    )


def seconds(definition, limits):
    """Of this process: a machine that is busy with something else does not count."""
    started = time.process_time()
    validate(definition, limits=limits, now=NOW)
    return time.process_time() - started


def test_a_circle_of_twenty_thousand_objects_is_found_without_recursion():
    limits = Limits(objects=100_000)
    copies = (Field("type", "CopyActivity"),)
    assert validate(chain(20_000, "parent"), limits=limits, now=NOW).errors["O0"]
    assert validate(chain(20_000, "dependsOn", copies), limits=limits, now=NOW).errors["O0"]


def test_a_thousand_objects_take_less_than_a_second():
    default = PipelineObject(
        "Default", "Default", (Field("schedule", Ref("S")), Field("role", "r"), Field("maximumRetries", "1"))
    )
    schedule = PipelineObject(
        "S", "S", (Field("type", "Schedule"), Field("period", "1 day"), Field("startDateTime", "2030-01-01"))
    )
    shell = (Field("type", "ShellCommandActivity"), Field("workerGroup", "w"), Field("stage", "false"))
    activities = [
        PipelineObject(
            f"A{n}",
            f"A{n}",
            (
                *shell,
                Field("command", f"echo {n} #{{@scheduledStartTime}} #{{myDir}}"),
                Field("dependsOn", Ref(f"A{n - 1}")),
            ),
        )
        for n in range(1, 998)
    ]
    first = PipelineObject("A0", "A0", (*shell, Field("command", "date")))
    definition = Definition((default, schedule, first, *activities), values=(ParameterValue("myDir", "/tmp"),))
    assert validate(definition, limits=Limits(), now=NOW).errors == {}
    assert seconds(definition, Limits()) < 10


def test_the_most_fields_a_request_can_carry_take_seconds_at_most():
    crowd = tuple(Field(f"odd{n}", "#{x}") for n in range(250))
    objects = [
        PipelineObject(f"O{n}", "O", (Field("type", "CSV"), *crowd, Field("parent", Ref(f"O{n + 1}"))))
        for n in range(999)
    ]
    assert seconds(Definition(tuple(objects)), Limits()) < 60


def test_a_definition_full_of_costly_expressions_is_checked_soon():
    values = tuple(ParameterValue("myL", f"{n}") for n in range(90))
    crowd = [tuple(Field(f"my_{n}", f"#{{myL + myL}} {n} {m}") for n in range(40)) for m in range(500)]
    objects = tuple(PipelineObject(f"O{m}", "O", (Field("type", "CSV"), *each)) for m, each in enumerate(crowd))
    assert seconds(Definition(objects, values=values), Limits()) < 60


def test_more_expressions_than_are_read_is_a_finding():
    text = Field("myText", "#{" + "1 + " * 100 + "1}")
    objects = tuple(PipelineObject(f"O{n}", "O", (Field("type", "CSV"), text)) for n in range(3))
    found = validate(Definition(objects), limits=Limits(expression_characters=100), now=NOW)
    assert found.errors["Default"] == (
        "LIMIT_EXCEEDED: At most 100 characters of texts with expressions are allowed, there are 404.",
    )
