"""Secrets: sealed and masked where they are text, readable where they are expressions, opened at the last moment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.sqlite.sealer import KeySealer
from chalicelib.domain.definition.model import (
    Definition,
    Field,
    ParameterAttribute,
    ParameterObject,
    ParameterValue,
    PipelineObject,
)
from chalicelib.domain.run.effects import Placement
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import AttemptId, PipelineId, Ref
from chalicelib.service.secrets import (
    MASK,
    mask_definition,
    mask_tokens,
    seal_definition,
    unmask_definition,
    unseal,
    unseal_definition,
    unseal_text,
)

SEALER = KeySealer(b"k" * 32)
HERE = PipelineId("df-HERE")
ELSEWHERE = PipelineId("df-ELSEWHERE")


def definition(password: str, value: str = "v", default: str = "d") -> Definition:
    database = PipelineObject("Db", "Db", (Field("*password", password), Field("username", "u"), Field("x", Ref("y"))))
    parameter = ParameterObject(
        "*myPassword", (ParameterAttribute("default", default), ParameterAttribute("type", "S"))
    )
    return Definition((database,), (parameter,), (ParameterValue("*myPassword", value), ParameterValue("myPlain", "p")))


@given(st.text(), st.text(), st.text())
def test_what_is_sealed_opens_to_the_same(password: str, value: str, default: str) -> None:
    written = definition(password, value, default)
    assert unseal_definition(seal_definition(written, HERE, SEALER), HERE, SEALER) == written


def test_nothing_secret_stands_in_a_sealed_definition() -> None:
    sealed = repr(seal_definition(definition("hunter2", "swordfish", "sesame"), HERE, SEALER))
    assert not any(secret in sealed for secret in ("hunter2", "swordfish", "sesame"))
    assert "myPlain" in sealed


def test_an_expression_in_a_secret_stays_readable_and_the_text_around_it_does_not() -> None:
    sealed = (
        seal_definition(definition("opening-#{*myPassword + '}'}-end"), HERE, SEALER).by_id()["Db"].text("*password")
    )
    assert sealed is not None
    assert "#{*myPassword + '}'}" in sealed
    assert "opening" not in sealed.split("#")[0]
    assert unseal_text(sealed, HERE, SEALER) == "opening-#{*myPassword + '}'}-end"


def test_masking_hides_values_and_shows_what_is_only_an_expression() -> None:
    def shown(password: str) -> str | None:
        sealed = seal_definition(definition(password), HERE, SEALER)
        return mask_definition(sealed).by_id()["Db"].text("*password")

    assert shown("hunter2") == MASK
    assert shown("#{*myPassword}") == "#{*myPassword}"
    assert shown("x#{*myPassword}") == MASK


def test_the_mask_stands_for_what_is_stored_in_the_same_place() -> None:
    stored = seal_definition(definition("hunter2", "swordfish", "sesame"), HERE, SEALER)
    assert unmask_definition(definition(MASK, MASK, MASK), stored, HERE, SEALER) == definition(
        "hunter2", "swordfish", "sesame"
    )
    assert unmask_definition(definition(MASK), None, HERE, SEALER) == definition(MASK)


@pytest.mark.parametrize("text", ["{sealed:}", "{sealed:abc}", "{sealed:\u00e9}", "a {sealed:QUJD} b"])
def test_what_only_looks_like_a_token_stays_as_it_is(text: str) -> None:
    assert unseal_text(text, HERE, SEALER) == text


def test_a_token_opens_for_its_own_pipeline_only() -> None:
    token = f"{{sealed:{SEALER.seal('hunter2', HERE)}}}"
    assert unseal_text(token, HERE, SEALER) == "hunter2"
    assert unseal_text(token, ELSEWHERE, SEALER) == token


def test_a_task_is_opened_wherever_a_token_is_embedded_and_shown_masked() -> None:
    token = f"{{sealed:{SEALER.seal('hunter2', HERE)}}}"
    item = PipelineObject("a", "a", (Field("command", f"login {token}"), Field("input", Ref("b"))))
    task = Task(HERE, AttemptId("a"), 1, Placement.SERVERLESS, None, {"a": item})
    assert unseal(task, SEALER).subject.text("command") == "login hunter2"
    assert unseal(task, SEALER).subject.texts("*secrets") == ("hunter2",)
    assert mask_tokens(item).text("command") == f"login {MASK}"
