"""Parameter declarations and values."""

from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.parameters import ParameterType, declared, missing, parameter_values


def definition(*parameters, **values):
    return from_file({"objects": [], "parameters": list(parameters), "values": values})


def test_values_win_over_defaults():
    found = definition({"id": "myA", "default": "d"}, {"id": "myB", "default": ["x", "y"]}, myA="v")
    assert parameter_values(found) == {"myA": ("v",), "myB": ("x", "y")}


def test_arrays_keep_their_order_and_undeclared_values_are_there():
    assert parameter_values(definition(myList=["b", "a"])) == {"myList": ("b", "a")}


def test_declarations_are_decoded():
    made = declared(
        definition(
            {"id": "*myP", "type": "Integer", "isArray": "TRUE", "optional": "true", "allowedValues": ["1", "2"]}
        )
    )["*myP"]
    assert (made.kind, made.array, made.optional, made.allowed, made.secret) == (
        ParameterType.INTEGER,
        True,
        True,
        ("1", "2"),
        True,
    )


def test_types_accept_what_they_should():
    kinds = {kind: declared(definition({"id": "myA", "type": kind}))["myA"] for kind in ("Integer", "Double")}
    assert kinds["Integer"].accepts("-3")
    assert not kinds["Integer"].accepts("3.5")
    assert kinds["Double"].accepts("0.25")
    assert not kinds["Double"].accepts("a quarter")
    key = declared(definition({"id": "myA", "type": "AWS::S3::ObjectKey"}))["myA"]
    assert key.accepts("s3://bucket/key with blanks")
    assert not key.accepts("/tmp/key")


def test_missing_are_those_without_value_default_or_leave():
    found = definition({"id": "myA"}, {"id": "myB", "optional": "true"}, {"id": "myC", "default": "c"})
    assert [each.id for each in missing(found)] == ["myA"]


def test_an_optional_parameter_that_nobody_set_is_an_empty_list():
    found = definition({"id": "myA"}, {"id": "myB", "optional": "true"}, {"id": "myC", "default": "c"})
    assert dict(parameter_values(found)) == {"myB": (), "myC": ("c",)}
