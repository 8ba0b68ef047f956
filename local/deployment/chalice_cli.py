"""`python -m local.deployment.chalice_cli …`: Chalice's command, its requests put as the embedded AWS takes them.

moto reads an API as OpenAPI 3 with a description, and wants an address in every integration; Chalice sends Swagger 2.0
without either. Nothing else is changed, and nothing is when the command talks to AWS: then it is plain `chalice`.
"""

import json
import sys
from typing import Any

from botocore import handlers
from chalice import cli

NOWHERE = "http://127.0.0.1"
IMPORTS = ("ImportRestApi", "PutRestApi")


def as_embedded(document: dict[str, Any]) -> dict[str, Any]:
    """`document` as OpenAPI 3 with what moto asks for; the mock integrations of preflights get an address."""
    info = {"description": ""} | document.get("info", {})
    put = {key: value for key, value in document.items() if key != "swagger"} | {"openapi": "3.0.1", "info": info}
    for path in put.get("paths", {}).values():
        for method in path.values():
            _give_address(method.get("x-amazon-apigateway-integration") if isinstance(method, dict) else None)
    return put


def _give_address(integration: dict[str, Any] | None) -> None:
    if integration is not None and integration.get("type") == "mock":
        integration.update({"uri": NOWHERE, "httpMethod": "POST"})


def _rewrite(params: dict[str, Any], **_: object) -> None:
    params["body"] = json.dumps(as_embedded(json.loads(params["body"])))


def main() -> None:
    """Run Chalice."""
    for name in IMPORTS:
        handlers.BUILTIN_HANDLERS.append((f"before-parameter-build.api-gateway.{name}", _rewrite))
    sys.exit(cli.main())


if __name__ == "__main__":
    main()
