"""What the engine hears of machines through their own Task Runners."""

from datetime import timedelta

from chalicelib.domain.run.codec import decode_event
from chalicelib.ports.queues import Queue
from chalicelib.service.access import Caller
from chalicelib.service.runners import ReportTaskRunnerHeartbeat, report_heartbeat
from tests.simulation.house import OWNER, House
from tests.simulation.scenario import scenario

GROUP = "df-SIM:@Box_2026-01-01T00:00:00:1"


def test_a_machine_that_lives_is_spoken_of_every_quarter_of_an_hour() -> None:
    house = House(scenario(1))
    house.register()
    for _ in range(60):
        report_heartbeat(ReportTaskRunnerHeartbeat("i-1", GROUP), Caller(OWNER, "me"), house.ports)
        house.timeline.skip(timedelta(minutes=1))
    batch = house.queues.receive(Queue.CONTROL, 10, timedelta(minutes=1), timedelta(0))
    times = [decode_event(item.body).at - house.scenario.begin for item in batch]
    assert times == [timedelta(minutes=minutes) for minutes in (0, 15, 30, 45)]
