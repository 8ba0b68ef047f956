"""What a visit costs: the script's weight, and how long until the first view can be used."""

import gzip

from tests.console.visit import Visits, settled
from tests.e2e.plane import REPOSITORY

SCRIPT_BYTES = 300 * 1024
USABLE_MILLISECONDS = 1000
TRIES = 5


def test_all_script_together_is_light() -> None:
    scripts = sorted((REPOSITORY / "chalicelib" / "console" / "assets").glob("*.js"))
    sizes = {path.name: len(gzip.compress(path.read_bytes(), 6)) for path in scripts}
    assert sizes
    assert sum(sizes.values()) <= SCRIPT_BYTES, sizes


def test_the_first_view_can_be_used_within_a_second(visits: Visits, record_property: object) -> None:
    page = visits.signed_in("reader")
    settled(page)
    took = []
    for _ in range(TRIES):
        page.reload()
        settled(page)
        took.append(page.evaluate("() => performance.getEntriesByName('usable')[0].startTime"))
    # The machine may be at something else meanwhile; that is not what the budget is for.
    assert min(took) < USABLE_MILLISECONDS, took
    print(f"usable after {sorted(round(each) for each in took)} ms")
