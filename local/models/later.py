"""Asynchronous endpoints: calls that are answered in S3, and told of by SNS.

Source: SageMaker API reference, InvokeEndpointAsync; developer guide, "Asynchronous inference"
"""

import http.client
import json
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from local.models.api import Environ, Reply, ask, passed_on, refusal
from local.models.hosting import Hosting, NoEndpoint, Serving

_LONGEST_BODY = 128_000
_SIDE_BY_SIDE = 4
_SOURCE = "HTTP_X_AMZN_SAGEMAKER_INPUTLOCATION"
_HEADERS = {"HTTP_X_AMZN_SAGEMAKER_CONTENT_TYPE": "Content-Type", "HTTP_X_AMZN_SAGEMAKER_ACCEPT": "Accept"}
"""They have names of their own here."""


@dataclass(frozen=True, slots=True)
class _Call:
    """One call. `told` is the endpoint's NotificationConfig."""

    id: str
    endpoint: str
    serving: Serving
    source: str
    body: bytes
    headers: dict[str, str]
    answer: str
    failure: str
    told: Mapping[str, str]


class Later:
    """Takes calls and answers them when there is a thread. `clients` of the embedded AWS."""

    def __init__(self, clients: Callable[[str], Any]) -> None:
        self._clients = clients
        self._threads = ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="later")

    def __call__(self, hosting: Hosting, endpoint: str, body: bytes, environ: Environ) -> Reply:
        """Answer an InvokeEndpointAsync."""
        source = str(environ.get(_SOURCE, ""))
        if bool(source) == bool(body) or len(body) > _LONGEST_BODY:
            told = f"either InputLocation or a Body of up to {_LONGEST_BODY} bytes is expected"
            return refusal("400 Bad Request", "ValidationError", told)
        try:
            serving, config = hosting.serving(endpoint), hosting.config(endpoint).get("AsyncInferenceConfig")
        except NoEndpoint as error:
            return refusal("400 Bad Request", "ValidationError", f"Endpoint {endpoint}: {error}")
        if not config:
            return refusal("400 Bad Request", "ValidationError", f"Endpoint {endpoint} is not asynchronous")
        call = _call(endpoint, serving, config["OutputConfig"], body, environ)
        self._threads.submit(self._carry_out, call)
        places = [
            ("X-Amzn-SageMaker-OutputLocation", call.answer),
            ("X-Amzn-SageMaker-FailureLocation", call.failure),
            ("Content-Type", "application/json"),
        ]
        return "202 Accepted", places, json.dumps({"InferenceId": call.id}).encode()

    def _carry_out(self, call: _Call) -> None:
        began = time.time()
        try:
            body = call.body or self._read(call.source)
            status, _, content = ask(call.serving.url, body, call.headers)
        except (OSError, http.client.HTTPException, ClientError) as error:
            status, content = 0, str(error).encode()
        place = call.answer if status == 200 else call.failure
        bucket, _, key = place.removeprefix("s3://").partition("/")
        self._clients("s3").put_object(Bucket=bucket, Key=key, Body=content)
        topic = call.told.get("SuccessTopic" if status == 200 else "ErrorTopic")
        if topic:
            self._clients("sns").publish(TopicArn=topic, Message=json.dumps(_notice(call, status, content, began)))

    def _read(self, uri: str) -> bytes:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        content: bytes = self._clients("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        return content


def _call(endpoint: str, serving: Serving, output: Mapping[str, Any], body: bytes, environ: Environ) -> _Call:
    name = str(uuid.uuid4())
    answers = output["S3OutputPath"].rstrip("/")
    failures = output.get("S3FailurePath", f"{answers}/failures").rstrip("/")
    return _Call(
        id=str(environ.get("HTTP_X_AMZN_SAGEMAKER_INFERENCE_ID") or name),
        endpoint=endpoint,
        serving=serving,
        source=str(environ.get(_SOURCE, "")),
        body=body,
        headers=passed_on(environ) | {name: str(environ[key]) for key, name in _HEADERS.items() if environ.get(key)},
        answer=f"{answers}/{name}.out",
        failure=f"{failures}/{name}-error.out",
        told=output.get("NotificationConfig", {}),
    )


def _notice(call: _Call, status: int, content: bytes, began: float) -> Mapping[str, Any]:
    request = {"endpointName": call.endpoint, "inputLocation": call.source}
    request["contentType"] = call.headers.get("Content-Type", "application/octet-stream")
    notice: dict[str, Any] = {
        "awsRegion": "us-east-1",
        "eventTime": _moment(time.time()),
        "receivedTime": _moment(began),
        "invocationStatus": "Completed" if status == 200 else "Failed",
        "requestParameters": request,
        "inferenceId": call.id,
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }
    if status == 200:
        return notice | {"responseParameters": {"contentType": "application/json", "outputLocation": call.answer}}
    return notice | {"failureReason": content.decode(errors="replace")[:500]}


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))
