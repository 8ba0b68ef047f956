"""The composition root: settings, then clients, then adapters, then ports; each made once, when needed.

Only app.py and the embedded run import it. Importing it makes no client: imports of adapters are inside the functions,
so that a function pays at its cold start for what it uses and nothing else.
"""

import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.gauges import Gauges, NoGauges
from chalicelib.ports.queues import Queue, Receiver, Sender
from chalicelib.ports.reach import LaterReach
from chalicelib.ports.secrets import Sealer
from chalicelib.ports.store import Store
from chalicelib.settings import ControlPlane, Settings

if TYPE_CHECKING:
    from chalicelib.adapters.aws.clients import Clients
    from chalicelib.adapters.aws.emr_steps import EmrSteps
    from chalicelib.adapters.aws.function_log import CloudWatchLog
    from chalicelib.adapters.aws.iot_rules import IotRules
    from chalicelib.adapters.aws.resources import Resources
    from chalicelib.adapters.aws.sessions import RoleSessions
    from chalicelib.adapters.aws.sqs import FoundQueues, SqsQueues
    from chalicelib.adapters.aws.staging import S3Staging
    from chalicelib.adapters.sqlite.database import Database
    from chalicelib.adapters.sqlite.queues import SqliteQueues
    from chalicelib.domain.trigger.arrival import Arrival
    from chalicelib.edge.console import SignIn
    from chalicelib.ports.trail import Tracer
    from chalicelib.service.advance import Engine
    from chalicelib.service.worksite import Worksite

_T = TypeVar("_T")
_LOCK = threading.RLock()  # the embedded run asks from many threads


def _once(make: Callable[[], _T]) -> Callable[[], _T]:
    """`make`, called once a process."""
    cached = cache(make)

    def made() -> _T:
        with _LOCK:
            return cached()

    return made


@_once
def settings() -> Settings:
    """This container's settings."""
    return Settings.read()


def watch(event: Any, run: Callable[[Any], Any]) -> Any:
    """Middleware around every invocation: its trail, its lines, its metrics."""
    from chalicelib.edge.invocation import invoked
    from chalicelib.settings import trace_header

    _logs()
    return invoked(event, run, trace_header(), settings().function, _tracer())


@_once
def _tracer() -> "Tracer | None":
    """Where segments of traces go; imported where there is a daemon only."""
    if not settings().trace_daemon:
        return None
    from chalicelib.adapters.xray import XRayDaemon

    return XRayDaemon(settings().trace_daemon)


@_once
def _logs() -> None:
    """In a function, log to its standard output; who runs the application elsewhere has logs of their own."""
    if settings().function:
        from chalicelib.adapters.log_lines import write_to

        write_to(sys.stdout, settings().stage)


@_once
def sign_in() -> "SignIn":
    """Where people sign in to the console."""
    from chalicelib.edge.console import SignIn

    found = settings()
    return SignIn(found.user_pool, found.sign_in, found.console_client)


@_once
def ports() -> Ports:
    """Everything services act through."""
    from chalicelib.adapters.aws.clock import RandomIds, SystemClock
    from chalicelib.adapters.aws.sns import SnsNotifier

    found = settings()
    store, sender, sealer = _control_plane()
    return Ports(
        store=store,
        sender=sender,
        clock=SystemClock(),
        ids=RandomIds(),
        sealer=sealer,
        notifier=SnsNotifier(lambda role: roles().client("sns", role)),
        compute=_compute(),
        limits=found.limits,
        rules=_topic_rules(),
        staging=_staging(),
        reach=LaterReach(_looks),
        function_log=_function_log(),
        gauges=_gauges(),
    )


@_once
def _topic_rules() -> "IotRules":
    from chalicelib.adapters.aws.iot_rules import Destination, IotRules

    found = settings()

    def destination() -> Destination:
        caller = client("sts").get_caller_identity()
        partition = caller["Arn"].split(":")[1]
        urls = _queue_urls()[Queue.ARRIVALS]
        return Destination(urls.live, urls.dead, f"arn:{partition}:iam::{caller['Account']}:role/{found.rules_role}")

    return IotRules(_clients().later("iot"), found.stage, destination)


