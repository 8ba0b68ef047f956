"""Whatever the text: a value or our own error, soon; and a tree survives being written and read."""

from datetime import UTC, datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.errors import ExpressionError
from chalicelib.domain.expression.evaluate import check, evaluate
from chalicelib.domain.expression.functions import FUNCTIONS
from chalicelib.domain.expression.joda import format_time
from chalicelib.domain.expression.nodes import Binary, Call, Literal, Member, Name, Negate, Template
from chalicelib.domain.expression.parser import parse
from chalicelib.domain.expression.render import render
from chalicelib.domain.expression.scene import Scene
from chalicelib.domain.values import Ref

WORDS = [
    "#{", "}", "(", ")", "[", "]", ", ", ".", "+", "-", "*", "/", "^", "'", '"', "\\", "$", "{", " ", "\n",
    "0", "1", "2.5", "9223372036854775807", "1e308", "a", "b", "c", "several", "ref", "@t", "@id", "node", "parent",
    "*secret", "myP", "name", "'text'", "'2011-05-24'", "'yyyy-MM'", "'1 day'", *FUNCTIONS,
]  # fmt: skip
NAMES = st.sampled_from(["a", "b", "c", "several", "ref", "@t", "node", "parent", "*secret", "myP", "missing"])
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(WORDS), max_size=25).map("".join))

literals = st.one_of(
    st.integers(0, 2**63 - 1),
    st.floats(min_value=0, allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
).map(Literal)


def larger(nodes):
    return st.one_of(
        st.builds(Member, nodes, NAMES),
        st.builds(Call, st.sampled_from(sorted(FUNCTIONS)), st.lists(nodes, max_size=3).map(tuple)),
        st.builds(Negate, nodes),
        st.builds(Binary, st.sampled_from("+-*/^"), nodes, nodes),
    )


trees = st.recursive(st.one_of(literals, NAMES.map(Name)), larger, max_leaves=12)


def scene(texts):
    """An object whose fields hold the given texts, one that refers to another like it."""
    keys = ["a", "b", "c", "several", "several"]
    fields = tuple(Field(key, text) for key, text in zip(keys, texts, strict=False))
    objects = {
        "X": PipelineObject("X", "X", (*fields, Field("ref", Ref("Y")))),
        "Y": PipelineObject("Y", "Y", (*fields, Field("ref", Ref("X")), Field("ref", Ref("gone")))),
    }
    runtime = {"X": {"@t": datetime(2011, 5, 24, 17, 10, tzinfo=UTC)}}
    return Scene(objects, {"myP": tuple(texts), "*secret": ("#{",)}, runtime, "Y")


def outcome(action):
    """What the action returns, or the one error it may raise."""
    try:
        return action()
    except ExpressionError as error:
        return error


@given(TEXTS, st.lists(TEXTS, max_size=5))
@settings(max_examples=400, deadline=None)
@example("#{a}", ["#{b}", "#{a}"])
@example("#{several ^ several}", ["", "", "", "9", "-9"])
def test_any_text_gives_strings_or_an_expression_error(text, fields):
    result = outcome(lambda: evaluate(text, scene(fields).linked("X")))
    if isinstance(result, ExpressionError):
        assert 0 <= result.column <= len(result.expression)
        assert str(result).splitlines()[-1].strip() == "^"
    else:
        assert all(isinstance(item, str) for item in result)


@given(st.lists(TEXTS, min_size=3, max_size=5))
@settings(max_examples=150, deadline=None)
def test_an_object_is_evaluated_or_refused(fields):
    built = scene(fields)
    result = outcome(lambda: built.evaluated("X"))
    if isinstance(result, ExpressionError):
        assert "of X" in result.reason
    else:
        assert result.refs("ref") == ("Y",)


@given(trees)
@settings(max_examples=400, deadline=None)
def test_evaluating_any_tree_gives_strings_or_an_expression_error(tree):
    text = render(Template((tree,)))
    result = outcome(lambda: evaluate(text, scene(["1", "2.5", "#{@t}", "x", "2012-01-01"]).linked("X")))
    assert isinstance(result, ExpressionError | tuple)


@given(trees)
@settings(max_examples=400, deadline=None)
def test_a_tree_survives_being_written_and_read(tree):
    # repr tells 1 from 1.0, which are equal in Python.
    assert repr(parse(render(Template((tree,))))) == repr(Template((tree,)))


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_what_is_read_survives_being_written_and_read(text):
    template = outcome(lambda: parse(text))
    if isinstance(template, Template):
        assert repr(parse(render(template))) == repr(template)


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_what_check_accepts_has_no_fault_of_syntax(text):
    if outcome(lambda: check(text)) is None:
        parse(text)


@given(st.text(alphabet="GCYxweEyDMdaKhHkmsSzZ'-:/ T\n", min_size=1, max_size=30), st.datetimes())
@settings(max_examples=400, deadline=None)
def test_any_pattern_of_known_letters_formats_any_moment(pattern, moment):
    if "T" not in pattern:
        assert isinstance(format_time(moment.replace(tzinfo=UTC), pattern), str)


@given(
    st.datetimes(min_value=datetime(1000, 1, 1), max_value=datetime(9000, 1, 1)),  # noqa: DTZ001 (made UTC below)
    st.integers(-1200, 1200),
)
@settings(max_examples=200, deadline=None)
def test_adding_months_keeps_the_day_or_takes_the_last_of_the_month(moment, months):
    moved = FUNCTIONS["plusMonths"].call([moment.replace(tzinfo=UTC), months])
    assert (moved.year * 12 + moved.month) - (moment.year * 12 + moment.month) == months
    following = FUNCTIONS["plusDays"].call([moved, 1])
    assert moved.day == moment.day or (moved.day < moment.day and following.day == 1)
