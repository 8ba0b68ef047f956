"""A running system gives out tokens and takes them."""

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from tests.e2e.plane import Plane


def machine_token(plane: Plane, scope: str) -> str:
    words = f"{plane.endpoints['machine_client']}:{plane.endpoints['machine_secret']}".encode()
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": scope}).encode()
    headers = {"Authorization": f"Basic {base64.b64encode(words).decode()}"}
    request = urllib.request.Request(f"{plane.endpoints['sign_in']}/oauth2/token", form, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(json.load(answer)["access_token"])


def called(plane: Plane, method: str, token: str, body: Any = None, query: str = "") -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"{plane.endpoints['api']}/v1/pipelines{query}", data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_machine_does_what_its_token_permits(plane: Plane, name: str) -> None:
    wanted = {"name": name, "uniqueId": name}
    assert called(plane, "POST", machine_token(plane, "penstock/read"), wanted)[0] == 401
    status, made = called(plane, "POST", machine_token(plane, "penstock/write"), wanted)
    assert status == 201
    status, found = called(plane, "GET", machine_token(plane, "penstock/read"), query=f"?q={name}")
    assert status == 200
    assert made["pipelineId"] in {item["pipelineId"] for item in found["items"]}
    assert called(plane, "GET", "junk")[0] == 401
