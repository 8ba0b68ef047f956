"""Data formats: how the bytes of a data node read.

Source: developer guide, "Data formats", and the page of each type.
"""

from typing import Annotated

from chalicelib.domain.definition.catalog.component import Component
from chalicelib.domain.definition.catalog.slot import Facts, catalogued


@catalogued
class DataFormat(Component):
    """What every data format has."""

    column: Annotated[tuple[str, ...], Facts("Columns in order, `name TYPE` each.")] = ()


@catalogued
class CSV(DataFormat):
    """Commas between columns, line feeds between records."""

    escape_char: Annotated[str | None, Facts("Character that takes the next one literally.")] = None


@catalogued
class TSV(DataFormat):
    """Tabs between columns, line feeds between records."""

    column_separator: Annotated[str, Facts("What stands between columns.")] = "\t"
    record_separator: Annotated[str, Facts("What stands between records.")] = "\n"
    escape_char: Annotated[str | None, Facts("Character that takes the next one literally.")] = None


@catalogued
class Custom(DataFormat):
    """Separators of your own."""

    column_separator: Annotated[str, Facts("What stands between columns.")]
    record_separator: Annotated[str | None, Facts("What stands between records, one character.", longest=1)] = None


@catalogued
class RegEx(DataFormat):
    """Records described by a regular expression, for Hive."""

    input_reg_ex: Annotated[str | None, Facts("Expression whose groups are the columns.")] = None
    output_format: Annotated[str | None, Facts("Java format of a written record, `%1$s` the first column.")] = None


@catalogued
class DynamoDBDataFormat(DataFormat):
    """Items of a DynamoDB table, for HiveActivity."""


@catalogued
class DynamoDBExportDataFormat(DataFormat):
    """Items of a DynamoDB table as HiveCopyActivity writes and reads them; attributes may be missing."""
