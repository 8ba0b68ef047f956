"""From a data format's object to what reads and writes it."""

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.dialect import BadFormat, dialect_of
from chalicelib.transfer.formats.columns import columns_of
from chalicelib.transfer.formats.delimited import Delimited
from chalicelib.transfer.formats.pattern import Pattern, pattern_of

Format = Delimited | Pattern

_DELIMITED = frozenset({"CSV", "TSV", "Custom"})


def format_of(found: PipelineObject | None) -> Format:
    """The format of a node; CSV with any columns for a node that names none.

    Raises   BadFormat for fields that make no sense, and for formats of DynamoDB
    """
    if found is not None and found.type == "RegEx":
        return pattern_of(found)
    if found is not None and found.type not in _DELIMITED:
        raise BadFormat(found.name, "type", str(found.type), "CSV, TSV, Custom or RegEx")
    return Delimited(dialect_of(found), columns_of(found))
