"""What was found, as a table for people and as JSON for programs. Must not ask anybody anything."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.values import UtcTime, render_time
from penstock_migrate.continuation import continuation_of
from penstock_migrate.differences import Note, changed_limits, notes
from penstock_migrate.observe import Seen
from penstock_migrate.origin import Origin
from penstock_migrate.progress import Standing, Stop, progress_of, standing_of
from penstock_migrate.secret_values import secret_places

JSON = Mapping[str, object]
NOTHING_RAN = Standing()


@dataclass(frozen=True, slots=True)
class Row:
    """One pipeline of the report."""

    origin: Origin
    notes: tuple[Note, ...]
    secrets: tuple[str, ...]
    standing: Standing
    nexts: Mapping[str, UtcTime]


def row_of(origin: Origin, limits: Limits, source_region: str, target_region: str) -> Row:
    """Everything there is to say about one pipeline."""
    plan, observation = origin.verdict.plan, origin.observation
    standing = NOTHING_RAN
    nexts: Mapping[str, UtcTime] = {}
    if plan is not None and observation is not None:
        stop = stop_of(origin)
        standing = standing_of(plan, observation, stop)
        nexts = _nexts(origin, stop)
    found = tuple(dict.fromkeys(notes(origin, limits, source_region, target_region)))
    return Row(origin, found, secret_places(origin.definition), standing, nexts)


def stop_of(origin: Origin) -> Stop:
    """The deactivation that the source's pipeline is in, if it is."""
    if origin.described.state not in ("INACTIVE", "DEACTIVATING"):
        return Stop()
    return Stop(origin.described.time("@lastDeactivationTime") or origin.described.time("@lastDeactivatedTime"))


def _nexts(origin: Origin, stop: Stop) -> Mapping[str, UtcTime]:
    """The next interval of every scheduled component that has one."""
    plan, observation = origin.verdict.plan, origin.observation
    if plan is None or observation is None:
        return {}
    progress = progress_of(plan, observation, stop)
    found = {}
    for name, ran in progress.items():
        interval = plan.interval(plan.components[name], ran.next_index)
        if interval is not None:
            found[str(name)] = interval.start
    return found


def as_json(rows: Sequence[Row], limits: Limits, source: Mapping[str, str]) -> JSON:
    """The whole report for programs."""
    return {
        "source": dict(source),
        "pipelines": [_row_json(row) for row in rows],
        "limits": [{"name": name, "source": theirs, "target": ours} for name, theirs, ours in changed_limits(limits)],
    }


def _row_json(row: Row) -> JSON:
    described, verdict, standing = row.origin.described, row.origin.verdict, row.standing
    observation = row.origin.observation
    continuation = (
        continuation_of(verdict.plan, progress_of(verdict.plan, observation, stop_of(row.origin)))
        if verdict.plan is not None and observation is not None
        else None
    )
    return {
        "id": described.id,
        "name": described.name,
        "state": described.state,
        "tags": dict(described.tags),
        "verdict": verdict.worst.name,
        "summary": verdict.summary,
        "reasons": list(verdict.reasons),
        "components": [
            {"id": item.component, "type": item.type, "where": item.where.name, "why": item.why}
            for item in verdict.judged
        ],
        "warnings": {name: list(said) for name, said in verdict.warnings.items()},
        "notes": [{"about": note.about.value, "subject": note.subject, "text": note.text} for note in row.notes],
        "secrets": list(row.secrets),
        "draft": row.origin.draft is not None,
        "lastCompleted": _times(observation.completed if observation else {}),
        "next": _times(row.nexts),
        "startTimestamp": render_time(continuation.start) if continuation and continuation.start else None,
        "running": [item.id for item in standing.running],
        "left": [item.id for item in standing.left],
        "failed": [_failure(item) for item in standing.failed],
        "heldBack": [item.id for item in standing.held],
        "gaps": list(row.origin.gaps),
    }


def _failure(item: Seen) -> JSON:
    return {"id": item.id, "status": item.status}


def _times(times: Mapping[str, UtcTime]) -> Mapping[str, str]:
    return {name: render_time(moment) for name, moment in sorted(times.items())}


def as_table(rows: Sequence[Row], limits: Limits) -> Iterator[str]:
    """The whole report for people: one line a pipeline, then what there is to do, pipeline by pipeline."""
    yield from table(
        ("pipeline", "name", "state", "here", "next interval", "to do"),
        [
            (
                row.origin.id,
                row.origin.described.name,
                row.origin.described.state,
                row.origin.verdict.summary,
                render_time(min(row.nexts.values())) if row.nexts else "on demand" if row.origin.on_demand else "-",
                _to_do(row),
            )
            for row in rows
        ],
    )
    for row in rows:
        yield from _details(row)
    yield ""
    counts = Counter(row.origin.verdict.summary for row in rows)
    yield f"{len(rows)} pipelines: " + ", ".join(f"{number} {summary}" for summary, number in sorted(counts.items()))
    yield "Limits that differ: " + ", ".join(
        f"{name} {theirs} → {ours}" for name, theirs, ours in changed_limits(limits)
    )


def _to_do(row: Row) -> str:
    parts = (
        (len(row.secrets), "secrets"),
        (len(row.notes), "notes"),
        (len(row.standing.running), "running"),
        (len(row.standing.failed) + len(row.standing.held), "failed"),
    )
    return ", ".join(f"{number} {what}" for number, what in parts if number) or "-"


def _details(row: Row) -> Iterator[str]:
    lines = [
        *(f"does not run: {reason}" for reason in row.origin.verdict.reasons),
        *(f"gap: {gap}" for gap in row.origin.gaps),
        *(f"{note.about.value}: {note.subject}: {note.text}" for note in row.notes),
        *(f"secret: {place} has to be given again" for place in row.secrets),
        *(f"running: {item.id} is {item.status}" for item in row.standing.running),
        *(f"failed: {item.id} is {item.status}: not run again unless you ask for it" for item in row.standing.failed),
        *(f"held back: {item.id} waits behind a failure" for item in row.standing.held),
    ]
    if lines:
        yield ""
        yield f"{row.origin.id} {row.origin.described.name}"
        yield from (f"  {line}" for line in lines)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns as wide as their widest cell."""
    widths = [max(len(row[number]) for row in (heads, *rows)) for number in range(len(heads))]
    for row in (heads, tuple("-" * width for width in widths), *rows):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
