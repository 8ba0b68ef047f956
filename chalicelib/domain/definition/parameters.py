"""Parameters: their declarations, their values, and whether the two agree.

Source: developer guide, "Creating a pipeline using parametrized templates".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from chalicelib.domain.definition.model import Definition, ParameterObject

SECRET = "*"


class ParameterType(Enum):
    """The types a parameter may have."""

    STRING = "String"
    INTEGER = "Integer"
    DOUBLE = "Double"
    S3_KEY = "AWS::S3::ObjectKey"


EXPECTED = {
    ParameterType.STRING: "a text",
    ParameterType.INTEGER: "a whole number",
    ParameterType.DOUBLE: "a number",
    ParameterType.S3_KEY: "an S3 address, 's3://bucket/key'",
}
_ANY = re.compile(r"[\s\S]*")
_ACCEPTS = {
    ParameterType.STRING: _ANY,
    ParameterType.INTEGER: re.compile(r"[+-]?[0-9]+"),
    ParameterType.DOUBLE: re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"),
    ParameterType.S3_KEY: re.compile(r"s3[an]?://[^/\s]+(/[\s\S]*)?"),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declaration, decoded. `kind` is None when the declared type is not one of ours."""

    id: str
    kind: ParameterType | None
    written_type: str
    array: bool
    optional: bool
    allowed: tuple[str, ...]
    default: tuple[str, ...]

    @property
    def secret(self) -> bool:
        """Whether its value must never be shown."""
        return self.id.startswith(SECRET)

    @property
    def required(self) -> bool:
        """Whether it has to be given a value."""
        return not self.optional and not self.default

    @property
    def pattern(self) -> str:
        """The regular expression that a value of the declared type matches whole."""
        return (_ACCEPTS[self.kind] if self.kind is not None else _ANY).pattern

    @property
    def expected(self) -> str:
        """What a value of the declared type is, in words."""
        return EXPECTED[self.kind or ParameterType.STRING]

    def accepts(self, text: str) -> bool:
        """Whether one value is of the declared type."""
        return self.kind is None or _ACCEPTS[self.kind].fullmatch(text) is not None


def declared(definition: Definition) -> Mapping[str, Parameter]:
    """Every declared parameter by id; of two with one id the last counts."""
    return {item.id: _decoded(item) for item in definition.parameters}


def given_values(definition: Definition) -> Mapping[str, tuple[str, ...]]:
    """The values that were given, by id, in order, without defaults."""
    found: dict[str, list[str]] = {}
    for value in definition.values:
        found.setdefault(value.id, []).append(value.value)
    return {each: tuple(values) for each, values in found.items()}


def parameter_values(definition: Definition) -> Mapping[str, tuple[str, ...]]:
    """Values by parameter id: what was given, else the default. Undeclared ones are included.

    An optional one without either is an empty list, so that a field made of it alone is as if it were not there.
    """
    defaults = {each.id: each.default for each in declared(definition).values() if each.default or each.optional}
    return {**defaults, **given_values(definition)}


def missing(definition: Definition) -> Iterator[Parameter]:
    """Declared parameters that are not optional and have no value."""
    known = parameter_values(definition)
    return (each for each in declared(definition).values() if not each.optional and each.id not in known)


def _decoded(item: ParameterObject) -> Parameter:
    attributes: dict[str, list[str]] = {}
    for each in item.attributes:
        attributes.setdefault(each.key, []).append(each.value)
    written = attributes.get("type", ["String"])[-1]
    return Parameter(
        id=item.id,
        kind=next((kind for kind in ParameterType if kind.value == written), None),
        written_type=written,
        array=_flag(attributes, "isArray"),
        optional=_flag(attributes, "optional"),
        allowed=tuple(attributes.get("allowedValues", ())),
        default=tuple(attributes.get("default", ())),
    )


def _flag(attributes: Mapping[str, list[str]], key: str) -> bool:
    return attributes.get(key, ["false"])[-1].lower() == "true"
