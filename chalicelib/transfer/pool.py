"""A bounded pool: the same call for many items, the first error ends it."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def run_all(
    act: Callable[[Item], Result], items: Iterable[Item], parallel: int, stopped: Callable[[], bool]
) -> Iterator[Result]:
    """Yield `act(item)` as they end, at most `parallel` under way and as many items read ahead.

    When `stopped()` becomes true, or an act raises, no more are begun; those under way end first.
    The first error is raised.
    """
    with ThreadPoolExecutor(max_workers=parallel) as executor:
        waiting = iter(items)
        under_way: set[Future[Result]] = set()
        while True:
            room = 0 if stopped() else parallel - len(under_way)
            under_way |= {executor.submit(act, item) for item in islice(waiting, room)}
            if not under_way:
                return
            ended, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for future in ended:
                yield future.result()
