"""`python -m tests.contract.policies.drive`: every function does its work once, on moto; prints the calls it made.

A process of its own, because the application keeps its clients and is told its stage by the environment.
"""

import gzip
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime

import boto3

from bench.deployed import BUCKET, STAGE, Deployed, deployed
from chalicelib.domain.values import AttemptId, InstanceId, PipelineId
from chalicelib.ports.queues import Queue
from chalicelib.service.completions import WaitingCluster, await_cluster
from local.invoke import Context
from local.sources import scheduled_functions
from local.ticks import schedule_event
from tests.contract.policies.recorder import Recorder

ROUNDS = 8
"""How often all queues are looked at; each pipeline here is done in fewer."""
MANY = 120
"""Objects to unpack that are too many for one function."""
QUICK = {
    "PENSTOCK_LIMIT_DEFAULT_RETRY_DELAY": "0",
    "PENSTOCK_LIMIT_PRECONDITION_INTERVAL": "1",
}
Objects = list[dict[str, object]]


def default(**fields: object) -> dict[str, object]:
    """An on-demand Default. Without a `role`, work is done under the functions' own."""
    return {"id": "Default", "scheduleType": "ondemand", "failureAndRerunMode": "cascade"} | fields


ROLES = {"role": "DataPipelineDefaultRole", "resourceRole": "DataPipelineDefaultResourceRole"}


def copied(source: str, target: str) -> Objects:
    """A copy, after a precondition."""
    return [
        {"id": "There", "type": "S3PrefixNotEmpty", "s3Prefix": f"s3://{BUCKET}/in/"},
        {"id": "In", "type": "S3DataNode", **_where(source), "precondition": {"ref": "There"}},
        {"id": "Out", "type": "S3DataNode", **_where(target)},
        {"id": "Copy", "type": "CopyActivity", "input": {"ref": "In"}, "output": {"ref": "Out"}},
    ]


def _where(key: str) -> dict[str, object]:
    field = "directoryPath" if key.endswith("/") else "filePath"
    packed = {"compression": "gzip"} if key.startswith("packed/") else {}
    return {field: f"s3://{BUCKET}/{key}"} | packed


def definitions() -> Iterator[tuple[str, Objects]]:
    """Pipelines by name; together they use every function."""
    yield "copy", [default(**ROLES), *copied("in/a.csv", "out/a.csv")]
    yield "parts", [default(**ROLES), *copied("packed/", "out/")]
    yield (
        "machine",
        [
            default(**ROLES),
            {"id": "Machine", "type": "Ec2Resource", "terminateAfter": "1 hour"},
            {"id": "Run", "type": "ShellCommandActivity", "command": "true", "runsOn": {"ref": "Machine"}},
        ],
    )
    yield (
        "cluster",
        [
            default(**ROLES),
            {"id": "Cluster", "type": "EmrCluster", "releaseLabel": "emr-6.15.0", "terminateAfter": "1 hour"},
            {"id": "Step", "type": "EmrActivity", "step": "command-runner.jar,true", "runsOn": {"ref": "Cluster"}},
        ],
    )
    yield (
        "table",
        [
            default(),
            {"id": "Db", "type": "RdsDatabase", "rdsInstanceId": "orders", "username": "u", "*password": SECRET},
            {"id": "Sql", "type": "SqlActivity", "script": "select 1", "database": {"ref": "Db"}, **HERE},
            {
                "id": "Tell",
                "type": "SnsAlarm",
                "topicArn": TOPIC,
                "subject": "s",
                "message": "m",
                "role": ROLES["role"],
            },
        ],
    )
    yield (
        "elsewhere",
        [
            default(),
            {
                "id": "Db",
                "type": "JdbcDatabase",
                "connectionString": "jdbc:postgresql://127.0.0.1:9/orders",
                "jdbcDriverClass": "org.postgresql.Driver",
                "username": "u",
                "*password": SECRET,
            },
            {"id": "Sql", "type": "SqlActivity", "script": "select 1", "database": {"ref": "Db"}, **HERE},
        ],
    )
    yield (
        "export",
        [
            default(**ROLES),
            {"id": "Table", "type": "DynamoDBDataNode", "tableName": "orders", "region": "us-east-1"},
            {"id": "Out", "type": "S3DataNode", **_where("export/")},
            {"id": "Copy", "type": "HiveCopyActivity", "input": {"ref": "Table"}, "output": {"ref": "Out"}, **HERE},
        ],
    )
    for name, trigger in triggers().items():
        yield (
            name,
            [default(trigger={"ref": "T"}, **ROLES), {"id": "T", **trigger}, *copied("in/a.csv", f"out/{name}.csv")],
        )


HERE = {"placement": "serverless", "maximumRetries": "0"}
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:penstock/orders"
TOPIC = "arn:aws:sns:us-east-1:123456789012:told"


def triggers() -> Mapping[str, dict[str, object]]:
    """A trigger of each kind."""
    return {
        "objects": {"type": "S3EventTrigger", "bucket": BUCKET, "batchSize": 2, "batchWindow": "1 minute"},
        "messages": {"type": "IotRuleTrigger", "sql": "SELECT * FROM 'a/b'"},
        "calls": {"type": "HttpTrigger"},
        "fragments": {"type": "VideoTrigger", "streamName": "door", "fragments": "all"},
    }


