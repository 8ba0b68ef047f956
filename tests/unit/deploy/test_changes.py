"""Differences are told value by value."""

from deploy.changes import ABSENT, Change, differences


def test_equal_values_differ_in_nothing() -> None:
    assert list(differences("x", {"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]})) == []


def test_what_is_added_removed_and_set_is_told_with_its_place() -> None:
    before = {"a": 1, "b": {"c": [1, 2]}, "gone": True}
    after = {"a": 2, "b": {"c": [1, 3]}, "new": "x"}
    assert [str(item) for item in differences("f", before, after)] == [
        "~ f/a: 1 -> 2",
        "~ f/b/c[1]: 2 -> 3",
        "- f/gone: True",
        "+ f/new: x",
    ]


def test_lists_of_different_length_are_one_change() -> None:
    assert list(differences("f", [1], [1, 2])) == [Change("f", [1], [1, 2])]


def test_a_resource_is_told_by_its_type() -> None:
    assert str(Change("t/Extra", ABSENT, {"Type": "AWS::SNS::Topic", "Properties": {}})) == "+ t/Extra: AWS::SNS::Topic"


def test_long_values_are_shortened() -> None:
    assert len(str(Change("f", "a" * 500, "b" * 500))) < 300
