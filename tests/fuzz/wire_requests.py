"""Requests of the wire API as strategies, made from botocore's model: right, nearly right, and nothing of the kind.

Names of things that exist (`<running>`, `<task>` and so on) stand in the requests as words in angle brackets, which
the test replaces by what is there at that moment.
"""

from collections.abc import Mapping
from typing import Any

import botocore.session
from botocore.model import ListShape, OperationModel, Shape, StructureShape
from hypothesis import strategies as st

MODEL = botocore.session.get_session().get_service_model("datapipeline")
OPERATIONS: Mapping[str, OperationModel] = {name: MODEL.operation_model(name) for name in sorted(MODEL.operation_names)}
PIPELINES = ("<running>", "<finished>", "<empty>", "<deleted>", "<strangers>", "df-NONE")
OBJECTS = ("Shell", "Default", "Once", "<instance>", "<attempt>", "@Shell_x", "No")
VALUES = (
    "ondemand", "cron", "timeseries", "ShellCommandActivity", "Schedule", "1 hour", "15 minutes", "999999999 years",
    "2026-01-01T00:00:00", "9999-12-31T23:59:59", "0001-01-01", "1e999", "#{mySecretFree}", "#{@scheduledStartTime}",
    "#{1 +", "#{node.x}", "#{inFinished}", "CASCADE_FINISHED", "true", "-1", "s3://b/k",
)  # fmt: skip
KEYS = (
    "type", "scheduleType", "schedule", "command", "workerGroup", "runsOn", "period", "startDateTime", "occurrences",
    "parent", "dependsOn", "maximumRetries", "attemptTimeout", "@status", "*secret", "myNote",
)  # fmt: skip
WORDS: Mapping[str, tuple[str, ...]] = {
    "pipelineId": PIPELINES,
    "pipelineIds": PIPELINES,
    "objectIds": OBJECTS,
    "objectId": OBJECTS,
    "id": ("Default", "Shell", "Once", "mySecretFree", "myOther"),
    "taskId": ("<task>", "<task>x", "<old task>", "1"),
    "sphere": ("COMPONENT", "INSTANCE", "ATTEMPT"),
    "status": ("PAUSE", "RESUME", "CANCEL", "RERUN", "MARK_FINISHED", "TRY_CANCEL"),
    "version": ("latest", "active", "1"),
    "marker": ("<marker>", "AAAA"),
    "workerGroup": ("g", "<machine>"),
    "fieldName": ("@status", "@scheduledStartTime", "@actualStartTime", "@componentParent", "name"),
    "values": ("FINISHED", "2026-01-01T00:00:00", "9999-12-31T23:59:59", "9999-12-31", "0001-01-01T00:00:00", "Shell"),
    "key": (*KEYS, "penstock:group", "penstock:"),
    "tagKeys": ("k", "penstock:group"),
    "refValue": ("Once", "Default", "Shell", "No"),
    "stringValue": VALUES,
    "expression": VALUES,
    "uniqueId": ("u", "v"),
}
"""What a member is likely to be."""

NUMBERS = st.sampled_from([0, -1, 1, 2**31, 2**63, 10**400, -(10**400), 0.5, 1e308, 1.7e9, -0.0])
ODD = st.sampled_from(["", " ", "\x00", "\ud800", "\ufffe", "x" * 1025, "\U0001f600", "٣", "'", '"', "\\", "%s{0}"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | ODD | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=4,
)


def requests_of(name: str) -> st.SearchStrategy[Any]:
    """Bodies for an operation. Most are of its shape with one or two members that are something else."""
    shape = OPERATIONS[name].input_shape
    right = _right(shape, "")
    return right | _nearly(shape, "") | st.tuples(right, ANYTHING).map(_spoilt) | ANYTHING


def _right(shape: Shape, member: str) -> st.SearchStrategy[Any]:
    if isinstance(shape, StructureShape):
        return _structure(shape)
    if isinstance(shape, ListShape):
        return st.lists(_right(shape.member, member), max_size=3)
    return _scalar(shape, member)


def _structure(shape: StructureShape) -> st.SearchStrategy[Any]:
    members = {name: _right(member, name) for name, member in shape.members.items()}
    needed = {name: members.pop(name) for name in shape.required_members}
    found = st.fixed_dictionaries(needed, optional=members)
    if shape.name != "Field":
        return found
    one = st.sampled_from(["stringValue", "stringValue", "refValue"]).flatmap(
        lambda name: st.fixed_dictionaries({name: _scalar(shape.members[name], name)})
    )
    return st.tuples(st.fixed_dictionaries(needed), one).map(lambda parts: parts[0] | parts[1])


def _scalar(shape: Shape, member: str) -> st.SearchStrategy[Any]:
    if shape.type_name == "boolean":
        return st.booleans()
    if shape.type_name == "integer":
        return st.integers(1, 100) | st.just(2**63)
    if shape.type_name == "timestamp":
        return st.sampled_from([0, 1.5, 1.7e9, 253_402_300_799.9])
    words = tuple(getattr(shape, "enum", ())) or WORDS.get(member, ())
    return st.sampled_from(words) if words else st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8)


def _nearly(shape: Shape, member: str) -> st.SearchStrategy[Any]:
    """The shape's own structure with anything at all in some places."""
    if isinstance(shape, StructureShape):
        members = {name: _nearly(each, name) for name, each in shape.members.items()}
        return st.fixed_dictionaries({}, optional=members)
    if isinstance(shape, ListShape):
        return st.lists(_nearly(shape.member, member), max_size=3) | ANYTHING
    return _scalar(shape, member) | ANYTHING


def _spoilt(parts: tuple[dict[str, Any], Any]) -> Any:
    """A right request with its first member, in order of name, replaced."""
    right, odd = parts
    return {**right, min(right): odd} if right else odd
