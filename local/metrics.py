"""`python -m local.metrics`: what the embedded run's log has measured, summed as CloudWatch would."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalicelib.domain.measures import Measure


@dataclass(slots=True)
class Sum:
    """One metric's values."""

    count: int = 0
    total: float = 0.0
    highest: float = 0.0

    def add(self, value: float) -> None:
        """One more."""
        self.count += 1
        self.total += value
        self.highest = max(self.highest, value)

    def join(self, other: "Sum") -> None:
        """All of another's."""
        self.count += other.count
        self.total += other.total
        self.highest = max(self.highest, other.highest)


def read(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The lines that are JSON objects: a process that was killed may have left half a line."""
    for line in lines:
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            yield found


def sums(lines: Iterable[dict[str, Any]], pipeline: str | None = None) -> dict[str, Sum]:
    """Every metric of the lines, or of one pipeline's lines, in the order of their declaration."""
    found = {measure.value: Sum() for measure in Measure}
    for line in lines:
        if pipeline is None or line.get("pipeline") == pipeline:
            for directive in line.get("_aws", {}).get("CloudWatchMetrics", ()):
                for metric in directive["Metrics"]:
                    found[metric["Name"]].add(line[metric["Name"]])
    return {name: item for name, item in found.items() if item.count}


def table(found: dict[str, Sum]) -> Iterator[str]:
    """For people."""
    yield f"{'metric':<20} {'values':>8} {'sum':>16} {'mean':>12} {'highest':>12}"
    for name, item in found.items():
        mean = item.total / item.count
        yield f"{name:<20} {item.count:>8} {item.total:>16.6g} {mean:>12.4g} {item.highest:>12.4g}"


def main() -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(prog="python -m local.metrics", description="What the log has measured.")
    parser.add_argument("--home", type=Path, default=Path(".penstock"), help="the embedded run's directory")
    parser.add_argument("--pipeline", help="only of this pipeline")
    options = parser.parse_args()
    log = options.home / "logs" / "app.log"
    if not log.exists():
        sys.stderr.write(f"there is no {log}; start the embedded run first\n")
        return 1
    with log.open(encoding="utf-8") as lines:
        print("\n".join(table(sums(read(lines), options.pipeline))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
