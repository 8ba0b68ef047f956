"""Circles: objects that inherit from each other, wait for each other, or contain each other.

Walks with lists, not by recursion: a chain may be as long as the definition.
"""

from collections.abc import Iterable, Iterator, Mapping

from chalicelib.domain.definition.checks.draft import Draft
from chalicelib.domain.definition.checks.finding import Code, Finding

Graph = Mapping[str, Iterable[str]]
_WAITS_FOR = ("dependsOn", "input", "precondition", "runsOn")
_CONTAINS = ("configuration",)
_SHOWN = 10


def parents(draft: Draft) -> Iterator[Finding]:
    """Objects that are their own ancestor."""
    graph = {item.id: item.refs("parent") for item in draft.objects.values()}
    for circle in circles(graph):
        yield Finding(circle[0], Code.CIRCULAR_REFERENCE, f"'parent' is circular: {_path(circle)}.")


def dependencies(draft: Draft) -> Iterator[Finding]:
    """Objects that wait for themselves. A data node waits for the activities that write it, unless they read it too."""
    graph: dict[str, list[str]] = {each: [] for each in draft.types}
    for each in draft.types:
        for key in _WAITS_FOR:
            graph[each].extend(draft.refs(each, key))
        for node in set(draft.refs(each, "output")) - set(draft.refs(each, "input")):
            graph.setdefault(node, []).append(each)
    for circle in circles(graph):
        sentence = f"These objects wait for each other: {_path(circle)}."
        yield Finding(circle[0], Code.CIRCULAR_REFERENCE, sentence)


def contents(draft: Draft) -> Iterator[Finding]:
    """Configurations inside themselves."""
    graph = {each: [target for key in _CONTAINS for target in draft.refs(each, key)] for each in draft.types}
    for circle in circles(graph):
        yield Finding(circle[0], Code.CIRCULAR_REFERENCE, f"'configuration' is circular: {_path(circle)}.")


def circles(graph: Graph) -> Iterator[list[str]]:
    """At least one circle of every knot in the graph; no object is in two of them."""
    done: set[str] = set()
    listed: set[str] = set()
    for start in graph:
        path: dict[str, Iterator[str]] = {}
        if start not in done:
            path[start] = iter(graph[start])
        while path:
            here = next(reversed(path))
            following = next(path[here], None)
            if following is None:
                done.add(here)
                del path[here]
            elif following in path:
                yield from _new(path, here, following, listed)
            elif following not in done and following in graph:
                path[following] = iter(graph[following])


def _new(path: Iterable[str], tip: str, closing: str, listed: set[str]) -> Iterator[list[str]]:
    if tip in listed and closing in listed:
        return
    on_path = [*path]
    circle = on_path[on_path.index(closing) :]
    if listed.isdisjoint(circle):
        yield circle
    listed.update(circle)  # also when it meets a listed one: all of them are of one knot


def _path(circle: list[str]) -> str:
    steps = [f"'{each[:60]}'" for each in circle[:_SHOWN]]
    if len(circle) > _SHOWN:
        steps.append(f"{len(circle) - _SHOWN} more")
    return " → ".join([*steps, steps[0]])
