"""Parameters: declared soundly, and given values that fit."""

from collections import Counter
from collections.abc import Iterator, Sequence

from chalicelib.domain.definition.catalog.reading import one_of
from chalicelib.domain.definition.checks.draft import Draft
from chalicelib.domain.definition.checks.expressions import is_parameter_name, unknown_names
from chalicelib.domain.definition.checks.finding import Code, Finding, Severity, shown, warning
from chalicelib.domain.definition.parameters import EXPECTED, Parameter, ParameterType, given_values, missing

_FLAGS = ("isArray", "optional")


def identities(draft: Draft) -> Iterator[Finding]:
    """Ids that are used twice, or do not begin as they should."""
    for each, times in Counter(item.id for item in draft.definition.parameters).items():
        if times > 1:
            yield _wrong(each, f"The parameter id {shown(each)} is declared {times} times, it must be declared once.")
        if not is_parameter_name(each):
            yield warning(each, Code.INVALID_PARAMETER, f"The parameter id {shown(each)} should begin with 'my'.")


def attributes(draft: Draft) -> Iterator[Finding]:
    """Flags that are neither true nor false, and unknown types."""
    for item in draft.definition.parameters:
        for attribute in item.attributes:
            if attribute.key in _FLAGS and attribute.value.lower() not in ("true", "false"):
                expected = f"'{attribute.key}' expects 'true' or 'false'"
                yield _wrong(item.id, f"{expected}, {shown(attribute.value)} was given.")
    for parameter in draft.declared.values():
        if parameter.kind is None:
            names = one_of([kind.value for kind in ParameterType])
            yield _wrong(parameter.id, f"'type' expects {names}, {shown(parameter.written_type)} was given.")


def values(draft: Draft) -> Iterator[Finding]:
    """Values and defaults against the declarations; values that nothing declares."""
    for each, found in given_values(draft.definition).items():
        if each in draft.declared:
            yield from _fitting(draft.declared[each], found, "The value")
        else:
            sentence = f"A value is given for the parameter {shown(each)}, which is not declared."
            yield warning(each, Code.INVALID_PARAMETER, sentence)
    for parameter in draft.declared.values():
        yield from _fitting(parameter, parameter.default, "'default'")


def _fitting(parameter: Parameter, found: Sequence[str], what: str) -> Iterator[Finding]:
    if len(found) > 1 and not parameter.array:
        several = f"{what} of '{parameter.id}' is one, {len(found)} were given"
        yield _wrong(parameter.id, f"{several}; declare 'isArray': 'true' for a list.")
    for text in found:
        if "#{" in text:
            continue
        quoted = shown(text, secret=parameter.secret)
        if parameter.kind is not None and not parameter.accepts(text):
            yield _wrong(parameter.id, f"{what} must be {EXPECTED[parameter.kind]}, {quoted} was given.")
        if parameter.allowed and text not in parameter.allowed:
            allowed = one_of(parameter.allowed[:20])
            yield _wrong(parameter.id, f"{what} must be one of {allowed}, {quoted} was given.")


def unset(draft: Draft) -> Iterator[Finding]:
    """Parameters that still need a value before activation."""
    return _unset(draft, Severity.WARNING)


def required(draft: Draft) -> Iterator[Finding]:
    """Parameters that have no value on activation."""
    return _unset(draft, Severity.ERROR)


def _unset(draft: Draft, severity: Severity) -> Iterator[Finding]:
    for parameter in missing(draft.definition):
        sentence = f"The parameter '{parameter.id}' is not optional and has neither value nor default."
        yield Finding(parameter.id, Code.MISSING_PARAMETER, sentence, severity)
    for place, name in unknown_names(draft):
        if is_parameter_name(name):
            sentence = f"'{place.key}' names the parameter {shown(name)}, which is not declared and has no value."
            yield Finding(place.given.by, Code.MISSING_PARAMETER, sentence, severity, place.inherited)


def _wrong(each: str, sentence: str) -> Finding:
    return Finding(each, Code.INVALID_PARAMETER, sentence)
