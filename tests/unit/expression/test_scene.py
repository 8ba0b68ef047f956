"""Evaluating whole objects, and what a scene says when a name is missing."""

import pytest

from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.errors import ExpressionError
from chalicelib.domain.expression.scene import Scene
from chalicelib.domain.values import Ref, parse_time

INSTANCE = "@Copy_2011-05-24T17:00:00"


def an_object(object_id: str, *fields: tuple[str, str | Ref]) -> PipelineObject:
    return PipelineObject(object_id, f"name of #{{{object_id}}}", tuple(Field(*field) for field in fields))


def a_scene(*objects: PipelineObject, **parameters: tuple[str, ...]) -> Scene:
    start = {"@scheduledStartTime": parse_time("2011-05-24T17:00:00")}
    return Scene({item.id: item for item in objects}, parameters, {INSTANCE: start, INSTANCE + "_Attempt=1": start})


def test_every_text_field_is_evaluated():
    scene = a_scene(an_object("Copy", ("a", "#{1 + 1}"), ("b", "x#{a}y"), ("c", "as it is")))
    assert scene.evaluated("Copy").fields == (Field("a", "2"), Field("b", "x2y"), Field("c", "as it is"))


def test_references_id_name_and_type_are_verbatim():
    written = an_object("Copy", ("type", "#{1}"), ("input", Ref("#{1}")), ("@errorMessage", "#{1}"))
    assert a_scene(written).evaluated("Copy") == written


def test_a_list_gives_the_field_once_per_element_in_its_place():
    scene = a_scene(an_object("Box", ("a", "1"), ("securityGroupIds", "#{myGroups}"), ("b", "2")), myGroups=("x", "y"))
    assert scene.evaluated("Box").fields == (
        Field("a", "1"),
        Field("securityGroupIds", "x"),
        Field("securityGroupIds", "y"),
        Field("b", "2"),
    )


def test_an_empty_list_leaves_no_field():
    scene = a_scene(an_object("Box", ("a", "1"), ("securityGroupIds", "#{myGroups}")), myGroups=())
    assert scene.evaluated("Box").fields == (Field("a", "1"),)


def test_values_of_one_field_are_evaluated_each_for_itself():
    scene = a_scene(an_object("Emr", ("step", "a,#{1}"), ("step", "b,#{2}")))
    assert scene.evaluated("Emr").texts("step") == ("a,1", "b,2")


@pytest.mark.parametrize("object_id", [INSTANCE, INSTANCE + "_Attempt=1"])
def test_an_instance_is_its_component_under_its_own_id(object_id):
    scene = a_scene(an_object("Copy", ("a", "#{parent.@id} #{@id} #{@scheduledStartTime}")))
    evaluated = scene.evaluated(object_id)
    assert evaluated.id == object_id
    assert evaluated.text("a") == f"Copy {object_id} 2011-05-24T17:00:00"


def test_a_component_id_may_look_like_an_instance_id():
    scene = a_scene(an_object("a_b"), an_object("C", ("a", "#{parent.@id}")))
    assert scene.evaluated("C").text("a") == "C"
    assert scene.linked("@a_b_2011-05-24T17:00:00_Attempt=12").field("parent").id == "a_b"


def test_an_unknown_object_is_a_key_error():
    with pytest.raises(KeyError):
        a_scene().evaluated("gone")


def test_an_error_names_the_object_and_the_field():
    scene = a_scene(an_object("Copy", ("filePath", "s3://#{buckt}"), ("bucket", "b")))
    with pytest.raises(ExpressionError) as caught:
        scene.evaluated("Copy")
    assert str(caught.value) == (
        "in filePath of Copy: Copy has no field buckt; did you mean bucket? at column 8\ns3://#{buckt}\n       ^"
    )


def test_an_error_in_a_secret_does_not_show_it():
    scene = a_scene(an_object("Db", ("*password", "hunter2#{"), ("url", "#{*password}")))
    with pytest.raises(ExpressionError) as caught:
        scene.evaluated("Db")
    assert "hunter2" not in str(caught.value)
    with pytest.raises(ExpressionError) as caught:
        a_scene(an_object("Db", ("url", "#{*password}"), ("*password", "hunter2#{"))).evaluated("Db")
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_only_a_secret_field_may_leave_out_the_star_of_a_secret_parameter():
    scene = a_scene(an_object("Db", ("*password", "#{myWord}"), ("url", "#{myWord}")), **{"*myWord": ("s3cret",)})
    with pytest.raises(ExpressionError, match=r"has no field myWord; did you mean \*myWord\?"):
        scene.evaluated("Db")
    scene = a_scene(an_object("Db", ("*password", "#{myWord}")), **{"*myWord": ("s3cret",)})
    assert scene.evaluated("Db").text("*password") == "s3cret"


def test_a_dangling_reference_is_named_when_it_is_walked():
    scene = a_scene(an_object("Copy", ("input", Ref("gone")), ("a", "#{input.filePath}")))
    with pytest.raises(ExpressionError, match="gone has no field filePath"):
        scene.evaluated("Copy")
