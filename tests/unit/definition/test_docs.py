"""The reference pages that come from code are as the code is."""

import json
import re
from dataclasses import fields

import pytest

from chalicelib.domain.definition.catalog import TYPES
from chalicelib.domain.definition.checks.finding import Code
from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.definition.model import Findings
from chalicelib.domain.definition.validate import activation_findings
from chalicelib.domain.values import parse_time
from docs.generate import REFERENCE, pages

PAGES = pages()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_generated_page_is_current(path):
    assert path.read_text(encoding="utf-8") == PAGES[path], "run python -m docs.generate"


def test_every_type_code_and_limit_is_on_a_page():
    text = "".join(PAGES.values())
    assert [name for name in TYPES if f"## {name}\n" not in text] == []
    assert [code.name for code in Code if f"| `{code.name}` |" not in text] == []
    assert [each.name for each in fields(Limits) if f"| `{each.name}` |" not in text] == []


def test_no_page_of_objects_is_left_over():
    assert {path for path in PAGES if path.parent.name == "objects"} == set((REFERENCE / "objects").glob("*.md"))


def test_the_example_of_the_definition_page_can_be_activated():
    page = (REFERENCE / "definition.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    definition = from_file(json.loads(example))
    now = parse_time("2029-12-31")
    assert activation_findings(definition, limits=Limits(), now=now, first_activation=None) == Findings()


def test_every_link_of_the_definition_page_leads_somewhere():
    page = (REFERENCE / "definition.md").read_text(encoding="utf-8")
    missing = [target for target in re.findall(r"\]\(([^)#]+)\)", page) if not (REFERENCE / target).exists()]
    assert missing == []
