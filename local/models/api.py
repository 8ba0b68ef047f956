"""The SageMaker runtime API over HTTP: InvokeEndpoint. Must not know what answers.

Source: SageMaker API reference, InvokeEndpoint
"""

import http.client
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from local.models.hosting import Hosting, NoEndpoint

_SIGNED_FOR = "/sagemaker/aws4_request"
_LONGEST_BODY = 6_291_456
_ANSWER_SECONDS = 60.0
_HEADERS = {
    "CONTENT_TYPE": "Content-Type",
    "HTTP_ACCEPT": "Accept",
    "HTTP_X_AMZN_SAGEMAKER_CUSTOM_ATTRIBUTES": "X-Amzn-SageMaker-Custom-Attributes",
    "HTTP_X_AMZN_SAGEMAKER_TARGET_MODEL": "X-Amzn-SageMaker-Target-Model",
}
Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
Headers = list[tuple[str, str]]
Reply = tuple[str, Headers, bytes]
Act = Callable[[Hosting, str, bytes, Environ], Reply]


def with_endpoints(inner: Application, hosting: Hosting, later: Act) -> Application:
    """`inner`, except that calls of endpoints are answered by their containers; asynchronous ones by `later`."""
    acts: Mapping[str, Act] = {"invocations": _invoked, "async-invocations": later}

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", "")).split("/")
        signed = _SIGNED_FOR in str(environ.get("HTTP_AUTHORIZATION", ""))
        act = acts.get(path[3]) if signed and len(path) == 4 and path[1] == "endpoints" else None
        if act is None:
            return inner(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        status, headers, content = act(hosting, unquote(path[2]), body, environ)
        start_response(status, [*headers, ("Content-Length", str(len(content)))])
        return [content]

    return application


def _invoked(hosting: Hosting, endpoint: str, body: bytes, environ: Environ) -> Reply:
    if len(body) > _LONGEST_BODY:
        return refusal("400 Bad Request", "ValidationError", f"the body may have {_LONGEST_BODY} bytes")
    try:
        serving = hosting.serving(endpoint)
    except NoEndpoint as error:
        return refusal("400 Bad Request", "ValidationError", f"Endpoint {endpoint} of account 123456789012: {error}")
    headers = passed_on(environ)
    try:
        status, answered, content = ask(serving.url, body, headers)
    except TimeoutError:
        return _model_error(endpoint, 0, "Your invocation timed out while waiting for a response from container")
    except (OSError, http.client.HTTPException) as error:
        return refusal("503 Service Unavailable", "ServiceUnavailable", f"{serving.url} does not answer: {error}")
    if status != 200:
        return _model_error(endpoint, status, content.decode(errors="replace")[:500])
    return "200 OK", [*answered, ("x-Amzn-Invoked-Production-Variant", serving.variant)], content


def passed_on(environ: Environ) -> dict[str, str]:
    """The headers of a call that its container sees."""
    return {name: str(environ[key]) for key, name in _HEADERS.items() if environ.get(key)}


def ask(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, Headers, bytes]:
    """What a container answers to an invocation. Raises TimeoutError, OSError, HTTPException."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_ANSWER_SECONDS)
    try:
        connection.request("POST", "/invocations", body, headers)
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    kept = ("content-type", "x-amzn-sagemaker-custom-attributes")
    return answer.status, [(key, value) for key, value in answer.getheaders() if key.lower() in kept], content


def refusal(status: str, code: str, message: str, **more: object) -> Reply:
    """An error of the API."""
    headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", code)]
    return status, headers, json.dumps({"Message": message, "message": message, **more}).encode()


def _model_error(endpoint: str, status: int, message: str) -> Reply:
    told = f'Received server error ({status}) from primary with message "{message}". See the log of {endpoint}.'
    more = {"OriginalStatusCode": status, "OriginalMessage": message}
    return refusal("424 Failed Dependency", "ModelError", told, **more)
