"""A model of the gateway refuses nothing that the application takes: whatever is made of an operation's example."""

import copy
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.edge.rest.check import faults
from chalicelib.edge.rest.table import OPERATIONS, SCHEMAS
from deploy.gateway.models import model
from deploy.methods import deployed

MODELS = {each.operation: model(each.body) for each in deployed() if each.body is not None}
EXAMPLES = [operation for operation in OPERATIONS if operation.request is not None and operation.sends is not None]
SCALARS = st.none() | st.booleans() | st.integers(-3, 10**6) | st.text(max_size=5) | st.just([]) | st.just({})


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where every member and item stands."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in pairs:
        yield (*at, key)
        yield from places(each, (*at, key))


def changed(value: Any, at: tuple[Any, ...], new: Any) -> Any:
    """A copy with one value replaced; `...` takes it out."""
    made = copy.deepcopy(value)
    holder = made
    for key in at[:-1]:
        holder = holder[key]
    if new is ...:
        del holder[at[-1]]
    else:
        holder[at[-1]] = new
    return made


@pytest.mark.parametrize("operation", EXAMPLES, ids=lambda operation: operation.id)
def test_a_model_takes_the_operations_example(operation: Any) -> None:
    assert jsonschema.Draft4Validator(MODELS[operation.id]).is_valid(operation.sends)


def test_there_are_examples() -> None:
    assert EXAMPLES


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_model_refuses_nothing_that_the_application_takes(data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(EXAMPLES))
    spots = [*places(operation.sends)]
    body = operation.sends
    if spots:
        body = changed(body, data.draw(st.sampled_from(spots)), data.draw(SCALARS | st.just(...)))
    taken = next(faults(operation.request, body, SCHEMAS), None) is None
    assert not taken or jsonschema.Draft4Validator(MODELS[operation.id]).is_valid(body)
