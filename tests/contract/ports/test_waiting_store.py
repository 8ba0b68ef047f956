"""What every WaitingStore promises."""

from collections.abc import Callable
from datetime import timedelta

from chalicelib.ports.store import Store
from tests.contract.ports.clocks import RETENTION, SetClock

Fresh = Callable[[], str]


def test_what_waits_for_a_job_is_found_until_it_is_dropped(store: Store, fresh: Fresh) -> None:
    job, other = f"glue#{fresh()}", f"glue#{fresh()}"
    assert store.waiting(job) is None
    store.put_waiting(job, "é first")
    store.put_waiting(job, "é second")
    store.put_waiting(other, "another")
    assert (store.waiting(job), store.waiting(other)) == ("é second", "another")
    for _ in range(2):
        store.drop_waiting(job)
    assert (store.waiting(job), store.waiting(other)) == (None, "another")


def test_a_job_may_have_a_long_name(store: Store, fresh: Fresh) -> None:
    names = [f"step#{fresh()}/{'x' * 2000}{number}" for number in range(2)]
    for name in names:
        store.put_waiting(name, name)
    assert [store.waiting(name) for name in names] == names


def test_what_waited_too_long_is_forgotten(store: Store, fresh: Fresh, clock: SetClock) -> None:
    job = f"glue#{fresh()}"
    store.put_waiting(job, "text")
    clock.advance(RETENTION + timedelta(seconds=1))
    assert store.waiting(job) is None
