"""The object catalogue and the functions of expressions, for editors and forms: what to write, and what it means.

It changes with a deployment only: answered from memory, with a validator that is the same wherever it is computed.
"""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from json import dumps
from typing import Any

from chalicelib.domain.definition.catalog import TYPES, ObjectType, Slot, object_type
from chalicelib.domain.expression.functions import FUNCTIONS
from chalicelib.edge.identity import Scope
from chalicelib.edge.rest.contract import Call, Operation, Reply, ref
from chalicelib.edge.rest.schemas.catalogue import FUNCTION, TYPE
from chalicelib.ports.bundle import Ports

LASTING = "private, max-age=300"
"""A browser asks again after five minutes, and then mostly hears that nothing changed."""


def _get(call: Call, _ports: Ports) -> Reply:
    body, validator = _catalogue()
    headers = {"ETag": validator, "Cache-Control": LASTING}
    had = {each.strip().removeprefix("W/") for each in call.headers.get("if-none-match", "").split(",")}
    return Reply(None, headers, status=304) if had & {validator, "*"} else Reply(body, headers)


@cache
def _catalogue() -> tuple[Mapping[str, Any], str]:
    types = [_type(known) for known in map(object_type, TYPES) if known is not None]
    functions = [
        {"name": name, "parameters": [each.value for each in function.parameters], "help": function.says}
        for name, function in sorted(FUNCTIONS.items())
    ]
    body = {"types": types, "functions": functions}
    return body, f'"{sha256(dumps(body).encode()).hexdigest()[:32]}"'


def _type(known: ObjectType) -> dict[str, Any]:
    fields = [_field(slot) for slot in known.slots.values() if not slot.facts.forbidden]
    body = {"name": known.name, "category": known.category.value, "help": known.says}
    return body | ({"replacedBy": known.deprecated} if known.deprecated else {}) | {"fields": fields}


def _field(slot: Slot) -> dict[str, Any]:
    facts = slot.facts
    always = {
        "name": slot.name,
        "kind": slot.kind.value,
        "when": slot.group.value,
        "multiple": slot.multiple,
        "help": facts.says,
    }
    sometimes = {
        "default": slot.default,
        "targets": list(facts.to),
        "allowedValues": list(slot.choices),
        "knownValues": list(facts.listed or ()),
        "specialValues": list(facts.specials),
        "anyCase": facts.any_case,
        "oneOf": facts.one_of,
        "excludes": list(facts.excludes),
        "requires": list(facts.requires),
        "secret": facts.secret,
        "deprecated": facts.deprecated,
    }
    return always | {name: value for name, value in sometimes.items() if value}


OPERATIONS = (
    Operation(
        id="listObjectTypes",
        method="GET",
        path="/objectTypes",
        noun="definitions",
        scope=Scope.READ,
        summary="Read the object catalogue",
        description="Every object type with its fields, inherited ones included, and the functions of expressions. "
        "It changes with a deployment only.",
        run=_get,
        reply=ref("Catalogue"),
        if_none_match=True,
        headers=("ETag",),
        answers={"types": [TYPE], "functions": [FUNCTION]},
    ),
)
