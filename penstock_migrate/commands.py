"""The commands: what each asks, does and prints. Clients, clock and output are handed in."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.values import render_time
from penstock_migrate.errors import MigrationError, NotYet
from penstock_migrate.options import Options
from penstock_migrate.origin import Origin, origins
from penstock_migrate.recreate import Made, Outcome, made_before, recreate, unique_id
from penstock_migrate.report import as_json, as_table, row_of, table
from penstock_migrate.rollback import roll_back
from penstock_migrate.secret_values import secret_places, template
from penstock_migrate.steps import Line, Sides, switch_lines
from penstock_migrate.switch import Surroundings, Switch, Wishes

DONE, FAILED, WAIT = 0, 1, 75
"""Exit statuses; 75 asks for the same command again later."""


@dataclass(frozen=True, slots=True)
class Regions:
    """Of the two sides, and how commands for the AWS CLI name them."""

    source: str
    target: str
    sides: Sides


def perform(options: Options, around: Surroundings, regions: Regions) -> int:
    """Do what the command line says; returns the exit status."""
    if options.command == "switch" and not options.dry_run:
        return _each(options, around, lambda pipeline: _switch(pipeline, options, around))
    if options.command == "rollback":
        return _each(options, around, lambda pipeline: _roll_back(pipeline, around))
    return _ASKING[options.command](options, around, regions)


def _origins(options: Options, around: Surroundings) -> Iterator[Origin]:
    return origins(around.source, _chosen(options, around), around.limits, around.now())


def _chosen(options: Options, around: Surroundings) -> Sequence[str]:
    return options.pipelines or [found for found, _ in around.source.pipelines()]


def _print(around: Surroundings, lines: Iterator[str]) -> int:
    for line in lines:
        around.say(line)
    return DONE


def _report(options: Options, around: Surroundings, regions: Regions) -> int:
    rows = [row_of(found, around.limits, regions.source, regions.target) for found in _origins(options, around)]
    if options.json:
        around.say(json.dumps(as_json(rows, around.limits, {"region": regions.source}), indent=1))
        return DONE
    return _print(around, as_table(rows, around.limits))


def _secrets(options: Options, around: Surroundings, _: Regions) -> int:
    places = {found.id: secret_places(found.definition) for found in _origins(options, around)}
    return _print(around, template({name: each for name, each in places.items() if each}))


def _create(options: Options, around: Surroundings, _: Regions) -> int:
    before = made_before(around.shop.target)
    made = [
        recreate(found, around.shop, before.get(unique_id(around.shop.region, found.id)))
        for found in _origins(options, around)
    ]
    _print(around, _made_table(made))
    return FAILED if any(each.outcome is Outcome.REFUSED for each in made) else DONE


def _made_table(made: Sequence[Made]) -> Iterator[str]:
    rows = [(each.source, each.name, each.target, each.outcome.value, "; ".join(each.remarks)) for each in made]
    yield from table(("source", "name", "here", "outcome", "before activation"), rows)
    counts = {outcome: sum(each.outcome is outcome for each in made) for outcome in Outcome}
    said = ", ".join(f"{number} {outcome.value}" for outcome, number in counts.items() if number)
    yield f"{len(made)} pipelines: {said or 'none'}"


def _plan(options: Options, around: Surroundings, regions: Regions) -> int:
    before = made_before(around.shop.target)
    plans: dict[str, list[Line]] = {}
    for found in _origins(options, around):
        here = before.get(unique_id(around.shop.region, found.id))
        plans[found.id] = list(switch_lines(found, here.id if here else "<id here>", regions.sides))
    if options.json:
        around.say(json.dumps({name: [_line_json(line) for line in lines] for name, lines in plans.items()}, indent=1))
        return DONE
    return _print(around, _plan_text(plans))


def _line_json(line: Line) -> Mapping[str, str]:
    return {"says": line.says, "command": line.command}


def _plan_text(plans: Mapping[str, Sequence[Line]]) -> Iterator[str]:
    for name, lines in plans.items():
        yield name
        for number, line in enumerate(lines, start=1):
            yield f"  {number}. {line.says}"
            if line.command:
                yield f"       {line.command}"


def _each(options: Options, around: Surroundings, act: Callable[[str], None]) -> int:
    """One pipeline that cannot be moved does not keep the others from it."""
    statuses = [_told(pipeline, around, act) for pipeline in _chosen(options, around)]
    return max((status for status in statuses if status != WAIT), default=DONE) or (WAIT if WAIT in statuses else DONE)


def _told(pipeline: str, around: Surroundings, act: Callable[[str], None]) -> int:
    try:
        act(pipeline)
    except NotYet as error:
        around.say(f"waits: {error}")
        return WAIT
    except MigrationError as error:
        around.say(f"stopped: {error}")
        return FAILED
    return DONE


def _switch(pipeline: str, options: Options, around: Surroundings) -> None:
    wishes = Wishes(options.cancel, options.rerun_failed, options.without_failed, options.patience)
    done = Switch(pipeline, wishes, around).run()
    around.say(f"{pipeline}: switched to {done.target}")


def _roll_back(pipeline: str, around: Surroundings) -> None:
    start = roll_back(pipeline, around)
    since = f" from {render_time(start)}" if start is not None else ""
    around.say(f"{pipeline}: goes on at the source{since}")


_ASKING = {"report": _report, "secrets": _secrets, "create": _create, "plan": _plan, "switch": _plan}
"""Commands that look at many pipelines at once; `switch` only as a dry run."""
