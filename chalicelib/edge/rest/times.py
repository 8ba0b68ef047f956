"""Times as the REST API spells them: ISO 8601 in UTC with a `Z`."""

from datetime import UTC, datetime

from chalicelib.domain.values import UtcTime
from chalicelib.edge.rest.contract import Schema

TIME: Schema = {"type": "string", "format": "date-time", "examples": ["2026-01-31T06:30:00Z"]}


def shown(moment: UtcTime) -> str:
    """`2026-01-31T06:30:00Z`, with a fraction only where there is one."""
    return moment.isoformat().removesuffix("+00:00") + "Z"


def given(text: str) -> UtcTime:
    """A time that was checked against `TIME`, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)
