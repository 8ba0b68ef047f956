"""Models of bodies, in what API Gateway understands of JSON Schema draft 4.

A model may let through what the application then refuses, with a better message; it must refuse nothing that the
application takes. So every keyword is left out whose meaning differs between the two: several types, patterns,
formats, and array sizes, which imports ignore.

Source: API Gateway Developer Guide, "Amazon API Gateway important notes", "Data models for REST APIs"
"""

from collections.abc import Mapping
from typing import Any

from deploy.methods import Method

DRAFT = "http://json-schema.org/draft-04/schema#"
KEPT = frozenset({"type", "required", "enum", "minLength", "maxLength", "minimum", "maximum"})


def model_name(method: Method) -> str:
    """The name of a method's model: letters and digits only."""
    return f"{method.operation[:1].upper()}{method.operation[1:]}Body"


def model(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a body (without references) as a model."""
    simplified: dict[str, Any] = _simplified(schema)
    return {"$schema": DRAFT} | simplified


def _simplified(schema: Any) -> Any:
    if not isinstance(schema, Mapping):
        return schema
    if "anyOf" in schema or not isinstance(schema.get("type", ""), str):
        return {}
    kept = {key: value for key, value in schema.items() if key in KEPT and value != []}
    if "const" in schema:
        kept["enum"] = [schema["const"]]
    if "properties" in schema:
        kept["properties"] = {name: _simplified(each) for name, each in schema["properties"].items()}
    for key in ("items", "additionalProperties"):
        if key in schema:
            kept[key] = _simplified(schema[key])
    return kept
