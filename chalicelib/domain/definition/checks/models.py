"""Activities that ask models: what their models need of their nodes."""

from collections.abc import Iterator

from chalicelib.domain.definition.checks.draft import Draft
from chalicelib.domain.definition.checks.finding import Code, Finding
from chalicelib.domain.values import Ref

_ASKING = "InferenceActivity"
_STORED = "S3DataNode"
_LATER = ("asyncEndpoint", "videoAnalysis", "transformModel")


def kept(draft: Draft) -> Iterator[Finding]:
    """Models that answer later need an output in S3, where it is kept what was asked."""
    for each, known in draft.types.items():
        asked = next((name for name in _LATER if draft.values(each, name)), None)
        if known.name == _ASKING and asked is not None and not _is_kept(draft, each):
            yield Finding(each, Code.MISSING_FIELD, f"'{asked}' needs an 'output' that is an {_STORED}.")


def _is_kept(draft: Draft, each: str) -> bool:
    """Whether an output is in S3, or is nothing that is known here, which is a finding of its own."""
    outputs = [value.id for value in draft.values(each, "output") if isinstance(value, Ref)]
    return any(name not in draft.types or draft.types[name].name == _STORED for name in outputs)
