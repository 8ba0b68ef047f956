"""Live state, instances, events and tasks as bytes or text."""

import json
import lzma
import re
from typing import Any

from chalicelib.domain.plain import from_plain, to_plain
from chalicelib.domain.run.events import Event
from chalicelib.domain.run.state import Instance, PipelineState
from chalicelib.domain.run.task import Task

# Text that JSON may hold (a runner's message, say) and neither UTF-8 nor a queue can carry.
_UNSENDABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")

_WINDOW, _SMALL_WINDOW = 2**18, 2**16


# A commit costs by the kilobyte, and live instances repeat each other: with a quick search this takes about half the
# bytes of zlib at its best, in less time.
def _quick_lzma(window: int) -> tuple[dict[str, int], ...]:
    return (
        {
            "id": lzma.FILTER_LZMA2,
            "dict_size": window,
            "pb": 0,
            "mode": lzma.MODE_FAST,
            "mf": lzma.MF_HC4,
            "nice_len": 128,
            "depth": 16,
        },
    )


def encode_state(state: PipelineState) -> bytes:
    """Compressed; a few hundred live instances fit the store's item limit many times over."""
    plain = _text(to_plain(PipelineState, state)).encode()
    # Half a millisecond goes into making room for a large window, which what fits into a small one cannot use.
    window = _SMALL_WINDOW if len(plain) <= _SMALL_WINDOW else _WINDOW
    return lzma.compress(plain, lzma.FORMAT_RAW, filters=_quick_lzma(window))


def decode_state(payload: bytes) -> PipelineState:
    """The state that `encode_state` was given."""
    plain = lzma.decompress(payload, lzma.FORMAT_RAW, filters=_quick_lzma(_WINDOW))
    return from_plain(PipelineState, json.loads(plain))


def encode_instance(instance: Instance) -> str:
    """One history row's content."""
    return _text(to_plain(Instance, instance))


def decode_instance(text: str) -> Instance:
    """The instance that `encode_instance` was given."""
    return from_plain(Instance, json.loads(text))


def encode_event(event: Event) -> str:
    """A message body of the control queue."""
    return _text(to_plain(Event, event))  # type: ignore[arg-type]  # a union alias is not a type object to mypy


def decode_event(text: str) -> Event:
    """The event that `encode_event` was given; raises KeyError, TypeError or ValueError for other text."""
    event: Event = from_plain(Event, json.loads(text))  # type: ignore[arg-type]  # as above
    return event


def encode_task(task: Task) -> str:
    """A message body of the tasks queue, or a waiting task's."""
    return _text(to_plain(Task, task))


def decode_task(text: str) -> Task:
    """The task that `encode_task` was given."""
    return from_plain(Task, json.loads(text))


def _text(plain: Any) -> str:
    text = json.dumps(plain, separators=(",", ":"), ensure_ascii=False)
    return text if text.isascii() else _UNSENDABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
