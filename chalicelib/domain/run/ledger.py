"""What a pipeline cost by day, kept in its live item: committed with the turn that knows it, at no call of its own.

Only the last days are kept, as small numbers, because every commit pays for the item by the kilobyte.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from chalicelib.domain.run.plan import Plan
from chalicelib.domain.run.spent import spent
from chalicelib.domain.run.state import Instance
from chalicelib.domain.values import UtcTime

KEPT_DAYS = 14
_NANO = 1_000_000_000

Ledger = tuple[tuple[int, int], ...]
"""Ordinals of days, ascending, each with what was spent on it in billionths of a dollar."""


def entered(ledger: Ledger, ended: Iterable[Instance], plan: Plan, now: UtcTime) -> Ledger:
    """The ledger with what these instances cost in all; it belongs to the day they ended on."""
    price = round(spent((_latest(item) for item in ended), plan, now).usd * _NANO)
    if price <= 0:
        return ledger
    today = now.date().toordinal()
    kept = {day: nano for day, nano in ledger if day > today - KEPT_DAYS}
    return tuple(sorted({**kept, today: kept.get(today, 0) + price}.items()))


def _latest(item: Instance) -> Instance:
    """Of one that was brought back, the newest attempt: the others were entered when it ended before."""
    return replace(item, attempts=item.attempts[-1:]) if item.rerun else item


def dollars(ledger: Ledger) -> dict[date, float]:
    """By day of UTC."""
    return {date.fromordinal(day): nano / _NANO for day, nano in ledger}
