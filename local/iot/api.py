"""What the embedded AWS adds to moto's IoT APIs: publishes reach the broker, changed rules the rule engine at once."""

import json
import re
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, unquote

from local.iot.engine import RULES_CHANGED
from local.iot.mqtt.limits import LARGEST_PAYLOAD_BYTES
from local.iot.publisher import NotTaken, Publisher
from local.iot.sql.faults import SqlFault
from local.iot.sql.parser import read
from local.iot.topics import is_topic

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
_SCOPE = re.compile(r"/(iot|iotdata|iotdevicegateway)/aws4_request")
_CHANGING = frozenset(("POST", "PATCH", "DELETE"))


def with_iot(inner: Application, publisher: Publisher) -> Application:
    """`inner`, which is moto, with publishing done by the broker."""

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        scope = _SCOPE.search(str(environ.get("HTTP_AUTHORIZATION", "")))
        path, method = str(environ.get("PATH_INFO", "")), environ["REQUEST_METHOD"]
        if scope is None:
            return inner(environ, start_response)
        if path.startswith("/topics/") and method == "POST":
            return _published(environ, start_response, publisher)
        if path.startswith("/rules/") and method in _CHANGING:
            fault = _sql_fault(environ)
            if fault:
                return _answer(start_response, "400 Bad Request", "SqlParseException", fault)
            answer = list(inner(environ, start_response))
            publisher.publish(RULES_CHANGED, b"")
            return answer
        return inner(environ, start_response)

    return application


def _sql_fault(environ: Environ) -> str:
    """What is wrong with the query in a request that makes a rule; nothing in any other request."""
    content = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = BytesIO(content)
    sql = json.loads(content or b"{}").get("sql")
    if sql is None:
        return ""
    try:
        read(sql)
    except SqlFault as fault:
        return str(fault)
    return ""


def _published(environ: Environ, start_response: StartResponse, publisher: Publisher) -> Iterable[bytes]:
    """The Publish operation: the topic is the path, the payload the body."""
    topic = unquote(_raw_path(environ).partition("/topics/")[2])
    payload = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    if not is_topic(topic) or len(payload) > LARGEST_PAYLOAD_BYTES:
        return _answer(start_response, "400 Bad Request", "InvalidRequestException", "topic or payload is not valid")
    retain = parse_qs(environ.get("QUERY_STRING", "")).get("retain") == ["true"]
    try:
        publisher.publish(topic, payload, retain=retain)
    except NotTaken as error:
        return _answer(start_response, "503 Service Unavailable", "InternalFailureException", str(error))
    return _answer(start_response, "200 OK")


def _raw_path(environ: Environ) -> str:
    """As sent: the decoded path no longer tells an escaped slash from others, and is Latin-1."""
    return str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or environ["PATH_INFO"]).partition("?")[0]


def _answer(start_response: StartResponse, status: str, code: str = "", message: str = "") -> Iterable[bytes]:
    content = json.dumps({"message": message} if code else {}).encode()
    error = [("x-amzn-ErrorType", code)] if code else []
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(content))), *error])
    return [content]
