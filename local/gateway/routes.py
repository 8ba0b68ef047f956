"""Which resource of the API a path names."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote


@dataclass(frozen=True, slots=True)
class Route:
    """A resource of the API that a path matches, and the parts of it that have names, as they were sent."""

    resource: str
    parameters: Mapping[str, str]


def match_route(patterns: tuple[str, ...], path: str) -> Route | None:
    """The first of `patterns` that `path`, as it was sent, matches; literal segments win over `{name}` ones.

    Escapes are left as they are, as a REST API of API Gateway leaves them: an escaped slash is part of a name.
    """
    parts = path.strip("/").split("/")
    for pattern in sorted(patterns, key=lambda item: item.count("{")):
        captured = _captured(pattern.strip("/").split("/"), parts)
        if captured is not None:
            return Route(pattern, captured)
    return None


def _captured(wanted: list[str], parts: list[str]) -> dict[str, str] | None:
    if len(wanted) != len(parts):
        return None
    captured = {}
    for want, part in zip(wanted, parts, strict=True):
        if want.startswith("{"):
            captured[want[1:-1]] = part
        elif want != unquote(part):
            return None
    return captured
