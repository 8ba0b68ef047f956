"""A finding: its code, where it is, and how it reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from chalicelib.domain.definition.model import Findings, Value
from chalicelib.domain.values import Ref

PIPELINE = "Default"
"""The id that findings about the pipeline as a whole are listed under."""

_MOST_CHARACTERS = 2000
_MOST_PER_OBJECT = 100
_SHOWN = 80


class Code(Enum):
    """Codes a sentence begins with, and what each says."""

    INVALID_OBJECT = "An object cannot be told apart or has an impossible id."
    MISSING_TYPE = "An object has no type and nothing inherits from it."
    UNKNOWN_TYPE = "There is no object type of this name."
    UNKNOWN_FIELD = "The object's type has no such field, and the name is not a user field."
    READ_ONLY_FIELD = "The field is written by the service."
    MISSING_FIELD = "A required field, or one of several, is neither given nor inherited."
    CONFLICTING_FIELDS = "Two fields exclude each other."
    INVALID_FIELD_VALUE = "A value is not of the field's kind, not one of its words or out of its range."
    INVALID_REFERENCE = "A reference points nowhere, at the wrong type, or stands where a text belongs."
    CIRCULAR_REFERENCE = "Objects inherit from, or wait for, each other."
    INVALID_EXPRESSION = "An expression cannot be read, or names what its object does not have."
    INVALID_SCHEDULE = "A schedule or a schedule type contradicts the rest."
    INVALID_PARAMETER = "A parameter is declared wrongly, or its value does not fit the declaration."
    MISSING_PARAMETER = "A parameter that is not optional has no value."
    LIMIT_EXCEEDED = "Something is larger, or there is more of it, than allowed."
    FORBIDDEN_CHANGE = "The change cannot be made once the pipeline has been activated."
    EMPTY_VALUE = "An id, a name or a value is empty."
    BACKFILL = "The schedule starts so far back that activation would run many old intervals."
    NOTHING_TO_RUN = "The definition has no activity."
    DEPRECATED = "The type or field still works and has a better replacement."
    IGNORED_FIELD = "The field has no effect beside the others."


class Severity(Enum):
    """Fatal forbids storing, an error forbids activation, a warning forbids nothing."""

    FATAL = "fatal"
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one object or parameter."""

    subject: str
    code: Code
    sentence: str
    severity: Severity = Severity.ERROR
    note: str = ""
    """Goes before the last full stop, and does not make two findings different."""

    def __str__(self) -> str:
        sentence = f"{self.sentence.removesuffix('.')}{self.note}." if self.note else self.sentence
        return f"{self.code.name}: {sentence}"[:_MOST_CHARACTERS]


def warning(subject: str, code: Code, sentence: str) -> Finding:
    """A finding that blocks nothing."""
    return Finding(subject, code, sentence, Severity.WARNING)


def shown(value: Value, *, secret: bool = False) -> str:
    """A value as a sentence quotes it: cut when long, never a secret."""
    if secret:
        return "a secret"
    text = value.id if isinstance(value, Ref) else value
    cut = repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
    return f"a reference to {cut}" if isinstance(value, Ref) else cut


def collected(found: Iterable[Finding]) -> Findings:
    """Sentences by severity and object, each once, in the order found."""
    once: dict[tuple[Severity, str, Code, str], Finding] = {}
    for finding in found:
        once.setdefault((finding.severity, finding.subject, finding.code, finding.sentence), finding)
    listed: dict[Severity, dict[str, list[Finding]]] = {severity: {} for severity in Severity}
    for finding in once.values():
        listed[finding.severity].setdefault(finding.subject or PIPELINE, []).append(finding)
    fatal = [finding for findings in listed[Severity.FATAL].values() for finding in findings]
    errors, warnings = (
        {subject: _cut(findings) for subject, findings in listed[severity].items()}
        for severity in (Severity.ERROR, Severity.WARNING)
    )
    return Findings(_cut(fatal), errors, warnings)


def _cut(findings: Sequence[Finding]) -> tuple[str, ...]:
    sentences = tuple(str(finding) for finding in findings[:_MOST_PER_OBJECT])
    rest = len(findings) - _MOST_PER_OBJECT
    if rest <= 0:
        return sentences
    return (*sentences, f"{Code.LIMIT_EXCEEDED.name}: {rest} more findings are not listed.")
