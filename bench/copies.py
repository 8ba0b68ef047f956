"""All copies in one run: SQL tables, S3 to S3, exports of DynamoDB tables; one table, one verdict."""

from collections.abc import Callable, Mapping, Sequence

from bench import copy, copy_s3, copy_tables
from bench.report import Figure, Report

LANES: Mapping[str, Callable[[Sequence[str]], Report]] = {
    "sql": copy.run,
    "s3": copy_s3.run,
    "tables": copy_tables.run,
}
_HEAD = ("copy", "seconds", "peak MB", "requests")


def run(arguments: Sequence[str]) -> Report:
    """`[sql] [s3] [tables] [ROWS]`: the lanes named, or all of them; ROWS of the SQL tables."""
    rows = [text for text in arguments if text.isdecimal()]
    lanes = [text for text in arguments if not text.isdecimal()] or list(LANES)
    reports = [LANES[lane](rows if lane == "sql" else []) for lane in lanes]
    return Report(
        "copy",
        _HEAD,
        tuple(_filled(row) for report in reports for row in report.rows),
        {name: figure for report in reports for name, figure in report.figures.items()},
        tuple(goal for report in reports for goal in report.goals),
        tuple(note for report in reports for note in report.notes),
    )


def _filled(row: tuple[Figure, ...]) -> tuple[Figure, ...]:
    return (*row, *[None] * len(_HEAD))[: len(_HEAD)]
