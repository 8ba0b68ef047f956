"""What a deployment brings to its site, and what the two roads there have in common."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deploy import surroundings
from deploy.changes import Change
from deploy.manifest import Manifest, manifest
from deploy.project import assemble, settings_of
from deploy.site import Site
from deploy.stage import Stage

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Cargo:
    """The project of a stage, with what is declared in it and what is set of the stage."""

    site: Site
    project: Path
    declared: Manifest
    settings: Stage


class Road(Protocol):
    """A way to bring functions and the API to a site."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    def bring(self, cargo: Cargo, say: Say) -> None:
        """Bring functions and API to what the cargo says; tell what was done."""
        ...

    def changes(self, cargo: Cargo) -> Iterator[Change]:
        """What `bring` would change."""
        ...

    def remove(self, cargo: Cargo, say: Say) -> None:
        """Take functions and API away, whatever of them there is."""
        ...


def load(site: Site) -> Cargo:
    """Assemble the stage's project. Raises BadSettings."""
    around = surroundings.find(site)
    project = assemble(site, around)
    environment = settings_of(project)["stages"][site.stage]["environment_variables"]
    return Cargo(site, project, manifest(project / "app.py", environment), around.settings)


def indented(text: str) -> str:
    """Lines of a command as part of ours."""
    return "\n".join(f"  {line}" for line in text.splitlines() if line.strip())
