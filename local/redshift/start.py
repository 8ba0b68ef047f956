"""PostgreSQL started when Redshift is first asked for, and ended with the process."""

import atexit
import threading
from collections.abc import Callable
from functools import cache

from local.postgres import USER, Postgres
from local.redshift.api import DataApi
from local.redshift.engine import Engine
from local.redshift.storage import Clients
from local.state_changes import Tell


def redshift_on_demand(clients: Clients, tell: Tell) -> DataApi:
    """The Data API, with no server behind it until there is a statement to run. `clients` of the embedded AWS."""
    lock = threading.Lock()

    @cache
    def started() -> Engine:
        server = Postgres()
        atexit.register(server.stop)
        return Engine(server.port, USER, clients, tell)

    return DataApi(_one_at_a_time(started, lock))


def _one_at_a_time(make: Callable[[], Engine], lock: threading.Lock) -> Callable[[], Engine]:
    def made() -> Engine:
        with lock:
            return make()

    return made
