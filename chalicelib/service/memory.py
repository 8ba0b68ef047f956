"""States that this container committed last, decoded, with their agendas: spares the next step decoding and searching.

Only ever believed for the very bytes that the store holds, so it can be neither stale nor wrong.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from chalicelib.domain.run.agenda import Agenda
from chalicelib.domain.run.codec import decode_state
from chalicelib.domain.run.state import PipelineState
from chalicelib.domain.values import PipelineId

KEPT = 64
LARGEST_BYTES = 64 * 1024
"""Larger items take much memory when decoded, and are rare."""


@dataclass(slots=True)
class StateMemory:
    """The last states of at most `KEPT` pipelines."""

    _kept: "OrderedDict[PipelineId, tuple[bytes, PipelineState, Agenda]]" = field(default_factory=OrderedDict)

    def read(self, pipeline_id: PipelineId, payload: bytes) -> tuple[PipelineState, Agenda | None]:
        """The state in the payload, and its agenda if it is known."""
        kept = self._kept.get(pipeline_id)
        if kept is not None and kept[0] == payload:
            return kept[1], kept[2]
        return decode_state(payload), None

    def keep(self, payload: bytes, state: PipelineState, agenda: Agenda) -> None:
        """Remember what was committed."""
        self._kept.pop(state.pipeline_id, None)
        if len(payload) <= LARGEST_BYTES:
            self._kept[state.pipeline_id] = (payload, state, agenda)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
