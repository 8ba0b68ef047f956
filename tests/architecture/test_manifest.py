"""app.py is a manifest: short bodies, every entry point, no work at import."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOYED = [ROOT / "app.py", *sorted((ROOT / "chalicelib").rglob("*.py"))]
ENTRY_POINTS = {"route", "lambda_function", "schedule"} | {
    f"on_{event}"
    for event in (
        "s3_event",
        "sns_message",
        "sqs_message",
        "cw_event",
        "kinesis_record",
        "dynamodb_record",
        "ws_message",
    )
}


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    yield from (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef))


def decorators(function: ast.FunctionDef) -> set[str]:
    calls = [node.func if isinstance(node, ast.Call) else node for node in function.decorator_list]
    return {node.attr for node in calls if isinstance(node, ast.Attribute)}


def statements(function: ast.FunctionDef) -> list[ast.stmt]:
    has_docstring = ast.get_docstring(function) is not None
    return function.body[1:] if has_docstring else function.body


@pytest.mark.parametrize("function", list(functions(ROOT / "app.py")), ids=lambda function: function.name)
def test_a_function_of_the_manifest_is_an_entry_point_of_at_most_three_statements(function: ast.FunctionDef) -> None:
    assert decorators(function) & ENTRY_POINTS
    assert ast.get_docstring(function)
    assert len(statements(function)) <= 3


def test_no_entry_point_is_declared_outside_the_manifest() -> None:
    elsewhere = [
        f"{path.relative_to(ROOT)}:{function.name}"
        for path in DEPLOYED[1:]
        for function in functions(path)
        if decorators(function) & ENTRY_POINTS
    ]
    assert elsewhere == []
