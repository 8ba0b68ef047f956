"""What CloudFormation's serverless transform makes of a template: AWS's own translator, run here.

The embedded CloudFormation has no transforms, so that a packaged template is translated before it gets there.
"""

import os
from collections.abc import Mapping
from typing import Any

from samtranslator.translator.transform import transform

TRANSFORM = "AWS::Serverless-2016-10-31"


class _NoPolicies:
    """The translator asks for AWS's managed policies by name; functions here have roles of their own."""

    def load(self) -> Mapping[str, str]:
        return {}


def translated(template: Mapping[str, Any], region: str) -> dict[str, Any]:
    """The template without serverless types. Raises the translator's InvalidDocumentException."""
    if template.get("Transform") != TRANSFORM:
        return dict(template)
    os.environ.setdefault("AWS_DEFAULT_REGION", region)  # the translator asks for the partition of the region
    found: dict[str, Any] = transform({**template}, {}, _NoPolicies())
    return found
