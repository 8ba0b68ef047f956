"""A definition under way: the engine and its workers by hand, outside of them the lab."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.adapters.aws.redshift_data import RedshiftData
from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.adapters.aws.tables import DynamoTables
from chalicelib.domain.definition.model import Definition
from chalicelib.domain.run.codec import decode_state
from chalicelib.domain.run.events import Activated
from chalicelib.domain.run.state import Instance
from chalicelib.domain.run.status import Status
from chalicelib.domain.values import InstanceId
from chalicelib.service.tick import wake
from tests.contract.redshift.conftest import Lab
from tests.rds_names import NamedDatabases
from tests.unit.service.test_perform import PIPELINE, House

TURNS = 20
ANY_PAUSE = timedelta(seconds=61)
"""Longer than a function lets a statement be."""


class Run:
    """A definition under way."""

    def __init__(self, lab: Lab, definition: Definition, turns: int = TURNS) -> None:
        self.house = house = House(lab.clients("s3"), lab.scratch)
        house.outside = replace(
            house.outside,
            objects=S3Objects(lab.clients("s3")),
            tables=DynamoTables(lambda region: lab.clients("dynamodb")),
            databases=NamedDatabases(lambda service, region: lab.clients(service)),
            warehouses=RedshiftData(lambda region: lab.clients("redshift-data")),
        )
        house.store.put_definition(PIPELINE, 1, definition)
        house.publish(Activated("activate", house.now(), 1))
        self.work(turns)

    def work(self, turns: int = TURNS) -> None:
        for _ in range(turns):
            self.house.perform_tasks()
            self.house.pump()

    def pass_time(self, much: timedelta, turns: int = TURNS) -> None:
        self.house.time += much
        wake(PIPELINE, self.house.ports)
        self.house.pump()
        self.work(turns)

    def has_ended(self, activity: str, day: int = 1) -> bool:
        name = InstanceId(f"@{activity}_2026-01-0{day}T00:00:00")
        stored = self.house.store.load_state(PIPELINE)
        live = stored is not None and name in decode_state(stored.payload).instances
        return not live and name in self.house.store.history(PIPELINE, [name])

    def finished(self, activity: str, day: int = 1) -> Instance:
        """The ended instance; a busy server is asked again, as often as the service would."""
        name = InstanceId(f"@{activity}_2026-01-0{day}T00:00:00")
        for _ in range(TURNS):
            if self.has_ended(activity, day):
                break
            self.pass_time(ANY_PAUSE)
        found = self.house.store.history(PIPELINE, [name])
        assert name in found, "it has not ended"
        row = found[name]
        assert (row.status, row.attempts[-1].error_message) == (Status.FINISHED, None)
        return row
