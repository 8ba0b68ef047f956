"""Sample: CSV files dropped in a bucket are loaded into PostgreSQL, each once, however often S3 tells of them."""

import time
from collections import defaultdict
from importlib.resources import files

import psycopg

from chalicelib.ports.queues import Message, Queue, Sender
from local.event_samples.figures import Figures
from local.event_samples.sample import Stage, armed, elapsed, statuses, wait_for
from local.event_samples.watch import Timed
from local.inputs import BUCKET
from local.postgres import USER, Postgres

PREFIX = "landing/"


def drops() -> dict[str, str]:
    """CSV files by key: the prices of each stock in each year, out of one public data set."""
    lines = (files("vega_datasets") / "_data" / "stocks.csv").read_text().splitlines()[1:]
    years = defaultdict(list)
    for line in lines:
        symbol, month, _ = line.split(",")
        years[f"{PREFIX}{symbol} {month[-4:]}.csv"].append(line)
    return {key: "\n".join(found) + "\n" for key, found in years.items()}


def run(stage: Stage, sender: Sender) -> Figures:
    """Drop the files, tell of each of them twice, and query the table."""
    server = Postgres()
    try:
        address = f"jdbc:postgresql://127.0.0.1:{server.port}/{USER}"
        pipeline_id = armed(stage, "landing", {"myDatabase": address})
        return _dropped(stage, sender, pipeline_id, server.port)
    finally:
        server.stop()


def _dropped(stage: Stage, sender: Sender, pipeline_id: str, port: int) -> Figures:
    dropped, came = drops(), dict[str, float]()
    s3 = stage.clients("s3")
    before = len(stage.watch.arrived())
    for key, text in dropped.items():
        came[f"s3://{BUCKET}/{key}"] = time.monotonic()
        s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode())
    stage.say(f"dropped {len(dropped)} files under s3://{BUCKET}/{PREFIX}; every event is delivered twice")
    wait_for(lambda: len(stage.watch.arrived()) >= before + len(dropped), "the events")
    told = [body for body in stage.watch.arrived()[before:] if f'"{PREFIX}' in body]
    sender.send(Queue.ARRIVALS, [Message(f"again-{number}", body) for number, body in enumerate(told)])
    wait_for(lambda: len(stage.watch.arrived()) >= before + 2 * len(dropped), "the events to be told again")
    wait_for(lambda: statuses(stage, pipeline_id, "Load").count("FINISHED") >= len(dropped), "the loads")
    loads = stage.watch.tasks(pipeline_id, "CopyActivity")
    to_start, to_result = elapsed(loads, lambda load: came.get(_file_of(load)))
    rows, expected = _rows(stage, port), sum(text.count("\n") for text in dropped.values())
    return Figures(
        name="landing",
        events=len(told) * 2,
        items=0,
        results=rows,
        duplicates=max(0, rows - expected),
        lost=max(0, expected - rows),
        to_start=to_start,
        to_result=to_result,
    )


def _file_of(load: Timed) -> str:
    paths = (item.text("filePath") for item in load.task.objects.values())
    return next((path for path in paths if path), "")


def _rows(stage: Stage, port: int) -> int:
    query = "SELECT symbol, count(*), min(price), max(price) FROM prices GROUP BY symbol ORDER BY symbol"
    with psycopg.connect(host="127.0.0.1", port=port, user=USER, dbname=USER) as connection:
        found = connection.execute(query).fetchall()
    stage.say(f"\npostgres=# {query};")
    stage.say(f"{'symbol':<8}{'count':>7}{'min':>9}{'max':>9}")
    for symbol, count, least, most in found:
        stage.say(f"{symbol:<8}{count:>7}{least:>9}{most:>9}")
    return sum(int(row[1]) for row in found)
