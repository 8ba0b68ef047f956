"""The machine's own time and randomness: the only place that asks for them."""

import secrets
import string
from datetime import UTC, datetime

from chalicelib.domain.values import UtcTime

_ALPHABET = string.ascii_uppercase + string.digits


class SystemClock:
    """ports/clock.Clock."""

    def now(self) -> UtcTime:
        return datetime.now(UTC)


class RandomIds:
    """ports/clock.Ids: 103 bits of randomness each."""

    def fresh(self) -> str:
        return "".join(secrets.choice(_ALPHABET) for _ in range(20))
