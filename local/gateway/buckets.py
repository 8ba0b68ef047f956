"""Rates and quotas: token buckets of methods and of keys, counted by a clock that is handed in.

API Gateway's own are best effort over many machines; these are exact. Order of the checks: the key's rate for the
method, the key's rate, the method's rate, the key's quota. A refused request uses up no quota.
Source: API Gateway Developer Guide, "Throttle requests to your REST APIs"
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from deploy.methods import Method
from deploy.stage import Period, Rate, Stage, UsagePlan

THROTTLED = "THROTTLED"
QUOTA_EXCEEDED = "QUOTA_EXCEEDED"


@dataclass(slots=True)
class Bucket:
    """Holds `burst` tokens, gains `rate` a second, gives one to each request."""

    rate: float
    burst: int
    tokens: float = field(init=False)
    at: datetime | None = None

    def __post_init__(self) -> None:
        self.tokens = self.burst

    def take(self, now: datetime) -> bool:
        """Whether there was a token."""
        passed = max((now - self.at).total_seconds(), 0.0) if self.at else 0.0
        self.tokens = min(self.burst, self.tokens + passed * self.rate)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@dataclass(slots=True)
class Count:
    """Requests of one key in one period."""

    since: datetime
    used: int = 0


def period_start(period: Period, now: datetime) -> datetime:
    """The midnight (UTC) at which the period of `now` began; weeks begin on Sunday."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if period is Period.MONTH:
        return midnight.replace(day=1)
    return midnight - timedelta(days=midnight.isoweekday() % 7) if period is Period.WEEK else midnight


class Rates:
    """All buckets and counts of one stage."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._plans = {key: plan for plan in stage.usage_plans.values() for key in plan.keys}
        self._buckets: dict[tuple[str, ...], Bucket] = {}
        self._counts: dict[str, Count] = {}
        self._lock = threading.Lock()

    def refusal(self, method: Method, key: str | None, now: datetime) -> str | None:
        """The type of the refusal when one more request is too many. `key` is a key's name."""
        with self._lock:
            if not all(self._bucket(at, rate).take(now) for at, rate in self._applying(method, key)):
                return THROTTLED
            plan = self._plans.get(key or "")
            return None if plan is None or self._counted(plan, key or "", now) else QUOTA_EXCEEDED

    def _applying(self, method: Method, key: str | None) -> Iterator[tuple[tuple[str, ...], Rate]]:
        plan = self._plans.get(key or "")
        if plan is not None and key is not None:
            if method.operation in plan.operations:
                yield ("key", key, method.path, method.verb), plan.operations[method.operation]
            yield ("key", key), Rate(plan.rate, plan.burst)
        throttle = self._stage.throttle
        rate = throttle.operations.get(method.operation) or Rate(throttle.rate, throttle.burst)
        yield ("method", method.path, method.verb), rate

    def _bucket(self, at: tuple[str, ...], rate: Rate) -> Bucket:
        return self._buckets.setdefault(at, Bucket(rate.rate, rate.burst))

    def _counted(self, plan: UsagePlan, key: str, now: datetime) -> bool:
        if plan.quota is None:
            return True
        since = period_start(plan.period, now)
        count = self._counts.setdefault(key, Count(since))
        if count.since != since:
            count.since, count.used = since, 0
        if count.used >= plan.quota:
            return False
        count.used += 1
        return True


def key_values(stage: Stage) -> dict[str, str]:
    """Names of the stage's keys by their values: on this machine the key `local` is `penstock-local`."""
    names: Sequence[str] = [key for plan in stage.usage_plans.values() for key in plan.keys]
    return {f"penstock-{name}": name for name in names}
