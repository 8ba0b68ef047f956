"""Parents and Default."""

from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.inherit import MOST_FIELDS, effective
from chalicelib.domain.definition.model import Definition, Field, PipelineObject
from chalicelib.domain.values import Ref


def effects(*objects):
    return effective(from_file({"objects": list(objects)}))


def test_an_object_without_parent_inherits_from_default():
    found = effects({"id": "Default", "role": "R"}, {"id": "E", "type": "Ec2Resource"})
    assert found["E"].text("role") == "R"


def test_own_fields_win_as_a_whole():
    found = effects(
        {"id": "Default", "securityGroups": ["a", "b"]}, {"id": "E", "type": "Ec2Resource", "securityGroups": "c"}
    )
    assert found["E"].texts("securityGroups") == ("c",)


def test_default_reaches_through_an_explicit_parent_that_has_none():
    found = effects(
        {"id": "Default", "role": "R"},
        {"id": "P", "maximumRetries": "1"},
        {"id": "E", "type": "Ec2Resource", "parent": {"ref": "P"}},
    )
    assert (found["E"].text("role"), found["E"].text("maximumRetries")) == ("R", "1")
    assert found["E"].refs("parent") == ("P",)


def test_inherited_fields_the_type_does_not_know_are_dropped_and_own_ones_kept():
    found = effects(
        {"id": "Default", "workerGroup": "w", "runsOn": {"ref": "E"}, "myNote": "n"},
        {"id": "E", "type": "Ec2Resource", "surprise": "!"},
        {"id": "F", "type": "CSV"},
    )
    assert {field.key for field in found["E"].fields} == {"type", "surprise", "myNote"}
    assert {field.key for field in found["F"].fields} == {"type", "myNote"}


def test_what_one_type_drops_still_reaches_its_children():
    found = effects(
        {"id": "Default", "workerGroup": "w"},
        {"id": "P", "type": "CSV"},
        {"id": "A", "type": "CopyActivity", "parent": {"ref": "P"}},
    )
    assert found["A"].text("workerGroup") == "w"


def test_a_circular_parent_adds_nothing_twice_and_ends():
    found = effects({"id": "A", "parent": {"ref": "B"}, "myA": "1"}, {"id": "B", "parent": {"ref": "A"}, "myB": "2"})
    assert found["A"].text("myB") == "2" or found["B"].text("myA") == "1"


def test_default_does_not_inherit_from_itself():
    assert effects({"id": "Default", "role": "R"})["Default"].texts("role") == ("R",)


def test_a_dangling_parent_is_ignored():
    assert effects({"id": "A", "parent": {"ref": "Gone"}})["A"].refs("parent") == ("Gone",)


def test_a_chain_of_ten_thousand_parents_is_followed():
    objects = [PipelineObject("O0", "O0", (Field("myTop", "x"),))]
    objects += [PipelineObject(f"O{n}", f"O{n}", (Field("parent", Ref(f"O{n - 1}")),)) for n in range(1, 10_000)]
    assert effective(Definition(tuple(reversed(objects))))["O9999"].text("myTop") == "x"


def test_inherited_fields_are_bounded():
    objects = [PipelineObject("O0", "O0", ())]
    for n in range(1, 100):
        fields = [Field("parent", Ref(f"O{n - 1}")), *(Field(f"my_{n}_{m}", "x") for m in range(100))]
        objects.append(PipelineObject(f"O{n}", f"O{n}", tuple(fields)))
    assert len(effective(Definition(tuple(objects)))["O99"].fields) <= MOST_FIELDS
