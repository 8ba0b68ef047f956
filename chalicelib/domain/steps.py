"""Steps of an EmrActivity: `jar,argument,…`, and which of them copy DynamoDB tables. Pure.

A comma that belongs to an argument has two backslashes before it, since one is dropped on the way to the cluster and
one by its own splitting.
Source: developer guide, "EmrActivity"; awslabs/emr-dynamodb-connector, DynamoDBExport and DynamoDBImport
"""

import re
from dataclasses import dataclass

from chalicelib.domain.errors import DataPipelineError

EXPORT = "org.apache.hadoop.dynamodb.tools.dynamodbexport"
IMPORT = "org.apache.hadoop.dynamodb.tools.dynamodbimport"
"""The main classes in small letters: published templates spell them DynamoDb…, the sources DynamoDB…"""

_ARGUMENTS = {EXPORT: range(2, 5), IMPORT: range(2, 4)}
_DEFAULT_RATIO = 0.5
_EXPRESSION = re.compile(r"#\{[^}]*\}")
_PART = re.compile(r"((?:\\.|[^\\,])*)(,|\Z)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(unsafe_hash=True)
class BadStep(DataPipelineError):
    """A step that cannot be carried out as it is written."""

    step: str
    reason: str

    def __str__(self) -> str:
        return f"step '{self.step}': {self.reason}"


@dataclass(frozen=True, slots=True)
class TableStep:
    """A copy between a table and a folder in S3.

    ratio     share of the table's capacity to use, above 0
    segments  scan segments asked for; None leaves the choice
    """

    is_export: bool
    folder: str
    table: str
    ratio: float
    segments: int | None


def split_step(text: str) -> tuple[str, ...]:
    """The jar and its arguments, blanks around them cut off."""
    once = _ESCAPED.sub(r"\1", text)
    parts, at = [], 0
    while at <= len(once):
        found = _PART.match(once, at)
        if found is None:  # a lonely backslash at the very end
            parts.append(once[at:])
            break
        parts.append(found[1])
        at = found.end() + (0 if found[2] else 1)
    return tuple(_ESCAPED.sub(r"\1", part).strip() for part in parts)


def is_table_step(written: str) -> bool:
    """Whether a step, its expressions not evaluated, runs one of the tools' classes in a way that `read_step` knows.

    Generic options of Hadoop (`-D …`) are not: what they change is the cluster's business.
    """
    # An expression has commas of its own, and stands for one argument or less.
    jar, *rest = split_step(_EXPRESSION.sub("x", written))
    if not rest or not jar.endswith(".jar"):
        return False
    arguments = rest[1:]
    return len(arguments) in _ARGUMENTS.get(rest[0].lower(), ()) and not any(each.startswith("-") for each in arguments)


def read_step(text: str) -> TableStep:
    """Read an evaluated step.

    Raises   BadStep for one that is none of the tools', has another number of arguments, or numbers that are none
    """
    parts = split_step(text)
    main, arguments = "".join(parts[1:2]).lower(), parts[2:]
    allowed = _ARGUMENTS.get(main)
    if allowed is None:
        raise BadStep(text, "the class is neither DynamoDbExport nor DynamoDbImport")
    if len(arguments) not in allowed:
        raise BadStep(text, f"{len(arguments)} arguments given, {allowed[0]} to {allowed[-1]} expected")
    folder, table, *numbers = arguments
    ratio = _number(text, "ratio", numbers[0]) if numbers else _DEFAULT_RATIO
    segments = int(_number(text, "number of segments", numbers[1])) if len(numbers) > 1 else None
    return TableStep(main == EXPORT, folder, table, ratio, segments)


def _number(step: str, what: str, text: str) -> float:
    try:
        found = float(text)
    except ValueError as error:
        raise BadStep(step, f"the {what} is '{text}', a number was expected") from error
    if not 0 < found <= 1_000_000:
        raise BadStep(step, f"the {what} is {text}, a number above 0 was expected")
    return found
