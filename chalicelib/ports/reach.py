"""What work can reach, under which role."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from chalicelib.ports.catalogues import Catalogues
from chalicelib.ports.databases import Databases
from chalicelib.ports.errors import Denied
from chalicelib.ports.inference import Inference
from chalicelib.ports.jobs import Jobs
from chalicelib.ports.objects import Objects
from chalicelib.ports.streams import Streams
from chalicelib.ports.tables import Tables
from chalicelib.ports.topics import Topics
from chalicelib.ports.video import Videos
from chalicelib.ports.warehouse import Warehouses


@dataclass(frozen=True, slots=True)
class Outside:
    """The storage, tables, databases, warehouses, models and video that one set of credentials opens."""

    objects: Objects
    tables: Tables
    databases: Databases
    warehouses: Warehouses
    inference: Inference | None = None
    streams: Streams | None = None
    topics: Topics | None = None
    videos: Videos | None = None
    jobs: Jobs | None = None
    catalogues: Catalogues | None = None


class Reach(Protocol):
    """Credentials behind role names."""

    def under(self, role: str | None) -> Outside:
        """Everything as `role` (a name in this account, or an ARN) sees it; None is the service's own credentials.

        Raises   Denied when the role may not be assumed, Rejected, Throttled, Unavailable
        """


class NoReach:
    """For parts of the system that look at nothing outside."""

    def under(self, role: str | None) -> Outside:
        raise Denied(f"assume role {role}", "nothing outside can be looked at from here")


@dataclass(frozen=True, slots=True)
class LaterReach:
    """What `make` makes, made when somebody first reaches out: most requests never do."""

    make: Callable[[], Reach]

    def under(self, role: str | None) -> Outside:
        return self.make().under(role)
