"""The first road: `chalice deploy` makes everything by single calls; then comes what Chalice cannot set."""

from collections.abc import Iterator, Sequence

from deploy import archive, chalice_command, front_door, functions, sources, surroundings
from deploy.cargo import Cargo, Say, indented
from deploy.changes import Change
from deploy.project import assemble
from deploy.remembered import remember


class ChaliceRoad:
    """Needs nothing but Chalice. Each step can be repeated."""

    name = "chalice"

    def bring(self, cargo: Cargo, say: Say) -> None:
        """Deploy, then set the rest. Raises ChaliceFailed or BadPackage."""
        say(f"  package: {_checked(cargo)}")
        _remember(cargo)
        say(indented(chalice_command.deploy(cargo.site, cargo.project)))
        say(f"  what Chalice cannot set: {', '.join(_set_the_rest(cargo)) or 'nothing to do'}")
        for told in front_door.bring(cargo.site, cargo.settings):
            say(f"  {told}")

    def changes(self, cargo: Cargo) -> Iterator[Change]:
        """Differences of functions, roles, schedules, event sources and the API's settings."""
        yield from functions.changes(cargo.site, cargo.project, cargo.declared)
        yield from sources.changes(cargo.site, cargo.declared.fed)
        yield from front_door.changes(cargo.site, cargo.settings)

    def remove(self, cargo: Cargo, say: Say) -> None:
        """Delete what Chalice made. Raises ChaliceFailed."""
        _remember(cargo)
        for told in front_door.remove(cargo.site, cargo.settings):
            say(f"  {told}")
        say(indented(chalice_command.delete(cargo.site, cargo.project)))


def _remember(cargo: Cargo) -> None:
    remember(cargo.site, cargo.project, cargo.declared.functions)


def _checked(cargo: Cargo) -> archive.Size:
    """Look into the package before anything is deployed: Chalice would deploy one that lacks a requirement."""
    target = cargo.site.build / "package"
    target.mkdir(parents=True, exist_ok=True)
    chalice_command.package(cargo.site, cargo.project, target)
    return archive.check(target / "deployment.zip", (cargo.project / "requirements.txt").read_text(), direct=True)


def _set_the_rest(cargo: Cargo) -> Sequence[str]:
    """Return what was set. The API's address is known only now, so that a first deployment tells it afterwards."""
    changed = sources.apply(cargo.site, cargo.declared.fed)
    project = assemble(cargo.site, surroundings.find(cargo.site))
    return [*changed, *functions.bring_environments(cargo.site, project, cargo.declared)]
