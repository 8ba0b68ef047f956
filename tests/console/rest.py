"""The REST API as a machine of every scope calls it, to lay out what a test then looks at."""

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any

from tests.e2e.plane import Plane


class Rest:
    """Calls of one house's API. The token is fetched once."""

    def __init__(self, plane: Plane) -> None:
        self._api = plane.endpoints["api"]
        words = f"{plane.endpoints['machine_client']}:{plane.endpoints['machine_secret']}".encode()
        form = urllib.parse.urlencode({"grant_type": "client_credentials"}).encode()
        headers = {"Authorization": f"Basic {base64.b64encode(words).decode()}"}
        request = urllib.request.Request(f"{plane.endpoints['sign_in']}/oauth2/token", form, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            self._token = str(json.load(answer)["access_token"])

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """What `path` (below /v1) answers; AssertionError for what is no success."""
        sent = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json", **headers}
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self._api}/v1{path}", data, sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from error
        return json.loads(text) if text else None

    def pipeline(self, name: str, definition: Mapping[str, Any] | None = None, **more: Any) -> str:
        """Make one of the definition (a file's form); its id."""
        given = {"definition": definition} if definition is not None else {}
        return str(self("POST", "/pipelines", {"name": name, "uniqueId": name, **given, **more})["pipelineId"])
