"""What became of a sample's events: counts and latencies, and how they are printed."""

from collections.abc import Sequence
from dataclasses import dataclass

HEADER = (
    f"{'sample':<9} {'events':>7} {'items':>7} {'results':>8} {'duplicates':>11} {'lost':>5}   "
    f"{'event to start, ms':>19}   {'event to result, ms':>19}"
)


@dataclass(frozen=True, slots=True)
class Figures:
    """One sample's outcome.

    items       what was inferred about; 0 in a sample without inference
    duplicates  results beyond one for each expected; lost: expected results that are not there
    to_start    seconds from each event to the start of its executor; to_result: to the end of its work
    """

    name: str
    events: int
    items: int
    results: int
    duplicates: int
    lost: int
    to_start: Sequence[float]
    to_result: Sequence[float]

    @property
    def complete(self) -> bool:
        """Nothing was lost and nothing counted twice."""
        return self.results > 0 and not self.duplicates and not self.lost

    def line(self) -> str:
        """One line under HEADER."""
        return (
            f"{self.name:<9} {self.events:>7} {self.items:>7} {self.results:>8} {self.duplicates:>11} {self.lost:>5}   "
            f"{_both(self.to_start):>19}   {_both(self.to_result):>19}"
        )


def _both(seconds: Sequence[float]) -> str:
    return f"p50 {percentile(seconds, 50):.0f} p95 {percentile(seconds, 95):.0f}" if seconds else "-"


def percentile(seconds: Sequence[float], percent: int) -> float:
    """The nearest-rank percentile, in milliseconds."""
    ordered = sorted(seconds)
    rank = max(0, -(-len(ordered) * percent // 100) - 1)
    return ordered[rank] * 1000
