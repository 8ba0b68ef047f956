"""Batch transforms carried out for real: moto keeps the job, this does its work and tells how far it is.

Source: SageMaker API reference, CreateTransformJob; developer guide, "Use batch transform"
"""

import http.client
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any

from botocore.exceptions import ClientError

from local.models.api import Application, Environ, StartResponse, ask
from local.models.hosting import Hosting, NoEndpoint
from local.state_changes import Tell, nobody, transform_changed

_TARGET = "SageMaker."
_TOGETHER = 100
"""Records of one request with the strategy MultiRecord; the service goes by their size."""


class Failure(Exception):
    """Why a job failed, as its FailureReason says it."""


class Transforms:
    """The jobs of this embedded run. `clients` of the embedded AWS."""

    def __init__(self, hosting: Hosting, clients: Callable[[str], Any], tell: Tell = nobody) -> None:
        self._tell = tell
        self._hosting = hosting
        self._clients = clients
        self._states: dict[str, tuple[str, str]] = {}

    def knows(self, name: str) -> bool:
        """Whether there is, or was, a job of the name."""
        return name in self._states

    def begin(self, request: dict[str, Any]) -> None:
        """Carry a job out, in a thread of its own."""
        self._states[request["TransformJobName"]] = ("InProgress", "")
        threading.Thread(target=self._carry_out, args=(request,), daemon=True).start()

    def stop(self, name: str) -> None:
        """Have a job that runs end where it is."""
        if self._states[name][0] == "InProgress":
            self._states[name] = ("Stopped", "")

    def told(self, found: dict[str, Any]) -> dict[str, Any]:
        """A description with what is true of the job."""
        state, reason = self._states.get(found["TransformJobName"], (found["TransformJobStatus"], ""))
        return found | {"TransformJobStatus": state} | ({"FailureReason": reason} if reason else {})

    def _carry_out(self, request: dict[str, Any]) -> None:
        name = request["TransformJobName"]
        state = ("Completed", "")
        try:
            self._transform(request)
        except (Failure, NoEndpoint, ClientError, OSError, http.client.HTTPException) as error:
            state = ("Failed", str(error))
        if self._states[name][0] == "InProgress":
            self._states[name] = state
        self._tell(transform_changed(name, self._states[name][0]))

    def _transform(self, request: dict[str, Any]) -> None:
        url = self._hosting.url_of(request["ModelName"])
        source, target = request["TransformInput"], request["TransformOutput"]
        bucket, _, prefix = source["DataSource"]["S3DataSource"]["S3Uri"].removeprefix("s3://").partition("/")
        to_bucket, _, to_prefix = target["S3OutputPath"].removeprefix("s3://").rstrip("/").partition("/")
        headers = {"Content-Type": source.get("ContentType", ""), "Accept": target.get("Accept", "")}
        headers = {key: value for key, value in headers.items() if value}
        for key in self._keys(bucket, prefix):
            if self._states[request["TransformJobName"]][0] != "InProgress":
                return
            content = self._clients("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
            answers = [_answer(url, part, headers, key) for part in _parts(content, request)]
            end = b"\n" if target.get("AssembleWith") == "Line" else b""
            body = b"".join(answer.rstrip(b"\n") + end if end else answer for answer in answers)
            named = f"{to_prefix}/{key.removeprefix(prefix).lstrip('/') or key.rpartition('/')[2]}.out".lstrip("/")
            self._clients("s3").put_object(Bucket=to_bucket, Key=named, Body=body)

    def _keys(self, bucket: str, prefix: str) -> Iterator[str]:
        pages = self._clients("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [item["Key"] for page in pages for item in page.get("Contents", ()) if not item["Key"].endswith("/")]
        if not keys:
            raise Failure(f"ClientError: no objects are found under s3://{bucket}/{prefix}")
        yield from keys


def _parts(content: bytes, request: dict[str, Any]) -> Iterator[bytes]:
    if request["TransformInput"].get("SplitType", "None") != "Line":
        yield content
        return
    lines = [line for line in content.split(b"\n") if line.strip()]
    each = _TOGETHER if request.get("BatchStrategy") == "MultiRecord" else 1
    for first in range(0, len(lines), each):
        yield b"\n".join(lines[first : first + each])


def _answer(url: str, body: bytes, headers: dict[str, str], key: str) -> bytes:
    status, _, content = ask(url, body, headers)
    if status != 200:
        told = content.decode(errors="replace")[:300]
        raise Failure(f"ClientError: the model answered {status} for a record of {key}: {told}")
    return content


def with_transforms(inner: Application, transforms: Transforms) -> Application:
    """`inner`, except that transform jobs are carried out, and their state told as it is."""

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        operation = str(environ.get("HTTP_X_AMZ_TARGET", "")).removeprefix(_TARGET)
        if operation not in ("CreateTransformJob", "DescribeTransformJob", "StopTransformJob"):
            return inner(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        request = json.loads(body)
        name = request["TransformJobName"]
        if operation == "CreateTransformJob" and transforms.knows(name):
            return _refused(start_response, "ResourceInUse", f"Job name must be unique: {name} exists")
        if operation == "StopTransformJob" and transforms.knows(name):
            transforms.stop(name)
            return _said(start_response, "200 OK", {})
        status, reply = _asked(inner, environ | {"wsgi.input": BytesIO(body)})
        if status.startswith("200"):
            if operation == "CreateTransformJob":
                transforms.begin(request)
            else:
                reply = transforms.told(reply)
        return _said(start_response, status, reply)

    return application


def _asked(inner: Application, environ: Environ) -> tuple[str, dict[str, Any]]:
    said: list[str] = []
    content = b"".join(inner(environ, lambda status, _: said.append(status)))
    return said[0], json.loads(content or b"{}")


def _refused(start_response: StartResponse, code: str, message: str) -> Iterable[bytes]:
    return _said(start_response, "400 Bad Request", {"__type": code, "message": message})


def _said(start_response: StartResponse, status: str, reply: dict[str, Any]) -> Iterable[bytes]:
    content = json.dumps(reply).encode()
    start_response(status, [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(content)))])
    return [content]
