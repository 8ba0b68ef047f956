"""The REST API: latency and rate of each route, in process and through the local gateway; cost; cold starts.

In process is the application's handler as Lambda calls it; through the gateway adds HTTP on loopback, Signature
Version 4 and the gateway's checks. Both on SQLite in a file, one request at a time. The cost is counted on DynamoDB
and SQS as moto plays them.
"""

import itertools
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.api_calls import CALLS, MADE, Call, preparation
from bench.api_costs import Price, prices
from bench.api_house import ApiHouse, Sent
from bench.cold import environment_of, seconds_of
from bench.report import Figure, Goal, Report, table

REPEATS = 100
ROUNDS = 3
Caller = Callable[[Sent], tuple[float, dict[str, Any]]]

FUNCTIONS: Mapping[str, str] = {
    "api_handler": "chalicelib.edge.rest",
    "control": "chalicelib.service.advance",
    "timers": "chalicelib.service.tick",
    "arrivals": "chalicelib.service.intake",
    "completions": "chalicelib.edge.completions, chalicelib.service.completions",
    "tick": "chalicelib.service.tick",
    "sweep": "chalicelib.service.sweep, chalicelib.service.rule_sweep",
    "sweep_video": "chalicelib.service.video_sweep, chalicelib.adapters.aws.video",
    "tasks": "chalicelib.service.perform, chalicelib.adapters.aws.sessions",
    "chunks": "chalicelib.service.chunks, chalicelib.adapters.aws.sessions",
}
"""What each function's first invocation imports beside app.py and what fills the ports."""
STARTED = "import app, {}; from chalicelib import bootstrap as b; b.ports(); [b.client(s) for s in ('dynamodb', 'sqs')]"
"""With the clients that nearly every invocation uses."""


def run(arguments: Sequence[str]) -> Report:
    """Measure everything. The first argument is how often each route is called."""
    repeats = int(arguments[0]) if arguments else REPEATS
    cold = list(_cold())
    speeds = _speeds(repeats)
    costs = dict(prices())
    rows: list[tuple[Figure, ...]] = []
    figures: dict[str, Figure] = {}
    for call in CALLS:
        row, named = _row(call, speeds, costs[call.route])
        rows.append(row)
        figures |= named
    figures["worst_p95_ms_in_process"] = max(_p95(speeds["in process"][call.route]) for call in CALLS) * 1e3
    figures["dearest_dollars_per_million"] = max(price.dollars for price in costs.values())
    for name, kept, bare in cold:
        figures |= {f"cold_ms_{name}_bytecode": kept * 1e3, f"cold_ms_{name}_no_bytecode": bare * 1e3}
    return Report(
        bench="api",
        head=("route", "p50 ms", "p95 ms", "calls/s", "gw p50 ms", "gw p95 ms", "gw calls/s", "$/million", *_COUNTED),
        rows=tuple(rows),
        figures=figures,
        goals=(Goal("dearest_dollars_per_million", at_most=15),),
        notes=(
            f"{repeats} calls of each route, one after the other, on SQLite in a file; gw: through the local gateway.",
            "$/million: API request, function (0.5 GB), DynamoDB units and SQS requests of a call at list price, with"
            " indexes and item sizes; the reading of 25 or 100 pipelines is that of pipelines never activated.",
            "",
            "Cold start: import of app.py and of what the function's first invocation needs, and its first clients, in "
            f"a fresh interpreter; processor time, median of {ROUNDS}:",
            *table([("function", "bytecode ms", "no bytecode ms"), *((n, k * 1e3, b * 1e3) for n, k, b in cold)]),
        ),
    )


_COUNTED = ("AWS requests", "read units", "write units")


def _row(
    call: Call, speeds: Mapping[str, Mapping[str, list[float]]], price: Price
) -> tuple[tuple[Figure, ...], dict[str, Figure]]:
    cells: list[Figure] = [call.route]
    named: dict[str, Figure] = {}
    name = call.route.replace(",", "").replace(" ", "_")
    for place, kind in (("in process", "in_process"), ("gateway", "gateway")):
        times = speeds[place][call.route]
        p50, p95, rate = statistics.median(times) * 1e3, _p95(times) * 1e3, len(times) / sum(times)
        cells += [p50, p95, rate]
        named |= {f"p50_ms_{name}_{kind}": p50, f"p95_ms_{name}_{kind}": p95, f"per_second_{name}_{kind}": rate}
    named[f"dollars_per_million_{name}"] = price.dollars
    return (*cells, price.dollars, price.requests, price.read_units, price.write_units), named


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def _speeds(repeats: int) -> Mapping[str, Mapping[str, list[float]]]:
    with tempfile.TemporaryDirectory() as directory:
        inside = ApiHouse(Path(directory) / "inside.sqlite")
        measured = {"in process": _measured(inside, inside.in_process, repeats)}
        outside = ApiHouse(Path(directory) / "outside.sqlite")
        with outside.served() as line:
            measured["gateway"] = _measured(outside, line.call, repeats)
    return measured


def _measured(house: ApiHouse, caller: Caller, repeats: int) -> Mapping[str, list[float]]:
    made = [caller(Sent.of(call.method, call.path, call.body))[1]["pipelineId"] for call in preparation()]
    caller(Sent.of("POST", f"/pipelines/{made[0]}/activate", {}))
    house.settle()
    fresh = (caller(Sent.of("POST", "/pipelines", MADE))[1]["pipelineId"] for _ in itertools.count())
    found: dict[str, list[float]] = {}
    for call in CALLS:
        times = found.setdefault(call.route, [])
        for number in range(repeats):
            pipeline = next(fresh) if call.method == "DELETE" else made[1 + number % (len(made) - 1)]
            path = call.path.format(p=pipeline, run=made[0])
            times.append(caller(Sent.of(call.method, path, call.body))[0])
    return found


def _cold() -> Iterator[tuple[str, float, float]]:
    """Function, processor seconds with bytecode at hand, and without; in turns, of which the first does not count."""
    times: dict[tuple[str, bool], list[float]] = {}
    with tempfile.TemporaryDirectory() as cache:
        for _, kept, name in itertools.product(range(ROUNDS + 1), (True, False), FUNCTIONS):
            deployed = {"_HANDLER": f"app.{name}", "PENSTOCK_CONTROL": "aws"}
            environment = environment_of(Path(cache), kept=kept) | deployed
            if not kept:
                environment["PYTHONPYCACHEPREFIX"] = f"{cache}/empty"
            times.setdefault((name, kept), []).append(seconds_of(STARTED.format(FUNCTIONS[name]), environment))
    for name in FUNCTIONS:
        yield name, statistics.median(times[name, True][1:]), statistics.median(times[name, False][1:])
