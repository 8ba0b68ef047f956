"""Prints the matrix: what each caller meets on the pipelines of each owner. Routes that behave alike share a table."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from tests.matrix.callers import OWNERS, identities
from tests.matrix.rules import Identity, door, scope
from tests.matrix.trial import Route, cells, routes, tried

CALLERS = tuple(identities())
Row = tuple[str, ...]
Table = tuple[Row, ...]


def main() -> None:
    """Try everything and print it."""
    alike: Mapping[tuple[str, Table], list[Route]] = defaultdict(list)
    for route in routes():
        heading = f"{door(route.path).value}, {scope(route.method, route.path)}"
        alike[heading, tuple(_row(route, caller) for caller in CALLERS)].append(route)
    for (heading, table), found in alike.items():
        print("\n".join(_shown(heading, table, found)), end="\n\n")


def _row(route: Route, caller: Identity) -> Row:
    return tuple(tried(route, caller, owner) for owner in cells(route))


def _shown(heading: str, table: Table, found: list[Route]) -> Iterator[str]:
    yield f"== {heading}: {len(found)} routes"
    yield from (f"   {route.name}" for route in found)
    if len(table[0]) > 1:
        yield f"{'':26}" + "".join(f"{owner.name:>9}" for owner in OWNERS)
    for caller, row in zip(CALLERS, table, strict=True):
        yield f"{caller.name:26}" + "".join(f"{cell:>9}" for cell in row)


main()
