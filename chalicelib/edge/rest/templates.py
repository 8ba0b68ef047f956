"""Templates: listed and read with their typed parameters; `filled_template` is what a new pipeline asks for."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.definition.encoding import to_file
from chalicelib.domain.definition.model import Definition
from chalicelib.edge.identity import Scope
from chalicelib.edge.rest.contract import Call, Operation, Refused, Reply, ref
from chalicelib.edge.rest.paging import PAGING, listing, marker
from chalicelib.edge.rest.schemas.definitions import EXAMPLE
from chalicelib.edge.rest.schemas.templates import SUMMARY
from chalicelib.ports.bundle import Ports
from chalicelib.service.templates import Template, TemplateParameter, filled, named, templates

NOUN = "templates"


def filled_template(body: Mapping[str, Any]) -> Definition:
    """The definition that the shape FilledTemplate asks for."""
    found = named(body["name"])
    return filled(found, {name: _texts(value) for name, value in body.get("parameters", {}).items()})


def _texts(value: Any) -> list[str]:
    """A typed value as the language's texts."""
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    if isinstance(value, float) and value.is_integer():
        return [str(int(value))]
    return [str(value).lower() if isinstance(value, bool) else str(value)]


def _list(call: Call, _ports: Ports) -> Reply:
    names = templates()
    start = int(marker(call) or 0)
    end = start + call.query["limit"]
    return listing(call, [_summary(named(name)) for name in names[start:end]], str(end) if end < len(names) else None)


def _get(call: Call, _ports: Ports) -> Reply:
    if call.path["name"] not in templates():
        raise Refused(404, "NotFound", "There is no template of this name", field="name")
    found = named(call.path["name"])
    return Reply(_summary(found) | {"definition": to_file(found.definition)})


def _summary(found: Template) -> dict[str, Any]:
    parameters = [_parameter(each) for each in found.parameters]
    return {"name": found.name, "title": found.title, "description": found.says, "parameters": parameters}


def _parameter(each: TemplateParameter) -> dict[str, Any]:
    declared = each.parameter
    words = {"helpText": each.help_text, "example": each.example}
    return {
        "id": declared.id,
        "type": declared.written_type,
        "isArray": declared.array,
        "required": declared.required,
        "secret": declared.secret,
        "default": list(declared.default),
        "allowedValues": list(declared.allowed),
        "pattern": f"^({declared.pattern})$",
        "expected": declared.expected,
        "description": each.description,
    } | {name: text for name, text in words.items() if text}


OPERATIONS = (
    Operation(
        id="listTemplates",
        method="GET",
        path="/templates",
        noun=NOUN,
        scope=Scope.READ,
        summary="List templates",
        run=_list,
        query=PAGING,
        reply=ref("TemplatePage"),
        answers={"items": [SUMMARY]},
    ),
    Operation(
        id="getTemplate",
        method="GET",
        path="/templates/{name}",
        noun=NOUN,
        scope=Scope.READ,
        summary="Read a template",
        run=_get,
        reply=ref("Template"),
        answers={**SUMMARY, "definition": EXAMPLE},
    ),
)
