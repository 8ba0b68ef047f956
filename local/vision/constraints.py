"""A request held against the constraints of the service's own model, which clients check only in part.

Must not know what any operation does.
"""

import math
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.model import ServiceModel
from botocore.session import get_session

from local.vision.images import Refused, Request

Shape = Any
"""botocore's."""


def check(operation: str, request: Request) -> None:
    """Raise Refused for a request with anything missing, too small, too large or not of its pattern."""
    shape = _model().operation_model(operation).input_shape
    if shape is None or not _holds(shape, request):
        raise Refused("InvalidParameterException", "Request has invalid parameters")


@cache
def _model() -> ServiceModel:
    return ServiceModel(get_session().get_component("data_loader").load_service_model("rekognition", "service-2"))


def _holds(shape: Shape, value: Any) -> bool:
    match shape.type_name, value:
        case "structure", Mapping():
            return _complete(shape, value)
        case "list", list():
            return _within(shape, len(value)) and all(_holds(shape.member, each) for each in value)
        case "string", str():
            return _within(shape, len(value)) and _spelled(shape, value)
        case "blob", str():  # an image: its own refusals are in local.vision.images
            return True
        case "integer" | "float", int() | float():
            return _within(shape, value)
        case _:
            return False


def _complete(shape: Any, value: Mapping[str, Any]) -> bool:
    known = ((shape.members[name], part) for name, part in value.items() if name in shape.members)
    return all(name in value for name in shape.required_members) and all(_holds(*each) for each in known)


def _within(shape: Shape, size: float) -> bool:
    least, most = shape.metadata.get("min", -math.inf), shape.metadata.get("max", math.inf)
    return bool(least <= size <= most)


def _spelled(shape: Shape, text: str) -> bool:
    allowed = shape.metadata.get("enum")
    if allowed is not None and text not in allowed:
        return False
    return re.fullmatch(shape.metadata.get("pattern", r"(?s:.*)"), text) is not None
