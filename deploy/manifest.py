"""What app.py declares, read from its text: importing it would read this process's environment for a function's."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.site import API_FUNCTION


@dataclass(frozen=True, slots=True)
class Manifest:
    """Functions of app.py by what starts them. All routes are one function's."""

    queued: tuple[str, ...]
    streamed: tuple[str, ...]
    scheduled: tuple[str, ...]

    @property
    def functions(self) -> tuple[str, ...]:
        """Every function that is deployed."""
        return (API_FUNCTION, *self.fed, *self.scheduled)

    @property
    def fed(self) -> tuple[str, ...]:
        """Functions that have an event source."""
        return (*self.queued, *self.streamed)


def manifest(app: Path, environment: Mapping[str, str] | None = None) -> Manifest:
    """The entry points in the file `app`; those under `if settings.x` when the functions' environment sets x."""
    found = dict(_entries(_present(ast.parse(app.read_text()), environment or {})))
    return Manifest(
        tuple(name for name, kind in found.items() if kind == "on_sqs_message"),
        tuple(name for name, kind in found.items() if kind == "on_kinesis_record"),
        tuple(name for name, kind in found.items() if kind in ("schedule", "on_cw_event")),
    )


def _present(tree: ast.Module, environment: Mapping[str, str]) -> Iterator[ast.stmt]:
    for node in tree.body:
        setting = ast.unparse(node.test).removeprefix("settings.") if isinstance(node, ast.If) else ""
        if isinstance(node, ast.If) and environment.get(f"PENSTOCK_{setting.upper()}"):
            yield from node.body
        yield node


def _entries(statements: Iterator[ast.stmt]) -> Iterator[tuple[str, str]]:
    for function in (node for node in statements if isinstance(node, ast.FunctionDef)):
        for decorator in function.decorator_list:
            if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
                yield function.name, decorator.func.attr
