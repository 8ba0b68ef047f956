"""DynamoDB's requests wait for each other; nothing else does."""

import threading
import time
from collections.abc import Iterable
from typing import Any

from local.turns import StartResponse, one_at_a_time
from tests.contract.ports.racing import race


class Crowd:
    """An application that notes how many requests were in it at once."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        time.sleep(0.002)
        yield b"a"
        yield b"b"
        with self._lock:
            self.inside -= 1


def most_at_once(target: str) -> int:
    crowd = Crowd()
    application = one_at_a_time(crowd)
    answers = race(8, lambda _: list(application({"HTTP_X_AMZ_TARGET": target}, lambda *_: None)))
    assert answers == [[b"a", b"b"]] * 8
    return crowd.most


def test_one_request_of_dynamodb_is_answered_at_a_time() -> None:
    assert most_at_once("DynamoDB_20120810.PutItem") == 1


def test_other_requests_do_not_wait() -> None:
    assert most_at_once("AmazonSQS.SendMessage") > 1
