"""The reference page tells the truth: its rows are evaluated, and it leaves no function and no letter out."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.expression.bounds import BOUNDS
from chalicelib.domain.expression.evaluate import evaluate
from chalicelib.domain.expression.functions import FUNCTIONS
from chalicelib.domain.expression.joda import format_time
from chalicelib.domain.expression.scene import Scene

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "expressions.md").read_text()
ROWS = re.findall(r"^\| `([^`]*#\{[^`]*)` \| (`.*`) \|$", PAGE, re.MULTILINE)
GIVEN = (
    ("myDateTime", "2011-05-24T17:10:00"),
    ("myList", "one"),
    ("myList", "two"),
    ("myNumbers", "1"),
    ("myNumbers", "2"),
    ("myCount", "5"),
)
SCOPE = Scene({"It": PipelineObject("It", "It", tuple(Field(*item) for item in GIVEN))}, {}, {}).linked("It")


@pytest.mark.parametrize(("expression", "results"), ROWS, ids=[row[0] for row in ROWS])
def test_a_row_of_the_page_is_true(expression, results):
    assert list(evaluate(expression, SCOPE)) == re.findall(r"`([^`]*)`", results)


def test_the_page_has_a_row_for_every_function():
    calls = " ".join(expression for expression, _ in ROWS)
    assert [name for name in FUNCTIONS if f"{name}(" not in calls] == []


def test_the_page_has_every_pattern_letter():
    table = PAGE.partition("## Date patterns")[2].partition("## Traps")[0]
    documented = set(re.findall(r"`([A-Za-z])`", table))
    assert documented == {letter for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" if known(letter)}


def known(letter: str) -> bool:
    try:
        return bool(format_time(evaluate_time(), letter))
    except ValueError:
        return False


def evaluate_time():
    return FUNCTIONS["makeDate"].call([2011, 5, 24])


def test_the_page_states_every_bound():
    assert [item.name for item in fields(BOUNDS) if f"{getattr(BOUNDS, item.name):,}" not in PAGE] == []