def prepare() -> None:
    """What the pipelines work on."""
    s3 = boto3.client("s3")
    for name in ("in/a.csv", "in/b.csv"):
        s3.put_object(Bucket=BUCKET, Key=name, Body=b"a,b\n1,2\n")
    for number in range(MANY):
        s3.put_object(Bucket=BUCKET, Key=f"packed/{number}.csv.gz", Body=gzip.compress(b"1,2\n"))
    boto3.client("sns").create_topic(Name="told")
    boto3.client("kinesisvideo").create_stream(StreamName="door", DataRetentionInHours=1)
    iam = boto3.client("iam")
    for role in ("DataPipelineDefaultRole", "DataPipelineDefaultResourceRole"):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
    iam.create_instance_profile(InstanceProfileName=role)
    iam.add_role_to_instance_profile(InstanceProfileName=role, RoleName=role)
    boto3.client("dynamodb").create_table(
        TableName="orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )


def drain(house: Deployed, run: Callable[[str], None]) -> None:
    """Deliver what the queues hold, and let the clock's functions have their turns in between."""
    for _ in range(ROUNDS):
        for queue in (Queue.CONTROL, Queue.TASKS, Queue.CHUNKS, Queue.TIMERS, Queue.ARRIVALS, Queue.COMPLETIONS):
            _delivered(house, queue)
        run("tick")


def _delivered(house: Deployed, queue: Queue) -> None:
    """One batch; what a function refuses stays, and is of no matter here."""
    try:
        house.deliver(queue, 10)
    except RuntimeError as error:
        print(f"{queue.value}: {error}", file=sys.stderr)


def main() -> None:
    """Do everything once and print `[function, action, resource]` for every kind of call."""
    os.environ.update(QUICK)
    recorder = Recorder()
    recorder.install()
    with deployed() as house:
        recorder.who = lambda: house.emulator.function
        prepare()
        from app import app  # noqa: PLC0415  the application reads its settings as it is imported

        scheduled = {item.name: item for item in scheduled_functions(app)}

        def run(name: str) -> None:
            # moto has no fragments of video: that call is noted, and not answered
            unanswered = (NotImplementedError,) if name == "sweep_video" else ()
            with house.timed(name), suppress(*unanswered):
                scheduled[name].handler(schedule_event(datetime.now(UTC), name), Context(name))

        made = {}
        for name, objects in definitions():
            made[name] = house.created(name, objects)
            house.wire.activate_pipeline(pipelineId=made[name])
        drain(house, run)
        arrive(made["copy"])
        drain(house, run)
        for name in scheduled:
            run(name)
        drain(house, run)
        for pipeline in made.values():
            house.wire.describe_objects(pipelineId=pipeline, objectIds=["Default"])
            house.wire.query_objects(pipelineId=pipeline, sphere="INSTANCE")
            house.wire.deactivate_pipeline(pipelineId=pipeline, cancelActive=True)
        drain(house, run)
        for pipeline in made.values():
            house.wire.delete_pipeline(pipelineId=pipeline)
        drain(house, run)
    print(json.dumps(sorted(recorder.calls)))


def arrive(pipeline: str) -> None:
    """Objects that S3 tells of, and a pipeline's timer."""
    sqs = boto3.client("sqs")
    timers = sqs.get_queue_url(QueueName=f"penstock-{STAGE}-timers")["QueueUrl"]
    sqs.send_message(QueueUrl=timers, MessageBody=pipeline)
    queue = sqs.get_queue_url(QueueName=f"penstock-{STAGE}-arrivals")["QueueUrl"]
    for number in range(3):
        detail = {
            "bucket": {"name": BUCKET},
            "object": {"key": f"in/{number}", "size": 1, "etag": "e", "sequencer": f"{number}"},
        }
        event = schedule_event(datetime.now(UTC), "s3") | {
            "source": "aws.s3",
            "detail-type": "Object Created",
            "detail": detail,
        }
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(event))
    _end_elsewhere(PipelineId(pipeline))


def _end_elsewhere(pipeline: PipelineId) -> None:
    """A cluster that a pipeline waits for ends, and EMR tells of it."""
    from chalicelib.bootstrap import ports  # noqa: PLC0415  the application reads its settings as it is imported

    waiting = WaitingCluster(pipeline, InstanceId("@Told_2026-01-01T00:00:00"), AttemptId("@Told_Attempt=1"))
    await_cluster("j-TOLD", waiting, ports())
    sqs = boto3.client("sqs")
    detail = {"clusterId": "j-TOLD", "state": "TERMINATED", "stateChangeReason": "{}", "name": "told"}
    event = {"source": "aws.emr", "detail-type": "EMR Cluster State Change", "detail": detail}
    queue = sqs.get_queue_url(QueueName=f"penstock-{STAGE}-completions")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(event))


if __name__ == "__main__":
    main()
