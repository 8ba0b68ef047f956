"""Both encodings, and the refusal of what is neither."""

import pytest

from chalicelib.domain.definition.encoding import from_api, from_file, to_api, to_file
from chalicelib.domain.definition.model import Definition, Field, ParameterValue, PipelineObject
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.values import Ref


def test_a_file_decodes_to_objects_with_sorted_fields():
    found = from_file({"objects": [{"id": "A", "type": "CopyActivity", "input": {"ref": "I"}, "myList": ["b", "a"]}]})
    assert found.objects == (
        PipelineObject(
            "A",
            "A",
            (Field("input", Ref("I")), Field("myList", "b"), Field("myList", "a"), Field("type", "CopyActivity")),
        ),
    )


def test_values_keep_their_order():
    found = from_file({"objects": [], "values": {"myB": "1", "myA": ["2", "3"]}})
    assert found.values == (ParameterValue("myB", "1"), ParameterValue("myA", "2"), ParameterValue("myA", "3"))


def test_one_value_comes_back_as_a_scalar_and_several_as_an_array():
    document = {"objects": [{"id": "A", "name": "A", "one": ["x"], "two": ["x", {"ref": "B"}]}]}
    assert to_file(from_file(document))["objects"] == [{"id": "A", "name": "A", "one": "x", "two": ["x", {"ref": "B"}]}]


def test_the_api_form_comes_back_as_it_was_given():
    objects = [{"id": "A", "name": "N", "fields": [{"key": "z", "stringValue": ""}, {"key": "a", "refValue": "B"}]}]
    parameters = [{"id": "myA", "attributes": [{"key": "type", "stringValue": "String"}]}]
    values = [{"id": "myA", "stringValue": "x"}]
    assert to_api(from_api(objects, parameters, values)) == {
        "pipelineObjects": objects,
        "parameterObjects": parameters,
        "parameterValues": values,
    }


def test_absent_lists_are_empty():
    assert from_api([], None, None) == Definition()


@pytest.mark.parametrize(
    ("document", "place"),
    [
        (None, "not null"),
        ([], "not a list"),
        ({}, "'objects'"),
        ({"objects": {}}, "objects"),
        ({"objects": "A"}, "objects"),
        ({"objects": [1]}, r"objects\[0\]"),
        ({"objects": [{}]}, r"objects\[0\]: needs 'id'"),
        ({"objects": [{"id": 1}]}, "must be a string, not a number: 'id'"),
        ({"objects": [{"id": "A", "name": []}]}, "'name'"),
        ({"objects": [{"id": "A", "retries": 3}]}, "'retries' must be a string"),
        ({"objects": [{"id": "A", "stage": True}]}, "'stage'.*a boolean"),
        ({"objects": [{"id": "A", "x": [None]}]}, "'x'.*null"),
        ({"objects": [{"id": "A", "x": {"ref": "B", "more": "C"}}]}, "'x'"),
        ({"objects": [{"id": "A", "x": {"ref": 1}}]}, "'x'"),
        ({"objects": [], "parameters": {}}, "parameters"),
        ({"objects": [], "parameters": [{"id": "myA", "type": {}}]}, "'type'"),
        ({"objects": [], "values": []}, "values"),
        ({"objects": [], "values": {"myA": 1}}, "'myA'"),
    ],
)
def test_a_file_of_wrong_shape_is_refused_at_its_place(document, place):
    with pytest.raises(InvalidRequest, match=place):
        from_file(document)


@pytest.mark.parametrize(
    ("objects", "place"),
    [
        ({}, "pipelineObjects"),
        ([None], r"pipelineObjects\[0\]"),
        ([{"name": "A", "fields": []}], "needs 'id'"),
        ([{"id": "A", "fields": []}], "needs 'name'"),
        ([{"id": "A", "name": "A", "fields": "x"}], "fields"),
        ([{"id": "A", "name": "A", "fields": [{"stringValue": "x"}]}], "needs 'key'"),
        ([{"id": "A", "name": "A", "fields": [{"key": "k"}]}], "0 were given"),
        ([{"id": "A", "name": "A", "fields": [{"key": "k", "stringValue": "a", "refValue": "b"}]}], "2 were given"),
        ([{"id": "A", "name": "A", "fields": [{"key": "k", "stringValue": 1}]}], "stringValue must be a string"),
    ],
)
def test_api_lists_of_wrong_shape_are_refused_at_their_place(objects, place):
    with pytest.raises(InvalidRequest, match=place):
        from_api(objects)


def test_every_fault_is_reported_at_once():
    with pytest.raises(InvalidRequest, match=r"(?s)'x'.*'y'"):
        from_file({"objects": [{"id": "A", "x": 1}, {"id": "B", "y": 2}]})


def test_a_long_list_of_faults_is_cut_and_counted():
    with pytest.raises(InvalidRequest, match="and 980 more"):
        from_file({"objects": [1] * 1000})
