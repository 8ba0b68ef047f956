"""Sample: a sensor's MQTT messages pass a topic rule, are asked about in batches, and rain raises an alarm.

Some messages are published twice, as a device does that was not sure to be heard: they carry the same id.
"""

import csv
import io
import json
import time
from collections import Counter
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from local.event_samples.drawing import draw_kinds
from local.event_samples.figures import Figures
from local.event_samples.mailbox import Mailbox
from local.event_samples.sample import Stage, armed, statuses, wait_for
from local.event_samples.watch import Timed
from local.inputs import BUCKET

DAYS = 300
AGAIN = 10
"""Every so many messages one is published twice."""

WAIT_SECONDS = 30
DATABASE, TABLE = "penstock", "kinds"
Day = dict[str, Any]


def days() -> list[Day]:
    """Measurements of Seattle's weather, as a sensor would send them."""
    text = (files("vega_datasets") / "_data" / "seattle-weather.csv").read_text()
    rows = list(csv.DictReader(io.StringIO(text)))[:DAYS]
    measured = ("precipitation", "temp_max", "temp_min", "wind")
    return [{"id": f"seattle/{row['date']}"} | {name: float(row[name]) for name in measured} for row in rows]


def run(stage: Stage) -> Figures:
    """Publish, wait for every result, draw them."""
    mailbox = Mailbox(stage.clients, "penstock-alarms")
    _catalogued(stage)
    pipeline_id = armed(stage, "sensor", {"myTopic": mailbox.topic})
    sent = days()
    came, events = _published(stage.mqtt, sent)
    wanted = {day["id"] for day in sent if day["temp_max"] > 0}
    stage.say(f"published {events} messages about {len(sent)} days, {len(wanted)} of them warmer than 0 °C, over MQTT")
    wait_for(lambda: len(_results(stage, pipeline_id)) >= len(wanted), "the results")
    wait_for(lambda: set(statuses(stage, pipeline_id, "Classify")) == {"FINISHED"}, "the runs")
    found = _results(stage, pipeline_id)
    _draw(stage, [result for _, result in found])
    counts = Counter(str(result["input"]["id"]) for _, result in found)
    timed = [(task, came[result["input"]["id"]]) for task, result in found]
    matches, alarms = sum(bool(result.get("matches")) for _, result in found), len(mailbox.messages())
    stage.say(f"{matches} days look like rain, {alarms} alarms on the SNS topic")
    for partition in stage.clients("glue").get_partitions(DatabaseName=DATABASE, TableName=TABLE)["Partitions"]:
        where = partition["StorageDescriptor"]["Location"]
        stage.say(f"partition {partition['Values'][0]} of {DATABASE}.{TABLE} in the Glue Data Catalog: {where}")
    return Figures(
        name="sensor",
        events=events,
        items=len(found),
        results=len(found),
        duplicates=sum(counts.values()) - len(counts),
        lost=len(wanted - set(counts)) + abs(matches - alarms),
        to_start=[task.begun - at for task, at in timed],
        to_result=[(task.ended or task.begun) - at for task, at in timed],
    )


def _catalogued(stage: Stage) -> None:
    """Make the table that the results become partitions of."""
    glue = stage.clients("glue")
    glue.create_database(DatabaseInput={"Name": DATABASE})
    columns = [{"Name": "item", "Type": "string"}, {"Name": "output", "Type": "struct<label:string,score:double>"}]
    place = {"Columns": columns, "Location": f"s3://{BUCKET}/kinds/"}
    key = [{"Name": "day", "Type": "string"}]
    table = {"Name": TABLE, "StorageDescriptor": place, "PartitionKeys": key}
    glue.create_table(DatabaseName=DATABASE, TableInput=table)


def _published(address: str, sent: list[Day]) -> tuple[dict[str, float], int]:
    """When each day's message was first sent, and how many messages there were."""
    found = urlsplit(address)
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="penstock-sensor")
    client.connect(found.hostname or "", found.port or 0)
    client.loop_start()
    came: dict[str, float] = {}
    waiting = []
    for number, day in enumerate(sent):
        came[day["id"]] = time.monotonic()
        for _ in range(2 if number % AGAIN == 0 else 1):
            waiting.append(client.publish("weather/seattle/day", json.dumps(day), qos=1))
    for each in waiting:
        each.wait_for_publish(WAIT_SECONDS)
    client.disconnect()
    client.loop_stop()
    return came, len(waiting)


def _results(stage: Stage, pipeline_id: str) -> list[tuple[Timed, Day]]:
    """Every result that was written, with the task that wrote it."""
    s3, found = stage.clients("s3"), list[tuple[Timed, Day]]()
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="kinds/")
    keys = [item["Key"] for page in pages for item in page.get("Contents", ()) if "_penstock/" not in item["Key"]]
    for task in stage.watch.tasks(pipeline_id, "InferenceActivity"):
        (output,) = task.task.linked(task.task.subject, "output")
        key = str(output.text("filePath")).removeprefix(f"s3://{BUCKET}/")
        if key in keys:
            lines = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().splitlines()
            found += [(task, json.loads(line)) for line in lines]
    return found


def _draw(stage: Stage, results: list[Day]) -> None:
    file = stage.directory / "sensor.png"
    draw_kinds(results, file)
    stage.say(f"chart: {file}")
