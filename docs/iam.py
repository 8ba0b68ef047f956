"""The page of what each function may do, from the policies it is deployed with; see docs/generate.py."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

_POLICIES = Path(__file__).parent.parent / ".chalice"
_PREFIX = "policy-dev-"
_INTRODUCTION = """Every function has a role of its own. Its policy is `.chalice/policy-dev-<function>.json`; those of
another stage have its name for `dev`. A test compares them with the calls that the functions make while everything runs
embedded, both ways: no call without its permission, no permission without a call. A linter refuses wildcards
in actions.

Data that definitions name is reached under [the *definition's* role](../howto/roles.md), never under a function's own,
which has no permission for anybody's buckets, tables or clusters.

## People and programs

- Deploying needs CloudFormation, and the right to make what the two stacks hold: IAM roles, functions, API, tables,
  queues, topics, rules, buckets, a key, a user pool, alarms and logs. In practice that is an administrator's role; once
  the foundation stands, one that may change what is named `penstock-<stage>-*` is enough.
- The `aws datapipeline` CLI, boto3 and Task Runners need `execute-api:Invoke` on
  `arn:aws:execute-api:<region>:<account>:<api>/*/POST/datapipeline`; programs that use `/iam/v1`, on its methods.
- People, and machines with a token, need a scope, which they have by their [groups](../howto/sign-in.md).

## Functions
"""


def iam_page(made: str) -> str:
    """The page; `made` says that it is generated."""
    return "\n".join(["# IAM", "", made, _INTRODUCTION, *_functions()]).rstrip() + "\n"


def _functions() -> Iterator[str]:
    for path in sorted(_POLICIES.glob(f"{_PREFIX}*.json")):
        yield from (f"### `{path.stem.removeprefix(_PREFIX)}`", "")
        yield from ("| statement | actions | on | only when |", "|---|---|---|---|")
        yield from (_row(statement) for statement in json.loads(path.read_text())["Statement"])
        yield ""


def _row(statement: Mapping[str, Any]) -> str:
    actions = _coded(_each(statement["Action"]))
    resources = _coded(_short(_each(statement["Resource"])))
    return f"| {statement['Sid']} | {actions} | {resources} | {_condition(statement.get('Condition', {}))} |"


def _each(value: str | Sequence[str]) -> Sequence[str]:
    return (value,) if isinstance(value, str) else value


def _short(arns: Sequence[str]) -> Sequence[str]:
    """ARNs without what they have in common with every other, and without the indexes of tables that stand there."""
    short = [arn.replace("arn:*:", "").replace(":*:*:", ":") for arn in arns]
    return [arn for arn in short if arn.removesuffix("/index/*") not in short or not arn.endswith("/index/*")]


def _coded(words: Sequence[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _condition(condition: Mapping[str, Mapping[str, Any]]) -> str:
    parts = [
        f"{key} {operator} {_coded(_each(value))}"
        for operator, keys in condition.items()
        for key, value in keys.items()
    ]
    return "; ".join(parts)
