"""Writes docs/explanation/transitions.md from the transition table: `python -m docs.transitions`."""

from pathlib import Path

from chalicelib.domain.run.status import Status
from chalicelib.domain.run.table import TABLE, Trigger

PAGE = Path(__file__).parent / "explanation" / "transitions.md"

_HEAD = """# Statuses of an instance

Generated from `chalicelib/domain/run/table.py` by `python -m docs.transitions`; a test keeps it current.

Everything that changes an instance's status is a trigger. A pair of status and trigger that is not listed here cannot
happen: asking for it raises `IllegalTransition` and changes nothing.
"""


def page() -> str:
    """The page's text: a diagram of the life of a run, the triggers, and the whole table."""
    return "\n".join([_HEAD, *_diagram(), "", *_triggers(), "", *_table(), ""])


def _diagram() -> list[str]:
    """Reruns and marks lead from every ended status and would bury the rest; the table has them."""
    by_hand = (Trigger.RERUN, Trigger.MARKED_FINISHED, Trigger.SKIPPED)
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {Status.WAITING_ON_DEPENDENCIES.value}"]
    edges: dict[tuple[Status, Status], list[str]] = {}
    for (status, trigger), following in TABLE.items():
        if trigger not in by_hand and status is not following:
            edges.setdefault((status, following), []).append(trigger.name)
    lines += [f"    {a.value} --> {b.value}: {', '.join(names)}" for (a, b), names in edges.items()]
    lines += [f"    {status.value} --> [*]" for status in Status if status.ended]
    return [*lines, "```"]


def _triggers() -> list[str]:
    rows = [f"| {trigger.name} | {trigger.value} |" for trigger in Trigger]
    return ["| trigger | what happened |", "|---|---|", *rows]


def _table() -> list[str]:
    rows = [
        f"| {status.value} | {trigger.name} | {following.value} |" for (status, trigger), following in TABLE.items()
    ]
    return ["| status | trigger | next status |", "|---|---|---|", *rows]


if __name__ == "__main__":
    PAGE.write_text(page())