@_once
def _gauges() -> "Gauges":
    if not settings().watched:
        return NoGauges()
    from chalicelib.adapters.aws.cloudwatch import CloudWatchGauges

    return CloudWatchGauges(_clients().later("cloudwatch"), settings().stage, settings().queue)


@_once
def _staging() -> "S3Staging":
    from chalicelib.adapters.aws.staging import S3Staging

    def bucket() -> str:
        return settings().staging(client("sts").get_caller_identity()["Account"])

    return S3Staging(_clients().later("s3"), bucket)


@_once
def _compute() -> "Resources":
    from chalicelib.adapters.aws.ec2 import Ec2Compute
    from chalicelib.adapters.aws.ec2_request import MachineSettings
    from chalicelib.adapters.aws.emr import EmrCompute
    from chalicelib.adapters.aws.resources import Resources

    found = settings()
    machines = MachineSettings(found.region, found.wire_url, found.runner)
    return Resources(
        Ec2Compute(lambda region: client("ec2", region), machines),
        EmrCompute(lambda region: client("emr", region), found.region),
        found.stage,
    )


@_once
def engine() -> "Engine":
    """The pipelines' one writer in this container."""
    from chalicelib.service.advance import Engine

    return Engine(ports())


@_once
def roles() -> "RoleSessions":
    """What work and alarms reach, under definitions' roles."""
    from chalicelib.adapters.aws.clock import SystemClock
    from chalicelib.adapters.aws.sessions import RoleSessions

    return RoleSessions(_clients().under, SystemClock())


@_once
def _function_log() -> "CloudWatchLog":
    from chalicelib.adapters.aws.function_log import CloudWatchLog

    return CloudWatchLog(_clients().later("logs"), settings().working_logs)


@_once
def _looks() -> "RoleSessions":
    """What people look at, under definitions' roles cut down to reading."""
    from chalicelib.adapters.aws.clock import SystemClock
    from chalicelib.adapters.aws.looks import READING
    from chalicelib.adapters.aws.sessions import RoleSessions

    return RoleSessions(_clients().looking, SystemClock(), READING)


def perform(context: Any) -> Callable[[str, int], None]:
    """How this invocation works on a message of the TASKS queue, given its body and delivery count."""
    from chalicelib.domain.run.codec import decode_task
    from chalicelib.service.perform import perform as performed

    site = _worksite(context)
    return lambda body, delivery: performed(decode_task(body), ports(), site, delivery)


def perform_chunk(context: Any) -> Callable[[str, int], None]:
    """How this invocation works on a message of the CHUNKS queue, given its body and delivery count."""
    from chalicelib.service.chunks import decode_chunk_message
    from chalicelib.service.chunks import perform_chunk as performed

    site = _worksite(context)
    return lambda body, delivery: performed(decode_chunk_message(body), ports(), site, delivery)


def _worksite(context: Any) -> "Worksite":
    from chalicelib.service.worksite import Worksite

    left = context.get_remaining_time_in_millis
    return Worksite(roles(), Path(tempfile.gettempdir()), lambda: timedelta(milliseconds=left()), clusters=_clusters())


@_once
def _clusters() -> "EmrSteps":
    from chalicelib.adapters.aws.emr_steps import EmrSteps

    return EmrSteps(lambda region: client("emr", region), settings().region)


def tick() -> int:
    """One turn of the scheduler; how many pipelines were due."""
    from chalicelib.service.tick import tick as turn

    return turn(ports())


def sweep() -> int:
    """End and remove what was made and forgotten; how much that was."""
    from chalicelib.service.rule_sweep import sweep_rules
    from chalicelib.service.sweep import sweep as swept

    return swept(ports(), _compute()) + sweep_rules(ports())


