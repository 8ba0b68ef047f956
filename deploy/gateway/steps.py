"""One change of a stage's API: what it is for the reader, and the calls that make it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.changes import Change

Client = Callable[[str], Any]
"""A boto3 client by the name of its service."""
UNREACHED = frozenset({"update_method", "update_integration", "update_model", "update_domain_name"})
"""Calls that moto, and with it the embedded AWS, does not answer."""
UNKEPT = frozenset({"api/minimumCompressionSize"})
"""What it answers and forgets."""


@dataclass(frozen=True, slots=True)
class Made:
    """The id of something that an earlier call made, or that was there; by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call of an AWS API. `makes` is the name under which the id in its answer is kept."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    makes: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """Differences that are set by the same calls.

    definition  whether it changes the API itself, which is only served after a new deployment of it
    """

    differences: tuple[Change, ...]
    calls: tuple[Call, ...]
    client: Client
    ids: dict[str, str] = field(default_factory=dict)
    definition: bool = False

    @property
    def unreached(self) -> bool:
        """Whether the embedded AWS lacks a call of it, or would not keep what it sets."""
        lacking = any(call.operation in UNREACHED for call in self.calls)
        return lacking or {each.where for each in self.differences} <= UNKEPT

    def apply(self) -> None:
        """Make the calls. Raises botocore's errors; what was called before stays, and is found by the next plan."""
        for call in self.calls:
            answer = getattr(self.client(call.service), call.operation)(**filled(call.parameters, self.ids))
            if call.makes:
                self.ids[call.makes] = answer["id"]

    def __str__(self) -> str:
        return "\n".join(str(each) for each in self.differences)


def filled(value: Any, ids: Mapping[str, str]) -> Any:
    """The parameters with ids for names."""
    if isinstance(value, Made):
        return ids[value.name]
    if isinstance(value, Mapping):
        return {key: filled(each, ids) for key, each in value.items()}
    return [filled(each, ids) for each in value] if isinstance(value, list) else value


def patch(op: str, path: str, value: Any = None) -> dict[str, Any]:
    """A patch operation; its value is written as API Gateway reads it."""
    return {"op": op, "path": path} | ({} if value is None else {"value": written(value)})


def written(value: Any) -> Any:
    """A value as the text of a patch: `true`, `0.5`, `100`."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else value if isinstance(value, str | Made) else str(value)


def differing(where: str, before: Any, after: Any) -> Iterable[Change]:
    """The one difference of a plain value, if there is one."""
    return () if before == after else (Change(where, before, after),)
