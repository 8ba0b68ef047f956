"""CloudFormation templates as plain values: YAML's short functions are written out, so that they can be compared."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

INLINE_BYTES = 51_200
"""What CloudFormation takes in a request; a larger template is read from a bucket, up to 1 MB."""


class _Reader(yaml.SafeLoader):
    """Reads `!Sub x` as `{"Fn::Sub": x}`."""


def _written_out(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]  # there is no fourth kind
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}


_Reader.add_multi_constructor("!", _written_out)


def read(path: Path) -> dict[str, Any]:
    """The template in a YAML or JSON file."""
    return parse(path.read_text())


def parse(text: str) -> dict[str, Any]:
    """The template in YAML or JSON text."""
    found: dict[str, Any] = yaml.load(text, _Reader)
    return found


def minified(template: Mapping[str, Any]) -> str:
    """The template as JSON without a space: about a third shorter than Chalice writes it."""
    return json.dumps(template, separators=(",", ":"), sort_keys=True, default=str)
