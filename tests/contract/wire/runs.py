"""A pipeline that the engine really runs, in process: the control queue is emptied into the app's own function."""

from datetime import timedelta
from typing import Any

import app as manifest
from chalicelib import bootstrap
from chalicelib.domain.run.codec import decode_state
from chalicelib.domain.values import PipelineId
from chalicelib.ports.queues import Queue


class Run:
    """One activated pipeline."""

    def __init__(self, pipeline: str) -> None:
        self.pipeline = pipeline
        self._seen: dict[str, str] = {}

    def settle(self) -> None:
        """Deliver everything that waits on the control queue until nothing does."""
        receiver = bootstrap.receiver()
        while messages := receiver.receive(Queue.CONTROL, 10, timedelta(minutes=1), timedelta(0)):
            records = [_record(message) for message in messages]
            assert manifest.control({"Records": records}, None) == {"batchItemFailures": []}
            receiver.delete(Queue.CONTROL, [message.receipt for message in messages])
        self._remember()

    def instance(self, component: str) -> str:
        """The id of the component's newest instance that was ever seen live."""
        return self._seen[component]

    def _remember(self) -> None:
        stored = bootstrap.ports().store.load_state(PipelineId(self.pipeline))
        live = decode_state(stored.payload).instances if stored is not None else {}
        self._seen.update({instance.component: instance.id for instance in live.values()})


def _record(message: Any) -> dict[str, Any]:
    attributes = {"MessageGroupId": message.group, "ApproximateReceiveCount": str(message.count)}
    return {"messageId": message.id, "body": message.body, "attributes": attributes}
