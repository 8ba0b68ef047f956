"""A changed copy is what `dataclasses.replace` makes."""

from dataclasses import FrozenInstanceError, dataclass, fields, replace
from datetime import timedelta

import pytest

from chalicelib.domain.change import changed
from chalicelib.domain.run.effects import TerminateResource
from chalicelib.domain.run.state import Attempt, ComponentState, Instance, Outgoing
from chalicelib.domain.run.status import Status
from chalicelib.domain.values import AttemptId, ComponentId, InstanceId
from tests.unit.run.world import START

EFFECT = TerminateResource("e", InstanceId("@A_1"), AttemptId("@A_1_Attempt=1"), None)
VALUES = (
    Instance(InstanceId("@A_1"), ComponentId("A"), 0, START, START, 1, Status.RUNNING, START, 1),
    Attempt(1, Status.RUNNING, START),
    ComponentState(next_index=4),
    Outgoing(EFFECT, START),
)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_changed_copy_is_the_replaced_one_and_leaves_the_value_as_it_was(value: object) -> None:
    before = replace(value)  # type: ignore[type-var]
    first = fields(value)[0].name  # type: ignore[arg-type]
    copy = changed(value, **{first: "other"})
    assert copy == replace(value, **{first: "other"})  # type: ignore[type-var]
    assert (type(copy), value) == (type(value), before)
    with pytest.raises(FrozenInstanceError):
        setattr(copy, first, "again")


def test_a_field_that_there_is_none_of_is_refused() -> None:
    with pytest.raises(KeyError):
        changed(VALUES[1], colour=timedelta(0))


def test_classes_do_not_share_what_copies_them() -> None:
    @dataclass(frozen=True, slots=True)
    class Attempt:
        number: int
        status: str

    assert changed(Attempt(1, "x"), status="y") == Attempt(1, "y")
