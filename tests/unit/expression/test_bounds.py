"""Expression bombs end soon, with our own error, however much of the stack is in use already."""

import time

import pytest

from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.errors import ExpressionError
from chalicelib.domain.expression.bounds import Bounds
from chalicelib.domain.expression.evaluate import check, evaluate
from chalicelib.domain.expression.parser import parse
from chalicelib.domain.expression.render import render
from chalicelib.domain.expression.scene import Scene


def scope(**fields: str | tuple[str, ...]):
    written = tuple(
        Field(key, text) for key, texts in fields.items() for text in (texts if isinstance(texts, tuple) else (texts,))
    )
    return Scene({"It": PipelineObject("It", "It", written)}, {}, {}).linked("It")


HUNDRED = tuple(str(number) for number in range(100))
DOUBLING = {"a0": "x" * 1000, **{f"a{n}": f"#{{a{n - 1}}}#{{a{n - 1}}}" for n in range(1, 21)}}
ADDING = {"a0": "x" * 1000, **{f"a{n}": f"#{{a{n - 1} + a{n - 1}}}" for n in range(1, 21)}}

BOMBS = {
    "parentheses": ("#{" + "(" * 100_000, {}, "nested deeper"),
    "nested markers": ("#{" * 100_000, {}, "nested deeper"),
    "signs": ("#{" + "-" * 5_000 + "1}", {}, "nested deeper"),
    "powers": ("#{2" + "^2" * 4_000 + "}", {}, "nested deeper"),
    "power of power": ("#{2^2^2^2^2^2}", {}, "beyond the range"),
    "calls": ("#{" + "day(" * 2_000 + "}", {}, "nested deeper"),
    "dots": ("#{a" + ".a" * 2_000 + "}", {}, "at most 50 dots"),
    "method calls": ("#{a" + ".day()" * 1_000 + "}", {}, "at most 50 dots"),
    "length": ("#{1" + " + 1" * 100_000 + "}", {}, "characters long"),
    "long name": ("#{" + "a" * 1_000_000 + "}", {}, "characters long"),
    "long string": ("#{'" + "a" * 1_000_000 + "'}", {}, "characters long"),
    "digits": ("#{" + "9" * 10_000 + "}", {}, "an integer is at most"),
    "open strings": ("#{'" + "''" * 1_000_000, {}, "closing quote"),
    "product in an expression": ("#{a + a + a + a}", {"a": HUNDRED}, "steps"),
    "product in a text": ("#{a}#{a}#{a}#{a}", {"a": HUNDRED}, "steps"),
    "fields that double": ("#{a20}", DOUBLING, "characters"),
    "fields that double by +": ("#{a20}", ADDING, "characters"),
    "fields that double without a character": (
        "#{a20}",
        {"a0": "", **{f"a{n}": f"#{{a{n - 1} + a{n - 1}}}" for n in range(1, 21)}},
        "steps",
    ),
    "a chain of fields": (
        "#{a500}",
        {"a0": "x", **{f"a{n}": f"#{{a{n - 1}}}" for n in range(1, 501)}},
        "nested deeper",
    ),
    "long formats": ("#{format('2011-01-01', '" + "d" * 9_000 + "')}", {}, "256 characters"),
    "years": ("#{plusYears('2011-01-01', 9223372036854775807)}", {}, "out of range"),
    "many expressions": ("#{1}" * 200_000, {}, "at most 50000 expressions"),
    "long errors": ("#{" + "a" * 10_000 + "}", {"b": "x"}, "has no field"),
}


@pytest.mark.parametrize(("text", "fields", "says"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_ends_soon_with_an_expression_error(text, fields, says):
    started = time.process_time()
    with pytest.raises(ExpressionError) as caught:
        evaluate(text, scope(**fields))
    assert says in caught.value.reason
    assert len(str(caught.value)) < 20_000
    assert time.process_time() - started < 20


def on_a_used_stack(frames: int, action):
    return action() if frames == 0 else on_a_used_stack(frames - 1, action)


@pytest.mark.parametrize(("text", "fields", "says"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_does_not_exhaust_a_stack_that_is_in_use(text, fields, says):
    with pytest.raises(ExpressionError):
        on_a_used_stack(250, lambda: evaluate(text, scope(**fields)))


def test_the_deepest_evaluation_does_not_exhaust_a_stack_that_is_in_use():
    fields = {f"a{n}": ("#{" + "(" * 49 + f"a{n - 1}" + ")" * 49 + "}",) * 2 for n in range(1, 50)}
    deepest = scope(a0="x", **{name: texts[:1] for name, texts in fields.items()})
    assert on_a_used_stack(250, lambda: evaluate("#{a49}", deepest)) == ("x",)
    with pytest.raises(ExpressionError, match="steps"):
        on_a_used_stack(250, lambda: evaluate("#{a49}", scope(a0="x", **fields)))


def test_nesting_up_to_the_bound_is_evaluated():
    assert evaluate("#{" + "(" * 48 + "1" + ")" * 48 + "}", scope()) == ("1",)


def test_a_long_chain_of_operators_is_no_nesting():
    text = "#{1" + "+1" * 5_000 + "}"
    assert evaluate(text, scope()) == ("5001",)
    assert render(parse(text)) == text.replace("+", " + ")
    check(text)


def test_twenty_mebibytes_with_many_expressions_are_evaluated_soon():
    line = "insert into t values (#{name}, '" + "x" * 400 + "');\n"
    text = line * (20 * 2**20 // len(line))
    started = time.process_time()
    (result,) = evaluate(text, scope())
    assert len(result) == len(text.replace("#{name}", "It"))
    assert time.process_time() - started < 40


def test_text_without_expressions_costs_nothing():
    text = "${x} { } # " * 2**20
    assert evaluate(text, scope())[0] is text


def test_bounds_are_the_callers_to_set():
    with pytest.raises(ExpressionError, match="more than 2 steps"):
        evaluate("#{1 + 2}", scope(), Bounds(steps=2))
