"""The rule engine: every message to the rules it concerns, their actions, and the error action when one fails.

Actions run in a few threads, outside the broker's loop. What the broker waits for is done when all of them are:
a message is acknowledged no earlier. A fault of the SQL is none: whatever is missing is Undefined.
"""

import asyncio
import base64
import logging
import random
import time
import uuid
from collections.abc import Awaitable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local.iot.actions import ActionFailed, Means, Work, perform
from local.iot.mqtt.broker import Sender
from local.iot.mqtt.packets import Publish
from local.iot.rules import Action, Rule, RuleBook
from local.iot.sql.evaluate import Selected, select
from local.iot.sql.message import Message
from local.iot.sql.values import Value

LOG = logging.getLogger(__name__)
RULES_CHANGED = "$penstock/rules"
"""A message on this topic is acknowledged when the rules have been read anew."""
WORKERS = 8
TRIES = 3
PAUSE_SECONDS = 0.2


class NotDone(Exception):
    """What the message was meant for cannot be reached at all, nor the error action: it must come again."""


class Engine:
    """Give `heard` to the broker; `attach` when there is an AWS to act on. Messages before that wait."""

    def __init__(self, book: RuleBook) -> None:
        self._book = book
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="iot-rule")
        self._means: Means | None = None
        self._ready = asyncio.Event()

    def attach(self, means: Means, loop: asyncio.AbstractEventLoop) -> None:
        """Begin, with the rules that there are and those of the last run."""
        self._book.restore(means.client("iot"))
        self._means = means
        loop.call_soon_threadsafe(self._ready.set)

    def stop(self) -> None:
        """Wait for what is being done, begin nothing."""
        self._workers.shutdown(wait=True, cancel_futures=True)

    def heard(self, publish: Publish, sender: Sender) -> Awaitable[None] | None:
        """See local/iot/mqtt/broker.Heard."""
        if publish.topic == RULES_CHANGED:
            # Not waited for before the start: it is the start that restores the rules.
            return self._away(self._book.load, self._means.client("iot")) if self._means else None
        if self._means is None:
            return self._later(publish, sender)
        concerned = self._book.concerned(publish.topic)
        if not concerned:
            return None
        now = time.time_ns() // 1_000_000
        return self._away(self._run, concerned, publish, sender, now)

    async def _later(self, publish: Publish, sender: Sender) -> None:
        await self._ready.wait()
        waiting = self.heard(publish, sender)
        if waiting is not None:
            await waiting

    def _away(self, act: Any, *arguments: Any) -> "asyncio.Future[None]":
        return asyncio.get_running_loop().run_in_executor(self._workers, act, *arguments)

    def _run(self, concerned: Sequence[tuple[Rule, str]], publish: Publish, sender: Sender, now: int) -> None:
        for rule, topic in concerned:
            message = Message(
                topic,
                publish.payload,
                now,
                client=sender.client,
                principal=sender.principal,
                trace=str(uuid.uuid4()),
                uuid=str(uuid.uuid4()),
                chance=random.random(),
            )
            self._apply(rule, message)

    def _apply(self, rule: Rule, message: Message) -> None:
        selected = select(rule.statement, message)
        if selected is None:
            return
        faults = [(action, fault) for action in rule.actions if (fault := self._fault(action, selected, message))]
        if not faults:
            return
        told = self._told(rule, message, [_failure(*each) for each in faults])
        if not told and any(fault.retryable for _, fault in faults):
            raise NotDone(f"rule {rule.name}: {faults[0][1]}")

    def _told(self, rule: Rule, message: Message, failures: Sequence[dict[str, Value]]) -> bool:
        """Whether the error action took the report."""
        if rule.error_action is None:
            return False
        return self._fault(rule.error_action, Selected(_report(rule, message, failures)), message) is None

    def _fault(self, action: Action, selected: Selected, message: Message) -> ActionFailed | None:
        """Do it; why it could not be done."""
        assert self._means is not None  # nothing is heard before
        work = Work(action, selected, message, self._means)
        for number in range(1, TRIES + 1):
            fault = _tried(work)
            if fault is None:
                return None
            if not fault.retryable:
                break
            time.sleep(PAUSE_SECONDS * number)
        LOG.warning("action failed kind=%s resource=%s reason=%s", action.kind, action.resource, fault)
        return fault


def _failure(action: Action, fault: ActionFailed) -> dict[str, Value]:
    return {"failedAction": action.kind, "failedResource": action.resource, "errorMessage": str(fault)}


def _tried(work: Work) -> ActionFailed | None:
    try:
        perform(work)
    except ActionFailed as fault:
        return fault
    return None


def _report(rule: Rule, message: Message, failures: Sequence[dict[str, Value]]) -> Value:
    """One a rule and message, however many actions failed."""
    return {
        "ruleName": rule.name,
        "topic": message.topic,
        "cloudwatchTraceId": message.trace,
        "clientId": message.client,
        "base64OriginalPayload": base64.b64encode(message.payload).decode(),
        "failures": [dict(failure) for failure in failures],
    }
