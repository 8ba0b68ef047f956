"""`python -m taskrunner`: options to a runner, signals to its end. The only place here that makes clients."""

import logging
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from threading import Thread
from typing import Any

import boto3
from botocore.config import Config

from chalicelib.adapters.aws.catalogues import GlueCatalogues
from chalicelib.adapters.aws.clock import SystemClock
from chalicelib.adapters.aws.inference import AwsInference
from chalicelib.adapters.aws.jobs import AwsJobs
from chalicelib.adapters.aws.redshift_data import RedshiftData
from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.adapters.aws.streams import KinesisStreams
from chalicelib.adapters.aws.tables import DynamoTables
from chalicelib.adapters.aws.topics import AwsTopics
from chalicelib.adapters.aws.video import KinesisVideo
from chalicelib.adapters.sql.databases import SqlDatabases
from chalicelib.ports.reach import Outside
from taskrunner.attempt import Workplace
from taskrunner.logs import HourlyLog, LogKeeper
from taskrunner.options import Options, WrongOption, parse, refuse
from taskrunner.runner import Runner
from taskrunner.wire import Wire

_READ_TIMEOUT = 95  # the service may hold a poll for 90 seconds
_OWN = ("TASKRUNNER_", "PENSTOCK_")


def main(arguments: Sequence[str]) -> int:
    """Run until told to stop; return the exit status."""
    try:
        options = parse(arguments)
    except WrongOption as error:
        return refuse(error)
    session = _session(options)
    if session.get_credentials() is None:
        return refuse(WrongOption("no credentials: give --config, --accessId and --secretKey, or AWS_ACCESS_KEY_ID"))
    _start_log(options)
    runner = make_runner(options, session, os.environ)
    for number in (signal.SIGTERM, signal.SIGINT):
        # Not in the handler itself: it interrupts the very thread that may hold the lock it would need.
        signal.signal(number, lambda *_: Thread(target=runner.stop).start())
    runner.run()
    return 0


def make_runner(options: Options, session: Any, environment: Mapping[str, str]) -> Runner:
    """Wire a runner together; makes clients and nothing else."""
    clock = SystemClock()
    s3 = S3Objects(session.client("s3", config=_config(options, parallel=True)))
    busy = _config(options, parallel=True)
    tables = DynamoTables(cache(lambda region: session.client("dynamodb", region_name=region, config=busy)))
    wire = Wire(
        wire_client(session, options),
        options.worker_group,
        options.runner_id,
        socket.gethostname(),
    )
    inherited = {name: value for name, value in environment.items() if not name.startswith(_OWN)}
    databases = SqlDatabases(
        lambda service, region: session.client(service, region_name=region, config=_config(options))
    )
    data = RedshiftData(lambda region: session.client("redshift-data", region_name=region, config=_config(options)))
    once = Config(max_pool_connections=64, retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=70)
    models = AwsInference(cache(lambda service, region: session.client(service, region_name=region, config=once)))
    streams = KinesisStreams(cache(lambda region: session.client("kinesis", region_name=region, config=busy)))
    topics = AwsTopics(cache(lambda service, region: session.client(service, region_name=region, config=busy)))
    videos = KinesisVideo(
        cache(lambda service, region, endpoint: session.client(service, region_name=region, endpoint_url=endpoint))
    )
    jobs = AwsJobs(cache(lambda service, region: session.client(service, region_name=region, config=busy)))
    catalogues = GlueCatalogues(cache(lambda region: session.client("glue", region_name=region, config=busy)))
    outside = Outside(s3, tables, databases, data, models, streams, topics, videos, jobs, catalogues)
    place = Workplace(outside, options.output, inherited, options.progress, clock.now)
    log_place = options.log_place.child(f"{options.runner_id}/") if options.log_place else None
    logs = LogKeeper(options.output / "logs", s3, log_place, clock.now)
    return Runner(wire, place, logs, options.tasks, options.heartbeat, clock.now)


def wire_client(session: Any, options: Options) -> Any:
    """A client of the service, which signs as API Gateway wants it: for `execute-api`, and not for Data Pipeline."""
    client = session.client("datapipeline", endpoint_url=options.endpoint, config=_config(options))
    client.meta.events.register(
        "before-call.data-pipeline",
        lambda params, **_: params["context"].setdefault("signing", {}).update(signing_name="execute-api"),
    )
    return client


def _session(options: Options) -> Any:
    keys = options.keys
    return boto3.Session(
        aws_access_key_id=keys.access_id if keys else None,
        aws_secret_access_key=keys.secret_key if keys else None,
        region_name=options.region,
    )


def _config(options: Options, parallel: bool = False) -> Config:
    return Config(
        read_timeout=_READ_TIMEOUT,
        retries={"mode": "standard", "total_max_attempts": 5},
        max_pool_connections=32 if parallel else 10,
        proxies={"http": options.proxy, "https": options.proxy} if options.proxy else None,
    )


def _start_log(options: Options) -> None:
    handler = HourlyLog(options.output / "logs")
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(threadName)s %(message)s",
        handlers=[handler, logging.StreamHandler()],
    )
    logging.getLogger("botocore").setLevel(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
