"""Actions that matches raise: one message for each label of each item that matches.

`#{node.@item}`, `#{node.@label}`, `#{node.@confidence}` and `#{node.@model}` of an action are still open when the task
comes (they stand there as `${@item}` and so on), since only a match knows them.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chalicelib.domain.definition.catalog.actions import SnsAlarm
from chalicelib.domain.inference.matches import Match
from chalicelib.domain.inference.results import Result
from chalicelib.ports.topics import TopicMessage, Topics
from chalicelib.transfer.rate import Patience
from chalicelib.work.inference.outputs import id_of, publish

_OPEN = re.compile(r"\$\{@(item|label|confidence|model|at)\}")


@dataclass(frozen=True, slots=True)
class Alarms:
    """The actions of one activity."""

    actions: Sequence[SnsAlarm]
    topics: Topics
    owner: str
    patience: Callable[[], Patience]

    def deliver(self, results: Sequence[Result]) -> None:
        """See Output."""
        for action in self.actions:
            messages = [self._message(action, result, match) for result in results for match in result.matches]
            publish(self.topics, action.topic_arn, messages, self.patience)

    def _message(self, action: SnsAlarm, result: Result, match: Match) -> TopicMessage:
        known = {
            "item": result.item,
            "label": match.label,
            "confidence": "" if match.confidence is None else f"{match.confidence:g}",
            "model": result.model,
            "at": result.at.isoformat(timespec="milliseconds"),
        }

        def filled(text: str) -> str:
            return _OPEN.sub(lambda found: known[found[1]], text)

        named = id_of(self.owner, action.id, result.item, match.label)
        return TopicMessage(named, filled(action.message), filled(action.subject), {"id": named, "label": match.label})