def sweep_video() -> int:
    """Take in what video streams hold since the last turn; how many fragments that was."""
    from chalicelib.adapters.aws.video import KinesisVideo
    from chalicelib.service.video_sweep import sweep_video as swept

    return swept(ports(), KinesisVideo(client))


def wake(pipeline_id: str, _delivery: int) -> None:
    """Tell a pipeline's writer that time has passed: a message of the TIMERS queue is the pipeline's id."""
    from chalicelib.service.tick import wake as woken

    woken(PipelineId(pipeline_id), ports())


def take_in(arrivals: "Sequence[Arrival]") -> None:
    """Record events and tell the pipelines that wait for them."""
    from chalicelib.service.intake import take

    take(arrivals, ports())


def set_aside(body: str) -> None:
    """Send a record that cannot be read where it fails alone, and in the end lies among the arrivals' dead letters."""
    from chalicelib.service.intake import set_aside as aside

    aside(body, ports())


def complete(body: str, _delivery: int) -> None:
    """Let go on what waits for the job that a message of the COMPLETIONS queue tells of."""
    from chalicelib.edge.completions import completions_of
    from chalicelib.service.completions import wake_waiting

    wake_waiting(completions_of(body), ports())


def receiver() -> Receiver:
    """The queues' other half, for the embedded run's pumps; deployed, Lambda's event sources are the receivers."""
    return _local_queues() if settings().control is ControlPlane.SQLITE else _deployed_queues()


def sqs() -> Receiver:
    """The queues of AWS, whichever hold the control plane: in the embedded run buckets and topics send there."""
    return _deployed_queues()


def client(service: str, region: str | None = None, endpoint: str | None = None) -> Any:
    """A service's client under this container's own credentials; see adapters/aws/clients."""
    return _clients().own(service, region, endpoint)


@_once
def _clients() -> "Clients":
    from chalicelib.adapters.aws.clients import Clients

    return Clients(settings().region)


def _control_plane() -> tuple[Store, Sender, Sealer]:
    match settings().control:
        case ControlPlane.SQLITE:
            return _local_plane()
        case ControlPlane.AWS:
            return _deployed_plane()


def _local_plane() -> tuple[Store, Sender, Sealer]:
    from chalicelib.adapters.aws.clock import SystemClock
    from chalicelib.adapters.sqlite.sealer import KeySealer, key_beside
    from chalicelib.adapters.sqlite.store import SqliteStore

    store = SqliteStore(_database(), SystemClock())
    return store, _local_queues(), KeySealer(key_beside(settings().database))


def _deployed_plane() -> tuple[Store, Sender, Sealer]:
    from chalicelib.adapters.aws.clock import SystemClock
    from chalicelib.adapters.aws.dynamodb.store import DynamoStore, TableNames
    from chalicelib.adapters.aws.kms import KmsSealer

    table = settings().table
    tables = TableNames(table("pipelines"), table("states"), table("history"), table("work"), table("events"))
    store = DynamoStore(_clients().later("dynamodb"), tables, SystemClock())
    return store, _deployed_queues(), KmsSealer(_clients().later("kms"), settings().key)


@_once
def _local_queues() -> "SqliteQueues":
    from chalicelib.adapters.aws.clock import SystemClock
    from chalicelib.adapters.sqlite.queues import SqliteQueues

    return SqliteQueues(_database(), SystemClock())


@_once
def _deployed_queues() -> "SqsQueues":
    from chalicelib.adapters.aws.sqs import SqsQueues

    return SqsQueues(_clients().later("sqs"), _queue_urls())


@_once
def _queue_urls() -> "FoundQueues":
    from chalicelib.adapters.aws.sqs import FoundQueues

    return FoundQueues(_clients().later("sqs"), settings().queue)


@cache
def _database() -> "Database":
    from chalicelib.adapters.sqlite.database import open_database

    return open_database(settings().database)
