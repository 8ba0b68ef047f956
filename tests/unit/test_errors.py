"""Errors stay themselves on their way up."""

from contextlib import contextmanager

import pytest

from chalicelib.domain.errors import ExpressionError
from chalicelib.ports.errors import Conflict


@contextmanager
def a_span():
    yield


@pytest.mark.parametrize("error", [ExpressionError("#{", 0, "no end"), Conflict("commit", "version 3")])
def test_an_error_passes_through_a_context_manager(error):
    with pytest.raises(type(error)) as caught, a_span():
        raise error
    assert caught.value is error
