"""The order in which a stage is brought up, compared and taken away. Each step tells what it did."""

from collections.abc import Callable, Iterator

from deploy import chalice_road, foundation, functions, removal, sources
from deploy.changes import Change
from deploy.embedded import Unreached
from deploy.inventory import inventory, shown
from deploy.manifest import manifest
from deploy.project import assemble
from deploy.remembered import api_url, remember, rest_api
from deploy.site import Site

Say = Callable[[str], None]
API_STAGE = "api"


def up(site: Site, say: Say) -> None:
    """Bring the stage to what the repository says. Raises StackFailed, Orphaned or ChaliceFailed."""
    say(f"Stage {site.stage} in account {site.account}, {site.region}{' (embedded AWS)' if site.embedded else ''}")
    for part in foundation.PARTS:
        outcome, unreached = foundation.bring(site, part)
        say(f"\n== {site.stack(part)}: {outcome.value}{_untold(unreached)}")
    say(shown(inventory(site)))
    project = assemble(site)
    say("\n== functions and API: chalice deploy")
    declared = manifest(project / "app.py")
    remember(site, project, declared.functions, API_STAGE)
    say(_indented(chalice_road.deploy(site, project)))
    say(shown(inventory(site)))
    say(f"\n== what Chalice cannot set: {', '.join(sources.apply(site, declared.queued)) or 'nothing to do'}")
    say(shown(inventory(site)))
    found = rest_api(site)
    if found is not None:
        say(f"\nAPI: {api_url(site, found, API_STAGE)}")


def difference(site: Site) -> Iterator[Change]:
    """What `up` would change."""
    for part in foundation.PARTS:
        yield from foundation.changes(site, part)
    project = assemble(site)
    declared = manifest(project / "app.py")
    yield from functions.changes(site, project, declared)
    yield from sources.changes(site, declared.queued)


def down(site: Site, say: Say, *, data: bool) -> None:
    """Take away functions, API and logs, and with `data` everything else too. Raises StackFailed or ChaliceFailed."""
    project = assemble(site)
    remember(site, project, manifest(project / "app.py").functions, API_STAGE)
    say("== functions and API: chalice delete")
    say(_indented(chalice_road.delete(site, project)))
    for name in removal.remove_log_groups(site):
        say(f"  Deleting log group: {name}")
    say(shown(inventory(site)))
    if not data:
        say("\nThe foundation stays, with its data. `--data` takes it away too.")
        return
    say("\n== foundation, with all data")
    for told in removal.remove_foundation(site):
        say(f"  {told}")
    say(shown(inventory(site)))


def _untold(unreached: Unreached) -> str:
    return "".join(f"\n  not made here: {kind} ({', '.join(names)})" for kind, names in unreached.items())


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines() if line.strip())
