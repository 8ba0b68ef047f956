"""What a bench found: rows for people, figures for programs, and the goals they are held to.

Owns the form of the output; must not know what is measured.
"""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Figure = float | int | str | bool | None


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure's bound. `at_most` or `at_least`; exactly one is set."""

    figure: str
    at_most: float | None = None
    at_least: float | None = None

    def met(self, figures: Mapping[str, Figure]) -> bool:
        """Whether the figure is there and within the bound."""
        value = figures.get(self.figure)
        if not isinstance(value, int | float):
            return False
        return value >= self.at_least if self.at_least is not None else value <= (self.at_most or 0)

    def __str__(self) -> str:
        return f">= {self.at_least:g}" if self.at_least is not None else f"<= {self.at_most:g}"


@dataclass(frozen=True, slots=True)
class Report:
    """One bench's result. `notes` say what the rows cannot: workload, units, sources."""

    bench: str
    head: tuple[str, ...]
    rows: tuple[tuple[Figure, ...], ...]
    figures: Mapping[str, Figure]
    goals: tuple[Goal, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def met(self) -> bool:
        """Whether every goal is met."""
        return all(goal.met(self.figures) for goal in self.goals)

    def text(self) -> str:
        """The table, the goals and the JSON line."""
        lines = [f"bench {self.bench} · Python {platform.python_version()} · {platform.machine()}", ""]
        lines += table([self.head, *self.rows])
        lines += ["", *self.notes]
        lines += [
            f"{_verdict(goal.met(self.figures))}: {goal.figure} {goal}, is {_shown(self.figures.get(goal.figure))}"
            for goal in self.goals
        ]
        return "\n".join([*lines, self.as_json()])

    def as_json(self) -> str:
        """The last line."""
        return json.dumps(
            {
                "bench": self.bench,
                "figures": {
                    name: round(value, 4) if isinstance(value, float) else value for name, value in self.figures.items()
                },
                "goals": {goal.figure: str(goal) for goal in self.goals},
                "met": self.met,
            }
        )


def table(rows: Sequence[Sequence[Figure]]) -> list[str]:
    """Columns as wide as their widest cell; the first is text, the others are aligned right."""
    shown = [[_shown(cell) for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in shown) for place in range(len(shown[0]))]
    return [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in shown
    ]


def _shown(cell: Figure) -> str:
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 1000 else f"{cell:,.3g}"
    return f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) else str("-" if cell is None else cell)


def _verdict(met: bool) -> str:
    return "met" if met else "MISSED"
