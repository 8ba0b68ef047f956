"""ports/function_log over CloudWatch Logs: the log groups of the functions that work.

FilterLogEvents reads every line of the span to find those that fit, so a span is asked for in few pages and the rest is
left to the next look.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from chalicelib.adapters.aws.errors import call
from chalicelib.domain.values import UtcTime
from chalicelib.ports.errors import Missing
from chalicelib.ports.function_log import Line, Lines

_PAGES = 4
_LONGEST_PAGE = 1000


class CloudWatchLog:
    """`client` is one of CloudWatch Logs; `groups` are the log groups' names."""

    def __init__(self, client: Any, groups: Sequence[str]) -> None:
        self._client = client
        self._groups = groups

    def lines(self, members: Mapping[str, str], low: UtcTime, high: UtcTime, most: int) -> Lines:
        """See ports/function_log."""
        pattern = " && ".join(f'($.{name} = "{_quoted(value)}")' for name, value in members.items())
        span = {"filterPattern": f"{{ {pattern} }}", "startTime": _milliseconds(low), "endTime": _milliseconds(high)}
        found: list[Line] = []
        more = False
        for group in self._groups:
            for page, left in self._pages(group, span):
                found += [line for line in page if _has(line, members)]
                more = more or left
        found.sort(key=lambda line: (line.at, line.id))
        return Lines(tuple(found[:most]), more or len(found) > most)

    def _pages(self, group: str, span: Mapping[str, Any]) -> Iterator[tuple[list[Line], bool]]:
        """Pages, and of the last one whether others were left. A group that is not there yet has none."""
        token: dict[str, str] = {}
        for number in range(1, _PAGES + 1):
            try:
                reply = call(
                    f"read log {group}",
                    self._client.filter_log_events,
                    logGroupName=group,
                    limit=_LONGEST_PAGE,
                    **span,
                    **token,
                )
            except Missing:
                return
            after = reply.get("nextToken")
            yield [_line(event) for event in reply["events"]], bool(after) and number == _PAGES
            if not after:
                return
            token = {"nextToken": after}


def _line(event: Mapping[str, Any]) -> Line:
    return Line(event["eventId"], datetime.fromtimestamp(event["timestamp"] / 1000, UTC), event["message"])


def _has(line: Line, members: Mapping[str, str]) -> bool:
    """A pattern's `*` stands for anything, in values too."""
    try:
        said = json.loads(line.text)
    except ValueError:
        return False
    return isinstance(said, dict) and all(said.get(name) == value for name, value in members.items())


def _quoted(word: str) -> str:
    return word.replace("\\", "\\\\").replace('"', '\\"')


def _milliseconds(moment: UtcTime) -> int:
    return int(moment.timestamp() * 1000)
