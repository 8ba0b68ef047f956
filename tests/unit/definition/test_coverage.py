"""Every field of every type of the service runs, or it is said why not."""

import json
from pathlib import Path

import pytest

from chalicelib.domain.definition.catalog import object_type
from chalicelib.domain.definition.coverage import REASONS, Fate, reasons
from docs.coverage import fate
from docs.readers import READERS, is_read

FACTS = json.loads((Path(__file__).parents[2] / "cases" / "definitions" / "objects.json").read_text())


def fields(name: str) -> list[str]:
    groups = (lines for group, lines in FACTS[name].items() if group != "category")
    return [line.split(" ")[0] for lines in groups for line in lines]


def test_every_type_of_the_guide_is_on_the_page() -> None:
    assert set(READERS) == set(FACTS)


@pytest.mark.parametrize("name", FACTS)
def test_every_field_is_read_by_code_of_its_type_or_explained(name: str) -> None:
    known = object_type(name)
    assert known is not None
    assert set(fields(name)) <= set(known.slots)
    for slot in known.slots.values():
        found, why = fate(name, slot)
        assert bool(why) is (found not in (Fate.RUNS, Fate.SHOWN)), (name, slot.name)
        assert (found in (Fate.SHOWN, Fate.NEVER)) is (not slot.settable), (name, slot.name)


def test_what_is_said_to_be_ignored_is_not_read_and_what_is_said_to_be_refused_is() -> None:
    wrong = [
        (name, slot.name)
        for name in READERS
        for slot in getattr(object_type(name), "slots", {}).values()
        for reason in reasons(name, slot.name)
        if reason.types != ("*",)
        and not reason.namesake
        and is_read(name, slot.name) is not (reason.fate is Fate.REFUSED)
    ]
    assert wrong == []


def test_every_reason_is_about_a_field_that_exists() -> None:
    named = {(name, field) for reason in REASONS for name in reason.types for field in reason.fields if name != "*"}
    assert [each for each in named if each[1] not in getattr(object_type(each[0]), "slots", {})] == []


def test_a_field_that_nothing_reads_is_found_out() -> None:
    assert not is_read("CopyActivity", "hiveScript")
    assert is_read("HiveActivity", "hiveScript")
    assert is_read("EmrCluster", "coreInstanceBidPrice")
