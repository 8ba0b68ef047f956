"""What S3 tells EventBridge of created objects, which moto tells nobody: every object, with a sequencer of its own.

Runs inside the embedded AWS. Events go to the embedded run as they happen, in order, on a thread of their own, so that
no request waits for them; on AWS the owner of a bucket has to turn EventBridge on, here every bucket has it.
"""

import http.client
import json
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from moto.events.models import events_backends
from moto.s3 import notifications

LOG = logging.getLogger(__name__)
AT_ONCE = 100
PAUSE_SECONDS = 0.2
OUR_RULES = "penstock-"
Tell = Callable[[dict[str, Any]], None]


def sequencer(key: Any) -> str:
    """Sorts by the time of the object's creation."""
    return f"{int(key.last_modified.replace(tzinfo=UTC).timestamp() * 1_000_000):016X}"


def object_created(account: str, event_name: str, bucket: Any, key: Any) -> dict[str, Any]:
    """The event that EventBridge delivers."""
    versioned = {"version-id": key.version_id} if key.version_id not in (None, "null") else {}
    return {
        "version": "0",
        "id": f"{sequencer(key)}-{id(key):x}",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": account,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": bucket.region_name,
        "resources": [bucket.arn],
        "detail": {
            "version": "0",
            "bucket": {"name": bucket.name},
            "object": {
                "key": key.name,
                "size": key.size,
                "etag": key.etag.strip('"'),
                "sequencer": sequencer(key),
                **versioned,
            },
            "request-id": f"{id(key):016X}",
            "requester": account,
            "source-ip-address": "127.0.0.1",
            "reason": _reason(event_name),
        },
    }


def _reason(event_name: str) -> str:
    operation = event_name.rpartition(":")[2]
    return {"Put": "PutObject", "Post": "POST Object", "Copy": "CopyObject"}.get(operation, operation)


def announce_objects(tell: Tell) -> None:
    """Have `tell` called with the event of every object that is created from now on."""
    send, record = notifications.send_event, notifications._get_s3_event

    def send_event(account_id: str, event_name: Any, bucket: Any, key: Any) -> None:
        send(account_id, event_name, bucket, key)
        if event_name.value.startswith("s3:ObjectCreated:"):
            tell(object_created(account_id, event_name.value, bucket, key))

    def get_s3_event(event_name: str, bucket: Any, key: Any, notification_id: str) -> dict[str, Any]:
        found: dict[str, Any] = record(event_name, bucket, key, notification_id)
        told = found["Records"][0]["s3"]["object"]
        told["sequencer"] = sequencer(key)
        if key.version_id not in (None, "null"):
            told["versionId"] = key.version_id
        return found

    notifications.send_event = send_event
    notifications._get_s3_event = get_s3_event
    notifications._send_event_bridge_message = _tell_other_rules


def _tell_other_rules(account_id: str, bucket: Any, event_name: Any, key: Any) -> None:
    """Rules of the user's own; ours are told directly."""
    if event_name.value.startswith("s3:ObjectCreated:"):
        event = object_created(account_id, event_name.value, bucket, key)
        for bus in events_backends[account_id][bucket.region_name].event_buses.values():
            for rule in bus.rules.values():
                if not rule.name.startswith(OUR_RULES):
                    rule.send_to_targets(event, transform_input=False)  # type: ignore[arg-type]  # its alias leaves out ids


class Courier:
    """Takes events to the embedded run, in order; keeps what cannot be delivered yet."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url)
        self._events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="object-events", daemon=True)

    def start(self) -> None:
        """Deliver as long as the process lives."""
        self._thread.start()

    def tell(self, event: dict[str, Any]) -> None:
        """Have the event delivered; does not wait."""
        self._events.put(event)

    def _run(self) -> None:
        while True:
            batch = [self._events.get()]
            while len(batch) < AT_ONCE and not self._events.empty():
                batch.append(self._events.get())
            while not self._delivered(batch):
                time.sleep(PAUSE_SECONDS)

    def _delivered(self, batch: Sequence[dict[str, Any]]) -> bool:
        connection = http.client.HTTPConnection(self._address.netloc, timeout=60)
        try:
            connection.request("POST", self._address.path, json.dumps(batch))
            answer = connection.getresponse()
            answer.read()  # closing on unread bytes would reset the connection
        except OSError as error:
            LOG.warning("events not delivered count=%d error=%s", len(batch), error)
            return False
        else:
            return answer.status == http.HTTPStatus.OK
        finally:
            connection.close()
