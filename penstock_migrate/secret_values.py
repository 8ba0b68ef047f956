"""Secrets: which values have to be given again, and where they are read from. Never from the command line.

A source shows `*` fields and `*my…` parameters masked or encrypted, so their values cannot be moved. They are read from
a TOML file that says for each where its value is, when it is needed and not before; nothing here prints or stores one.
"""

import json
import re
import stat
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from chalicelib.domain.definition.model import Definition, Field, ParameterObject, ParameterValue, PipelineObject
from penstock_migrate.errors import Unusable

EVERY = "*"
MASK = "*****"
_ONLY_EXPRESSIONS = re.compile(r"""(#\{(?:[^'"}]|'[^']*'|"[^"]*")*\})+""")
_SHAPES = (
    '{env = "NAME"}, {file = "path"}, {secret = "id", key = "member"}, {arn = "arn:aws:secretsmanager:…"} or a text'
)
_READABLE_BY_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def _nowhere(name: str) -> str:
    raise Unusable(f"--secrets: {name} cannot be read: there is no Secrets Manager here")


@dataclass(frozen=True, slots=True)
class Lookups:
    """Where values come from. `fetch` answers the text of a Secrets Manager secret, by its id or ARN."""

    environment: Mapping[str, str] = field(default_factory=dict)
    fetch: Callable[[str], str] = _nowhere


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a secrets file says; `repr` shows nothing of it."""

    entries: Mapping[str, Mapping[str, object]] = field(default_factory=dict, repr=False)
    lookups: Lookups = field(default_factory=Lookups, repr=False)

    def value(self, pipeline: str, place: str) -> str | None:
        """The value for a place of a pipeline, its own entry before that of every pipeline; None without one.

        Raises   Unusable when the entry leads nowhere
        """
        for owner in (pipeline, EVERY):
            entry = self.entries.get(owner, {}).get(place)
            if entry is not None:
                return _resolved(entry, place, self.lookups)
        return None


def secret_places(definition: Definition) -> tuple[str, ...]:
    """Places whose value has to be given again: `Object.*field`, and `*myParameter`; each once, in order.

    A value that is nothing but expressions is no secret: what it refers to is.
    """
    found: list[str] = []
    for item in definition.objects:
        found += [f"{item.id}.{each.key}" for each in item.fields if _is_secret(each.key, each.value)]
    found += [each.id for each in definition.values if _is_secret(each.id, each.value)]
    for parameter in definition.parameters:
        defaults = [each.value for each in parameter.attributes if each.key == "default"]
        found += [parameter.id for value in defaults if _is_secret(parameter.id, value)]
    return tuple(dict.fromkeys(found))


def filled(definition: Definition, pipeline: str, secrets: Secrets) -> tuple[Definition, tuple[str, ...]]:
    """The definition with its secrets, and the places for which there is none.

    Those are left out: a mask in their place would pass for a password, and a later try would see no difference.
    """
    places = secret_places(definition)
    known = {place: value for place in places if (value := secrets.value(pipeline, place)) is not None}
    missing = frozenset(places) - known.keys()
    given = {each.id for each in definition.values}
    declared = {item.id for item in definition.parameters}
    values = [replace(each, value=known.get(each.id, each.value)) for each in definition.values]
    values += [ParameterValue(name, known[name]) for name in known if name in declared - given]
    whole = Definition(
        tuple(_filled_object(item, known, missing) for item in definition.objects),
        tuple(_without_secret_default(item) for item in definition.parameters),
        tuple(each for each in values if each.id not in missing),
    )
    return whole, tuple(place for place in places if place in missing)


def masked(definition: Definition) -> Definition:
    """The definition as a service shows it, for comparing: two that differ in secrets alone are the same."""
    places = {place: MASK for place in secret_places(definition)}
    objects = tuple(_filled_object(item, places) for item in definition.objects)
    values = tuple(replace(each, value=places.get(each.id, each.value)) for each in definition.values)
    return Definition(objects, definition.parameters, values)


def read_secrets(path: Path, lookups: Lookups) -> Secrets:
    """Read a secrets file.

    Raises   Unusable when it cannot be read, is not of the form, or others may read values that stand in it
    """
    entries = _parsed(path)
    literal = any(isinstance(entry, str) for places in entries.values() for entry in places.values())
    if literal and path.stat().st_mode & _READABLE_BY_OTHERS:
        raise Unusable(f"{path} holds secrets and others may read it: run chmod 600 {path}")
    return Secrets(entries, lookups)


def template(places: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Lines of a secrets file to fill in, with the places of each pipeline."""
    yield f"# Say for each where its value is: {_SHAPES}."
    for pipeline, names in places.items():
        yield f"\n[{json.dumps(pipeline)}]"
        yield from (f"{json.dumps(name)} = {{env = {json.dumps(_variable(name))}}}" for name in names)


def _is_secret(key: str, value: object) -> bool:
    return key.startswith("*") and isinstance(value, str) and _ONLY_EXPRESSIONS.fullmatch(value) is None


def _filled_object(
    item: PipelineObject, known: Mapping[str, str], missing: frozenset[str] = frozenset()
) -> PipelineObject:
    kept = (each for each in item.fields if f"{item.id}.{each.key}" not in missing)
    return replace(item, fields=tuple(_filled_field(item.id, each, known) for each in kept))


def _filled_field(owner: str, each: Field, known: Mapping[str, str]) -> Field:
    value = known.get(f"{owner}.{each.key}") if _is_secret(each.key, each.value) else None
    return each if value is None else replace(each, value=value)


def _without_secret_default(item: ParameterObject) -> ParameterObject:
    """The default shown is a mask; the value given stands for it."""
    if not item.id.startswith("*"):
        return item
    return replace(item, attributes=tuple(each for each in item.attributes if each.key != "default"))


def _parsed(path: Path) -> Mapping[str, Mapping[str, object]]:
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Unusable(f"--secrets: {path} cannot be read as TOML: {type(error).__name__}") from error
    if not all(isinstance(places, dict) for places in read.values()):
        raise Unusable(f"--secrets: {path}: expected a table per pipeline, with entries like {_SHAPES}")
    return read


def _resolved(entry: object, place: str, lookups: Lookups) -> str:
    match entry:
        case str():
            return entry
        case {"arn": str(arn)}:
            return arn
        case {"env": str(name)}:
            return _found(lookups.environment.get(name), place, f"the environment has no {name}")
        case {"file": str(name)}:
            return _of_file(Path(name), place)
        case {"secret": str(name), **rest}:
            return _member(lookups.fetch(name), rest.get("key"), place)
        case _:
            raise Unusable(f"--secrets: {place}: expected {_SHAPES}")


def _of_file(path: Path, place: str) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise Unusable(f"--secrets: {place}: {path} cannot be read: {error.strerror}") from error


def _member(text: str, key: object, place: str) -> str:
    if key is None:
        return text
    try:
        read = json.loads(text)
    except ValueError as error:
        raise Unusable(f"--secrets: {place}: the secret is not JSON, so it has no member {key}") from error
    value = read.get(str(key)) if isinstance(read, dict) else None
    return _found(value if isinstance(value, str) else None, place, f"the secret has no text {key}")


def _found(value: str | None, place: str, otherwise: str) -> str:
    if value is None:
        raise Unusable(f"--secrets: {place}: {otherwise}")
    return value


def _variable(place: str) -> str:
    return re.sub(r"[^A-Z0-9]+", "_", place.upper()).strip("_")
