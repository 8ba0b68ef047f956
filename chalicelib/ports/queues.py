"""Queues: at-least-once delivery, partial acknowledgement, ordered groups.

Six queues. CONTROL is FIFO: messages of one group (a pipeline id) are delivered in order and only one batch of a
group is in flight at a time. The others are standard: any order, any number of deliveries, delay per message (FIFO
queues cannot delay single messages, so TIMERS carries wake-ups whose consumer forwards them to CONTROL). ARRIVALS
carries what others send: events that may start runs, in the senders' own words; COMPLETIONS what services say of jobs
that they do for us.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Protocol

CORRELATION = "penstock-correlation"
"""The message attribute that carries the sender's trail.correlation."""

TRACE = "AWSTraceHeader"
"""The system attribute that carries the sender's trail.trace."""


class Queue(Enum):
    """Names; adapters map them to addresses."""

    CONTROL = "control"
    TASKS = "tasks"
    CHUNKS = "chunks"
    TIMERS = "timers"
    ARRIVALS = "arrivals"
    COMPLETIONS = "completions"


@dataclass(frozen=True, slots=True)
class Message:
    """One message to send.

    id     deduplication id, any text: on CONTROL a second one of the group within five minutes is dropped
    body   text, at most 256 KiB of UTF-8
    group  required on CONTROL, ignored elsewhere
    delay  0 to 15 minutes; must be 0 on CONTROL
    """

    id: str
    body: str
    group: str | None = None
    delay: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Received:
    """One delivery. `receipt` is good until the visibility timeout passes; `count` is 1 on the first delivery.

    id           names the stored message: the same at each of its deliveries, another for each message; not the
                 sender's id
    correlation  the sender's, as its trail (ports/trail.py) had it; empty when it had none, or a body of nearly the
                 largest size left no room
    trace        likewise
    """

    id: str
    body: str
    group: str | None
    receipt: str
    count: int
    correlation: str = ""
    trace: str = ""


class Sender(Protocol):
    """The half that services use."""

    def send(self, queue: Queue, messages: Sequence[Message]) -> None:
        """Store every message, in order, in as few requests as the limits allow (10 messages, 256 KiB a request).

        The present trail's correlation and trace travel with each.
        On CONTROL the order holds within a group unless a part of a request failed and was repeated.
        Raises   Throttled or Unavailable when any was not stored; sending all again is safe. Rejected for a message
                 that no repetition can get stored (too long, no group)
        """


class Receiver(Protocol):
    """The half that pumps use; in the deployed system Lambda's event source is the receiver."""

    def receive(self, queue: Queue, limit: int, visibility: timedelta, wait: timedelta) -> Sequence[Received]:
        """Up to `limit` (1..10) messages, hidden from others for `visibility`; waits up to `wait` for the first.

        On CONTROL all messages of one answer may be of several groups, each in order, and a group with messages in
        flight, or released for later, is not delivered. A message received more than the queue's maximum (5) is
        moved to its dead-letter queue instead of being delivered again.
        """

    def delete(self, queue: Queue, receipts: Sequence[str]) -> None:
        """Acknowledge. A receipt that expired, or that a later delivery replaced, may be ignored; never an error."""

    def release(self, queue: Queue, receipts: Sequence[str], after: timedelta) -> None:
        """Make messages visible again after `after` (0 to 12 hours): what partial failure does. Others as in delete."""

    def dead(self, queue: Queue) -> int:
        """About how many messages lie in the queue's dead-letter queue."""
