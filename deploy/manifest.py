"""What app.py declares, read from its text: importing it would read this process's environment for a function's."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.site import API_FUNCTION


@dataclass(frozen=True, slots=True)
class Manifest:
    """Functions of app.py by what starts them. All routes are one function's."""

    queued: tuple[str, ...]
    scheduled: tuple[str, ...]

    @property
    def functions(self) -> tuple[str, ...]:
        """Every function that is deployed."""
        return (API_FUNCTION, *self.queued, *self.scheduled)


def manifest(app: Path) -> Manifest:
    """The entry points in the file `app`."""
    found = dict(_entries(ast.parse(app.read_text())))
    return Manifest(
        tuple(name for name, kind in found.items() if kind == "on_sqs_message"),
        tuple(name for name, kind in found.items() if kind in ("schedule", "on_cw_event")),
    )


def _entries(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        for decorator in function.decorator_list:
            if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
                yield function.name, decorator.func.attr
