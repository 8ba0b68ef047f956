"""Documents that APIs are imported from, put as moto reads them, so that `chalice deploy` works as it is.

moto reads an API as OpenAPI 3 with a description, wants an address in every integration, and takes the name of a
method as it stands; Chalice sends Swagger 2.0 without a description or addresses, as API Gateway takes it.
"""

import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from deploy.gateway.mocks import ANY

NOWHERE = "http://127.0.0.1"
_IMPORT = re.compile(r"POST /restapis\?.*\bmode=import\b.*|PUT /restapis/[^/?]+(\?.*)?")
Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def with_api_documents(inner: Application) -> Application:
    """`inner`, except that APIs are imported from the documents that API Gateway takes."""

    def application(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        query = environ.get("QUERY_STRING")
        asked = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}{f'?{query}' if query else ''}"
        if not _IMPORT.fullmatch(asked):
            return inner(environ, start_response)
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        put = _rewritten(sent)
        return inner({**environ, "wsgi.input": io.BytesIO(put), "CONTENT_LENGTH": str(len(put))}, start_response)

    return application


def as_embedded(document: Mapping[str, Any]) -> dict[str, Any]:
    """`document` as OpenAPI 3 with what moto asks for; the mock integrations of preflights get an address."""
    info = {"description": ""} | document.get("info", {})
    put = {key: value for key, value in document.items() if key != "swagger"} | {"openapi": "3.0.1", "info": info}
    return put | {"paths": {path: _methods(methods) for path, methods in document.get("paths", {}).items()}}


def _rewritten(sent: bytes) -> bytes:
    try:
        document = json.loads(sent)
    except ValueError:  # moto says what is wrong with it
        return sent
    return json.dumps(as_embedded(document)).encode() if isinstance(document, dict) else sent


def _methods(methods: Mapping[str, Any]) -> dict[str, Any]:
    return {"any" if name == ANY else name: _addressed(method) for name, method in methods.items()}


def _addressed(method: Any) -> Any:
    integration = method.get("x-amazon-apigateway-integration") if isinstance(method, dict) else None
    if integration is None or integration.get("type") != "mock":
        return method
    return {**method, "x-amazon-apigateway-integration": {**integration, "uri": NOWHERE, "httpMethod": "POST"}}
