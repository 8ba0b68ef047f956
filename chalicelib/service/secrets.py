"""Secret values: sealed before the store sees them, masked when shown, unsealed just before an executor needs them.

A sealed value travels inside text as a token, so that an expression may embed it (`user:#{*myPassword}`) without
anybody reading it. Source: developer guide, special characters: `*` marks fields that are kept encrypted.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from chalicelib.domain.definition.model import Definition, Field, ParameterAttribute, ParameterObject, PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import PipelineId
from chalicelib.ports.errors import Rejected
from chalicelib.ports.secrets import Sealer

MASK = "*****"
_TOKEN = re.compile(r"\{sealed:([^{}]*)\}")
_EXPRESSION = re.compile(r"""(#\{(?:[^'"}]|'[^']*'|"[^"]*")*\})""")
_SecretKey = tuple[str, str, int]


def seal_definition(definition: Definition, pipeline_id: PipelineId, sealer: Sealer) -> Definition:
    """Every secret value as tokens; expressions in it stay readable, since the engine has to evaluate them."""

    def seal(_: _SecretKey, text: str) -> str:
        return _literals(text, lambda literal: f"{{sealed:{sealer.seal(literal, pipeline_id)}}}")

    return _mapped(definition, seal)


def unmask_definition(
    definition: Definition, stored: Definition | None, pipeline_id: PipelineId, sealer: Sealer
) -> Definition:
    """The definition with every secret given as `*****` as the text that `stored` keeps sealed in that place."""
    kept = {} if stored is None else _secret_values(stored)

    def unmask(place: _SecretKey, text: str) -> str:
        return unseal_text(kept[place], pipeline_id, sealer) if text == MASK and place in kept else text

    return _mapped(definition, unmask)


def mask_definition(definition: Definition) -> Definition:
    """Every secret value as `*****`, for showing; one that is only an expression hides nothing and stays."""
    return _mapped(definition, lambda _place, text: MASK if _TOKEN.search(text) else text)


def unseal_definition(definition: Definition, pipeline_id: PipelineId, sealer: Sealer) -> Definition:
    """Every token as its text again, for validation of what will run."""
    return _mapped(definition, lambda _place, text: unseal_text(text, pipeline_id, sealer))


def unseal_text(text: str, pipeline_id: PipelineId, sealer: Sealer) -> str:
    """`text` with every token replaced. What only looks like one, or was made for another pipeline, stays as it is."""
    return _TOKEN.sub(lambda token: _opened(token, pipeline_id, sealer), text)


def unseal(task: Task, sealer: Sealer) -> Task:
    """The task as its executor needs it. Call it at the last moment: what it answers is never stored or logged.

    Secrets inside other fields are repeated as `*secrets` of the attempt, so that whoever works can mask them.
    """
    noting = _Noting(sealer)
    objects = {key: unseal_object(item, task.pipeline, noting) for key, item in task.objects.items()}
    whole = {field.value for item in objects.values() for field in item.fields if field.key.startswith("*")}
    subject = objects[task.attempt]
    more = tuple(Field("*secrets", secret) for secret in dict.fromkeys(noting.found) if secret not in whole)
    return replace(task, objects={**objects, task.attempt: replace(subject, fields=(*subject.fields, *more))})


def unseal_object(item: PipelineObject, pipeline_id: PipelineId, sealer: Sealer) -> PipelineObject:
    """The same for one object."""
    return replace(item, fields=tuple(_unsealed(field, pipeline_id, sealer) for field in item.fields))


def mask_tokens(item: PipelineObject) -> PipelineObject:
    """An evaluated object for showing: whatever holds a token, or is a secret field, shows the mask."""
    return replace(item, fields=tuple(_masked(field) for field in item.fields))


def mask_text(text: str) -> str:
    """`text` with the mask for every token."""
    return _TOKEN.sub(MASK, text)


@dataclass(frozen=True, slots=True)
class _Noting:
    """A sealer that remembers what it opened."""

    sealer: Sealer
    found: list[str] = field(default_factory=list)

    def seal(self, text: str, context: str) -> str:
        return self.sealer.seal(text, context)

    def unseal(self, sealed: str, context: str) -> str:
        self.found.append(self.sealer.unseal(sealed, context))
        return self.found[-1]


def _opened(token: re.Match[str], pipeline_id: PipelineId, sealer: Sealer) -> str:
    try:
        return sealer.unseal(token.group(1), pipeline_id)
    except Rejected:
        return token.group()


def _literals(text: str, change: Callable[[str], str]) -> str:
    """`text` with `change` applied to every run of it outside expressions."""
    parts = _EXPRESSION.split(text)
    return "".join(part if number % 2 else change(part) if part else "" for number, part in enumerate(parts))


def _masked(field: Field) -> Field:
    if not isinstance(field.value, str):
        return field
    return replace(field, value=MASK if field.key.startswith("*") else mask_text(field.value))


def _unsealed(field: Field, pipeline_id: PipelineId, sealer: Sealer) -> Field:
    if not isinstance(field.value, str):
        return field
    return replace(field, value=unseal_text(field.value, pipeline_id, sealer))


def _secret_values(definition: Definition) -> Mapping[_SecretKey, str]:
    found: dict[_SecretKey, str] = {}

    def note(place: _SecretKey, text: str) -> str:
        found[place] = text
        return text

    _mapped(definition, note)
    return found


def _mapped(definition: Definition, change: Callable[[_SecretKey, str], str]) -> Definition:
    """The definition with `change(place, text)` for every secret; a place is (owner, key, number among equals)."""
    seen: dict[tuple[str, str], int] = {}

    def changed(owner: str, key: str, text: str) -> str:
        number = seen[(owner, key)] = seen.get((owner, key), -1) + 1
        return change((owner, key, number), text)

    return Definition(
        tuple(_mapped_object(item, changed) for item in definition.objects),
        tuple(_mapped_parameter(item, changed) for item in definition.parameters),
        tuple(
            replace(item, value=changed("values", item.id, item.value)) if item.id.startswith("*") else item
            for item in definition.values
        ),
    )


def _mapped_object(item: PipelineObject, changed: Callable[[str, str, str], str]) -> PipelineObject:
    fields = tuple(
        replace(field, value=changed(f"object {item.id}", field.key, field.value))
        if field.key.startswith("*") and isinstance(field.value, str)
        else field
        for field in item.fields
    )
    return replace(item, fields=fields)


def _mapped_parameter(item: ParameterObject, changed: Callable[[str, str, str], str]) -> ParameterObject:
    if not item.id.startswith("*"):
        return item
    attributes = tuple(
        ParameterAttribute(found.key, changed(f"parameter {item.id}", found.key, found.value))
        if found.key == "default"
        else found
        for found in item.attributes
    )
    return replace(item, attributes=attributes)
