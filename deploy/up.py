"""The order in which a stage is brought up, compared and taken away. Each step tells what exists after it."""

from collections.abc import Iterator, Mapping

from deploy import cargo, foundation, layer, removal, runner, stacks, surroundings
from deploy.cargo import Road, Say
from deploy.chalice_road import ChaliceRoad
from deploy.changes import Change
from deploy.inventory import inventory, shown
from deploy.package_road import PackageRoad
from deploy.remembered import deployed_functions
from deploy.site import Site
from deploy.stacks import unreached_lines

ROADS: Mapping[str, Road] = {road.name: road for road in (ChaliceRoad(), PackageRoad())}


class OtherRoad(Exception):
    """The stage stands, and was brought there by another road."""

    def __init__(self, stage: str, found: str, wanted: str) -> None:
        super().__init__(
            f"stage {stage} was deployed by the {found} road; take that away first to use the {wanted} road "
            f"(`python -m deploy down --stage {stage}` keeps all data)"
        )


def road_taken(site: Site) -> str | None:
    """By which road the stage's functions came; None when there are none."""
    if stacks.find(site, site.stack("app")) is not None:
        return PackageRoad.name
    return ChaliceRoad.name if deployed_functions(site) else None


def chosen(site: Site, wanted: str | None) -> Road:
    """The road to take: the one that is wanted, else the one taken before. Raises OtherRoad."""
    taken = road_taken(site)
    if wanted is not None and taken is not None and wanted != taken:
        raise OtherRoad(site.stage, taken, wanted)
    return ROADS[wanted or taken or PackageRoad.name]


def up(site: Site, say: Say, wanted: str | None = None) -> None:
    """Bring the stage to what the working copy says. Raises what a step raises; a second try goes on from there."""
    road = chosen(site, wanted)
    found(site, say)
    say(f"\n== functions and API, by the {road.name} road")
    road.bring(cargo.load(site), say)
    outcome, _ = foundation.bring(site, "foundation")  # the sign-in page may lead back to the API, which is known now
    if outcome is not stacks.Outcome.UNCHANGED:
        say(f"\n== {site.stack('foundation')}: {outcome.value}")
    say(shown(inventory(site)))
    say(f"\nAPI: {surroundings.find(site).address or 'none'}")


def found(site: Site, say: Say) -> None:
    """Bring what outlives code, and the Task Runner's file: what a stage's functions stand on. Raises StackFailed."""
    say(f"Stage {site.stage} in account {site.account}, {site.region}{' (embedded AWS)' if site.embedded else ''}")
    for part in foundation.PARTS:
        outcome, unreached = foundation.bring(site, part)
        say(f"\n== {site.stack(part)}: {outcome.value}{unreached_lines(unreached)}")
    say(shown(inventory(site)))
    say(f"\n== Task Runner: {runner.bring(site)}")


def difference(site: Site, wanted: str | None = None) -> Iterator[Change]:
    """What `up` would change."""
    road = chosen(site, wanted)
    for part in foundation.PARTS:
        yield from foundation.changes(site, part)
    yield from runner.changes(site)
    yield from road.changes(cargo.load(site))


def down(site: Site, say: Say, *, data: bool) -> None:
    """Take away functions and API, and with `data` everything else, logs too. Raises StackFailed or ChaliceFailed."""
    loaded = cargo.load(site)
    for road in reversed(tuple(ROADS.values())):  # an interrupted change of roads may have left something of both
        say(f"== functions and API of the {road.name} road")
        road.remove(loaded, say)
    for told in layer.remove(site):
        say(f"  Deleting {told}")
    say(shown(inventory(site)))
    if not data:
        say("\nThe foundation stays, with its data. `--data` takes it away too.")
        return
    say("\n== foundation, with all data")
    for told in removal.remove_foundation(site):
        say(f"  {told}")
    for name in removal.remove_log_groups(site):
        say(f"  Deleting log group: {name}")
    say(shown(inventory(site)))
