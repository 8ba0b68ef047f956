"""Clients whose imports into an API are put as moto takes them; the embedded AWS does that itself."""

import json
from collections.abc import Callable
from typing import Any

from local.deployment.api_documents import as_embedded

Client = Callable[[str], Any]


def fitted(client: Client) -> Client:
    """The same clients, except that API Gateway's writes imports otherwise."""
    client("apigateway").meta.events.register("before-parameter-build.api-gateway.PutRestApi", _rewrite)
    return client


def _rewrite(params: dict[str, Any], **_: object) -> None:
    params["body"] = json.dumps(as_embedded(json.loads(params["body"])))
