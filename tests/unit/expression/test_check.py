"""What is found before there are objects to evaluate with."""

import pytest

from chalicelib.domain.errors import ExpressionError
from chalicelib.domain.expression.evaluate import check


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "${INPUT1_STAGING_DIR}",
        "#{anything.at.all}",
        "#{format(@scheduledStartTime, 'YYYY-MM-dd')}",
        "#{plusPeriod(@scheduledStartTime, myPeriod)}",
        "#{node.@actualEndTime} #{node.output.directoryPath} #{node.parent.@id}",
        "#{plusDays(@scheduledStartTime, -1)}",
    ],
)
def test_what_may_be_right_is_accepted(text):
    check(text)


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("s3://#{oops", 5, "closing '}' is missing"),
        ("#{1} #{frmat(a, 'yyyy')}", 7, "did you mean format"),
        ("#{a + day()}", 6, "day takes (DateTime), found 0 arguments"),
        ("#{format(@scheduledStartTime, 'YYYY-MM-ddTHH')}", 2, "'T' in the date pattern"),
        ("#{plusDays(@scheduledStartTime, 'x')}", 2, "expected int"),
        ("#{plusPeriod(@scheduledStartTime, '1')}", 2, "is not a period"),
        ("#{makeDate(2011, 13, 1)}", 2, "month must be in 1..12"),
        ("#{node.output.@id}", 14, "more than one reference"),
    ],
)
def test_what_can_never_be_right_is_found(text, column, says):
    with pytest.raises(ExpressionError) as caught:
        check(text)
    assert caught.value.column == column
    assert says in caught.value.reason


def test_a_fault_in_a_long_text_is_shown_with_what_is_around_it():
    with pytest.raises(ExpressionError) as caught:
        check("-- a script\n" + "x" * 5_000 + "#{1 +}" + "y" * 5_000 + "\nend")
    assert caught.value.expression[caught.value.column] == "}"
    assert len(caught.value.expression) == 120
