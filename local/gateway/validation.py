"""Requests against what the stage has checked before the application is asked: required parameters, and bodies.

Source: API Gateway Developer Guide, "Request validation for REST APIs in API Gateway"
"""

import json
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft4Validator
from jsonschema.protocols import Validator

from deploy.gateway.fragments import validates_body
from deploy.gateway.models import model
from deploy.methods import Method
from deploy.stage import Stage, Validation
from local.gateway.exchange import Incoming

JSON = "application/json"


class Models:
    """What is checked of a stage's requests."""

    def __init__(self, stage: Stage, methods: tuple[Method, ...]) -> None:
        self._stage = stage
        bodies = [method for method in methods if validates_body(stage, method)]
        self._models: Mapping[str, Validator] = {
            method.operation: Draft4Validator(model(method.body or {})) for method in bodies
        }

    def fault(self, method: Method, request: Incoming) -> tuple[str, str] | None:
        """Type and words of the refusal; None when the request may pass."""
        if self._stage.validation is Validation.NONE or method.query is None:
            return None
        given = {name for name, value in request.query if value.strip()}
        missing = [name for name, required in method.query.items() if required and name not in given]
        if missing:
            return "BAD_REQUEST_PARAMETERS", f"Missing required request parameters: [{', '.join(missing)}]"
        return None if self._fits(method, request) else ("BAD_REQUEST_BODY", "Invalid request body")

    def _fits(self, method: Method, request: Incoming) -> bool:
        found = self._models.get(method.operation)
        content_type = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
        # Bodies of a type without a model pass unseen, as on API Gateway.
        if found is None or content_type != JSON:
            return True
        return bool(found.is_valid(_parsed(request.body)))


def _parsed(body: bytes) -> Any:
    """The JSON value; for what is none, one that no model takes."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return _NO_JSON


_NO_JSON = object()
