"""MQTT messages start runs: paho in the clear and aiomqtt over TLS, on both control planes."""

import asyncio
import base64
import json
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiomqtt
import paho.mqtt.client as paho

from tests.e2e.definitions import default
from tests.e2e.plane import Pipeline, Plane, eventually

SECONDS = 60
Message = dict[str, Any]


def on_messages(bucket: str, sql: str, **fields: str) -> list[dict[str, Any]]:
    """Write every message's record to an object named after its topic."""
    return [
        default(maxActiveInstances="5") | {"trigger": {"ref": "Rule"}},
        {"id": "Rule", "type": "IotRuleTrigger", "sql": sql} | fields,
        {"id": "In", "type": "EventBatchDataNode", "trigger": {"ref": "Rule"}},
        {"id": "Out", "type": "S3DataNode", "filePath": f"s3://{bucket}/#{{trigger.@topic}}"},
        {"id": "Copy", "type": "CopyActivity", "input": {"ref": "In"}, "output": {"ref": "Out"}},
    ]


def publish(plane: Plane, *messages: tuple[str, Any]) -> None:
    """Publish with paho, QoS 1, and wait until the broker has every message."""
    address = urlsplit(plane.endpoints["mqtt"])
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id=f"device-{plane.control}")
    client.connect(address.hostname or "", address.port or 0)
    client.loop_start()
    for topic, content in messages:
        client.publish(topic, json.dumps(content), 1).wait_for_publish(SECONDS)
    client.disconnect()
    client.loop_stop()


async def publish_secretly(plane: Plane, *messages: tuple[str, bytes]) -> None:
    """The same with aiomqtt, by a device with a certificate."""
    address, files = urlsplit(plane.endpoints["mqtts"]), Path(plane.endpoints["certificates"])
    context = ssl.create_default_context(cafile=str(files / "ca.pem"))
    context.load_cert_chain(files / "device.pem", files / "device.key")
    async with aiomqtt.Client(address.hostname or "", address.port or 0, tls_context=context) as client:
        for topic, content in messages:
            await client.publish(topic, content, qos=1, timeout=SECONDS)


def rules(plane: Plane, pipeline: Pipeline) -> list[str]:
    """The filters of the pipeline's topic rules."""
    found = plane.client("iot").list_topic_rules()["rules"]
    return [rule["topicPattern"] for rule in found if pipeline.id.replace("-", "_") in rule["ruleName"]]


def written(plane: Plane, bucket: str, key: str) -> Message:
    """The record of the run that wrote an object."""
    lines = plane.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().splitlines()
    assert len(lines) == 1
    record: Message = json.loads(lines[0])
    return record


def test_messages_that_a_rule_lets_through_start_one_run_each(plane: Plane, name: str) -> None:
    bucket = plane.bucket(f"{name}-{plane.control}"[:63])
    sql = f"SELECT * FROM '{bucket}/+' WHERE t > 30"
    pipeline = Pipeline(plane, name, on_messages(bucket, sql, messageId="id")).activate()
    eventually(lambda: pipeline.state() == "SCHEDULED", what=pipeline.story)
    sent = [(f"{bucket}/{number}", {"id": number, "t": 31 + number}) for number in range(3)]
    cold = (f"{bucket}/cold", {"id": "cold", "t": 10})
    publish(plane, sent[0], sent[1], cold, (f"{bucket}/0/deeper", {"id": 9, "t": 99}), sent[1], sent[0], sent[2])
    pipeline.until("Copy", "FINISHED", "FINISHED", "FINISHED")
    publish(plane, sent[1], (f"{bucket}/3", {"id": 3, "t": 50}))
    pipeline.until("Copy", *["FINISHED"] * 4)
    record = written(plane, bucket, f"{bucket}/2")
    assert (record["payload"], record["topic"]) == ({"id": 2, "t": 33}, f"{bucket}/2")
    assert record["clientId"] == f"device-{plane.control}"


def test_payloads_of_every_kind_start_runs(plane: Plane, name: str) -> None:
    bucket = plane.bucket(f"{name}-{plane.control}"[:63])
    pipeline = Pipeline(plane, name, on_messages(bucket, f"SELECT * FROM '{bucket}/#'")).activate()
    eventually(lambda: pipeline.state() == "SCHEDULED", what=pipeline.story)
    payloads = {
        "text": b"no JSON at all",
        "empty": b"",
        "binary": bytes(range(256)),
        "large": b"x" * 128 * 1024,
        "large-binary": b"\xff" * 128 * 1024,
    }
    asyncio.run(publish_secretly(plane, *((f"{bucket}/{kind}", content) for kind, content in payloads.items())))
    pipeline.until("Copy", *["FINISHED"] * len(payloads), seconds=120)
    for kind, content in payloads.items():
        seen = written(plane, bucket, f"{bucket}/{kind}")["payload"]
        assert seen.encode() == (base64.b64encode(content) if "binary" in kind else content)


def test_a_rule_lives_as_long_as_its_pipeline_is_active(plane: Plane, name: str) -> None:
    bucket = plane.bucket(f"{name}-{plane.control}"[:63])
    pipeline = Pipeline(plane, name, on_messages(bucket, f"SELECT * FROM '{bucket}/a'"))
    assert rules(plane, pipeline) == []
    pipeline.activate()
    assert rules(plane, pipeline) == [f"{bucket}/a"]
    pipeline.put(on_messages(bucket, f"SELECT * FROM '{bucket}/b'"))
    pipeline.activate()
    assert rules(plane, pipeline) == [f"{bucket}/b"]
    plane.datapipeline.deactivate_pipeline(pipelineId=pipeline.id)
    assert rules(plane, pipeline) == []
    eventually(lambda: pipeline.state() == "INACTIVE", what=pipeline.story)
    pipeline.activate()
    assert rules(plane, pipeline) == [f"{bucket}/b"]
    plane.datapipeline.delete_pipeline(pipelineId=pipeline.id)
    assert rules(plane, pipeline) == []


def test_basic_ingest_reaches_the_pipeline(plane: Plane, name: str) -> None:
    bucket = plane.bucket(f"{name}-{plane.control}"[:63])
    pipeline = Pipeline(plane, name, on_messages(bucket, f"SELECT t FROM '{bucket}'")).activate()
    eventually(lambda: pipeline.state() == "SCHEDULED", what=pipeline.story)
    publish(plane, (f"$aws/rules/penstock_local_{pipeline.id.replace('-', '_')}/floor/2", {"t": 5, "more": 1}))
    pipeline.until("Copy", "FINISHED")
    assert "more" not in json.dumps(written(plane, bucket, "floor/2"))
