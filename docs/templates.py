"""The page of the console's templates, from the templates themselves; see docs/generate.py."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chalicelib.service.templates import SAYS, TEMPLATES

_USE = """`chalicelib/templates/` holds the templates of the service's console as definitions.
Give the parameters values:

    aws datapipeline put-pipeline-definition --pipeline-id df-… \\
        --pipeline-definition file://chalicelib/templates/full-copy-of-rds-mysql-table-to-s3.json \\
        --parameter-values myRDSInstanceId=shop myRDSUsername=reader '*myRDSPassword=…' \\
            myRDSTableName=orders myOutputS3Loc=s3://bucket/orders

A template on demand runs once an activation; to run it on a schedule give `Default` a `schedule` and another
`scheduleType`.
"""


def templates_page(made: str) -> str:
    """The page; `made` says that it is generated."""
    lines = ["# Console templates", "", made, _USE]
    for name in SAYS:
        lines += _section(name, json.loads((TEMPLATES / f"{name}.json").read_text(encoding="utf-8")))
    return "\n".join(lines)


def _section(name: str, document: Mapping[str, Any]) -> Iterator[str]:
    title, says = SAYS[name]
    types = dict.fromkeys(each["type"] for each in document["objects"] if "type" in each)
    yield from (f"## {title}", "", f"{says} File: `{name}.json`. Objects: {', '.join(types)}.", "")
    yield from ("| parameter | type | default | what |", "|---|---|---|---|")
    yield from map(_row, document["parameters"])
    yield ""


def _row(parameter: Mapping[str, Any]) -> str:
    several = ", several" if parameter.get("isArray") == "true" else ""
    cells = (f"`{parameter['id']}`", parameter["type"] + several, _default(parameter), " ".join(_words(parameter)))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _default(parameter: Mapping[str, Any]) -> str:
    found: str | Sequence[str] = parameter.get("default", ())
    texts = [found] if isinstance(found, str) else found
    shown = ", ".join(f"`{text}`" for text in texts if text.strip())
    return shown or ("none, optional" if parameter.get("optional") == "true" else "")


def _words(parameter: Mapping[str, Any]) -> Iterator[str]:
    yield f"{parameter['description']}."
    if parameter.get("allowedValues"):
        yield f"One of {', '.join(f'`{each}`' for each in parameter['allowedValues'])}."
    if parameter.get("helpText"):
        yield parameter["helpText"]
    if parameter["id"].startswith("*"):
        yield "Kept secret."
