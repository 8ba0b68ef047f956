"""The wire API on a socket, signed by hand: whatever is sent, the answer is a reply or a refusal in its own shape.

Never a 5xx, never a word about the inside. One test sends requests made from botocore's model to pipelines that
exist, the other sends what is hardly HTTP.
"""

import gzip
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import bootstrap
from chalicelib.domain.values import render_time
from chalicelib.service import tasks
from tests.contract.wire.conftest import ACCOUNTS, client_of
from tests.contract.wire.runs import Run
from tests.contract.wire.samples import PARAMETER, VALUE, once, put
from tests.fuzz.effort import effort
from tests.fuzz.wire_requests import ANYTHING, OPERATIONS, requests_of

JSON_TYPE = "application/x-amz-json-1.1"
INSIDE = re.compile(
    r"Traceback|chalicelib|\.py\b|sqlite|botocore|object at 0x|Error\(|TypeError|KeyError|NoneType|<class|sys\."
)
NAMES = st.sampled_from(sorted(OPERATIONS))
TAKING = ("DeletePipeline", "DeactivatePipeline", "SetStatus", "SetTaskStatus", "CreatePipeline")
ACTING = (*TAKING, "ActivatePipeline", "ReportTaskProgress", "PollForTask", "ReportTaskRunnerHeartbeat")
"""What takes something of the world away, and what sends something to the engine."""


class World:
    """An account with pipelines in every state. What a request took away is there again for the next."""

    def __init__(self) -> None:
        self.account = str(next(ACCOUNTS))
        self.client = client_of(self.account)
        self._count = 0
        self.names: dict[str, str] = {}
        self._strangers()
        self.renew()

    def renew(self) -> None:
        """Make all pipelines anew."""
        self.names |= {f"<{name}>": self._made() for name in ("empty", "deleted", "running", "finished")}
        self.client.delete_pipeline(pipelineId=self.names["<deleted>"])
        self._finish()
        self._start()

    def settle(self) -> None:
        """Let the engine do what it was told to, all of which it must be able to do."""
        Run(self.names["<running>"]).settle()

    def named(self, text: str) -> str:
        """A request with the names of what is there."""
        for name, found in self.names.items():
            text = text.replace(name, found)
        return text

    def _strangers(self) -> None:
        other = client_of(str(next(ACCOUNTS)))
        self.names["<strangers>"] = other.create_pipeline(name="n", uniqueId="u")["pipelineId"]

    def _made(self) -> str:
        self._count += 1
        made: str = self.client.create_pipeline(name="n", uniqueId=f"made {self._count}")["pipelineId"]
        return made

    def _finish(self) -> None:
        pipeline = self.names["<finished>"]
        start = render_time(bootstrap.ports().clock.now() - timedelta(hours=1))
        self.client.put_pipeline_definition(
            pipelineId=pipeline, pipelineObjects=once(start), parameterObjects=[PARAMETER], parameterValues=[VALUE]
        )
        self.client.activate_pipeline(pipelineId=pipeline)
        run = Run(pipeline)
        run.settle()
        task = self.client.poll_for_task(workerGroup="g")["taskObject"]["taskId"]
        self.client.set_task_status(taskId=task, taskStatus="FINISHED")
        run.settle()
        self.names["<old task>"] = task

    def _start(self) -> None:
        pipeline = self.names["<running>"]
        put(self.client, pipeline)
        self.client.activate_pipeline(pipelineId=pipeline)
        run = Run(pipeline)
        run.settle()
        task = self.client.poll_for_task(workerGroup="g")["taskObject"]
        self.names |= {"<task>": task["taskId"], "<attempt>": task["attemptId"], "<instance>": run.instance("Shell")}
        page = self.client.query_objects(pipelineId=pipeline, sphere="COMPONENT", limit=1)
        self.names |= {"<marker>": page["marker"], "<machine>": f"{pipeline}/{task['attemptId']}"}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as here:
        here.setattr(tasks, "LONGEST_POLL", timedelta(0))  # that of 20 seconds is told by others
        yield World()


@given(st.data())
@effort(80)
def test_any_request_gets_a_reply_or_a_refusal(url: str, world: World, data: st.DataObject) -> None:
    name = data.draw(NAMES)
    body = world.named(json.dumps(data.draw(requests_of(name))))
    promptly = data.draw(st.booleans())  # or the engine comes to it later, after other requests
    status = checked(url, world.account, {"x-amz-target": f"DataPipeline.{name}"}, body.encode())
    if status == 200 and name in ACTING and promptly:
        world.settle()
    if status == 200 and name in TAKING:
        world.renew()


TARGETS = (
    NAMES.map(lambda name: f"DataPipeline.{name}")
    | st.sampled_from(["", ".", "DataPipeline.", "ListPipelines", "DataPipeline.listpipelines", "é.ListPipelines"])
    | st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=20)
)
HEADERS = st.fixed_dictionaries(
    {"x-amz-target": TARGETS},
    optional={
        "content-type": st.sampled_from(
            ["", "application/json", "text/plain", f"{JSON_TYPE}; charset=latin-1", "/", ";"]
        ),
        "content-encoding": st.sampled_from(["gzip", "identity", "br", "gzip, gzip"]),
        "accept-encoding": st.sampled_from(["gzip", "*", "identity;q=0", "gzip;q=x"]),
        "x-amz-date-note": st.just("\xff"),
        "origin": st.sampled_from(["null", "https://page.invalid"]),
        "cache-control": st.just("max-age=0"),
    },
)
BODIES = st.one_of(
    st.binary(max_size=40),
    ANYTHING.map(lambda value: json.dumps(value).encode()),
    ANYTHING.map(lambda value: gzip.compress(json.dumps({"marker": value}).encode())),
    st.sampled_from(
        [
            b"",
            b"null",
            b'{"marker": "a", "marker": 1}',
            b'{"limit": 1' + b"0" * 5000 + b"}",
            b'{"startTimestamp": 1' + b"0" * 400 + b', "pipelineId": "x"}',
            b'{"startTimestamp": 1e999, "pipelineId": "x"}',
            b'{"marker": "\\ud800"}',
            b"[" * 5000,
            b'{"pipelineObjects":' * 3000,
            b"\xef\xbb\xbf{}",
            "{}".encode("utf-16"),
        ]
    ),
)


@given(HEADERS, BODIES, st.sampled_from(["/datapipeline", "/"]))
@effort(60)
def test_whatever_else_is_sent_is_refused_in_the_same_shape(
    url: str, world: World, headers: dict[str, str], body: bytes, path: str
) -> None:
    checked(url, world.account, headers, body, path)


def checked(url: str, account: str, headers: dict[str, str], body: bytes, path: str = "/datapipeline") -> int:
    """The status of an answer that is as it has to be."""
    made = AWSRequest("POST", url + path, {"content-type": JSON_TYPE, **headers}, body)
    SigV4Auth(Credentials(account, account), "execute-api", "us-east-1").add_auth(made)
    connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
    connection.request(
        "POST", path, body, {name: value.encode("latin-1", "replace") for name, value in made.headers.items()}
    )
    answer = connection.getresponse()
    status, sent, kind = answer.status, answer.read(), answer.headers["content-encoding"]
    connection.close()
    reply = json.loads(gzip.decompress(sent) if kind == "gzip" else sent)
    assert status == 200 or refusal_is_sound(status, reply), (status, reply)
    return status


def refusal_is_sound(status: int, reply: Any) -> bool:
    """A fault of the caller's, named, told in words, and in none that are about the inside."""
    message = reply["message"]
    return 400 <= status < 500 and bool(reply["__type"]) and bool(message) and not INSIDE.search(message)
