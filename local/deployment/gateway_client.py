"""Clients whose imports into an API are put as the embedded AWS takes them; see chalice_cli.py for what it wants."""

import json
from collections.abc import Callable
from typing import Any

from deploy.gateway.mocks import ANY
from local.deployment.chalice_cli import as_embedded

Client = Callable[[str], Any]


def fitted(client: Client) -> Client:
    """The same clients, except that API Gateway's writes imports otherwise."""
    client("apigateway").meta.events.register("before-parameter-build.api-gateway.PutRestApi", _rewrite)
    return client


def _rewrite(params: dict[str, Any], **_: object) -> None:
    document = as_embedded(json.loads(params["body"]))
    document["paths"] = {path: _named(methods) for path, methods in document["paths"].items()}
    params["body"] = json.dumps(document)


def _named(methods: dict[str, Any]) -> dict[str, Any]:
    """moto takes the name of a method as it is, so that the one for any method has to have its own."""
    return {"any" if name == ANY else name: document for name, document in methods.items()}
