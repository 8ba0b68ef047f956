"""Everything that runs, started in order and stopped in reverse."""

import fcntl
import importlib
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import IO, Any

import boto3

from chalicelib.adapters.sqlite.database import open_database
from chalicelib.ports.queues import Queue, Sender
from deploy.gateway import check, function_environment
from deploy.methods import deployed
from deploy.stage import load
from local import embedded, foundation
from local.arrivals_door import ArrivalsDoor, put_arrival
from local.cognito.service import COGNITO_PORT, SignIn
from local.endpoints import Endpoints
from local.environment import (
    BROKER_PORT,
    OBJECT_EVENTS,
    REGION,
    REPOSITORY,
    application_environment,
    environment,
)
from local.event_samples.watch import Watch
from local.function_logs import FunctionLogs
from local.gateway.access_lines import LineFile
from local.gateway.authorize import Guard
from local.gateway.front import Gateway
from local.gateway.rules import rules_of
from local.gateway.server import HttpServer
from local.identity import EmbeddedKeys
from local.iot.service import MQTT_PORT, MQTTS_PORT, IotService
from local.keys.lookup import lookup
from local.machines import Machines
from local.models import hosting
from local.pump import Pump, stop_all
from local.queue_watch import QueueWatch, at_sqs, in_database
from local.sources import deployed_functions, queue_sources, scheduled_functions, stream_sources
from local.stream_pump import StreamPump
from local.ticks import Ticker

API_PORT = 8750
AWS_PORT = 8751
STAGE = "local"
GATEWAY_SETTINGS = REPOSITORY / "infra" / "stages" / "dev.toml"
FED_BY_AWS = (Queue.ARRIVALS, Queue.COMPLETIONS)
ROLES = ("DataPipelineDefaultRole", "DataPipelineDefaultResourceRole")


class AlreadyRunning(Exception):
    """Another embedded run uses the same directory."""


@dataclass(frozen=True, slots=True)
class Options:
    """What an embedded run is told. Ports are wishes: a port that is taken is replaced by a free one.

    settings  the stage file whose gateway is played
    """

    control: str
    home: Path
    api_port: int = API_PORT
    aws_port: int = AWS_PORT
    mqtt_port: int = MQTT_PORT
    mqtts_port: int = MQTTS_PORT
    cognito_port: int = COGNITO_PORT
    settings: Path = GATEWAY_SETTINGS


class House:
    """One embedded run. `with House.open(options) as house:` starts it and leaves nothing behind."""

    def __init__(self, options: Options, stack: ExitStack) -> None:
        self._options = options
        self._stack = stack
        self.home = options.home
        self.stage = load(options.settings)
        self.watch = Watch()

    @classmethod
    def open(cls, options: Options) -> "House":
        """Start everything. Raises AlreadyRunning, or RuntimeError for a part that does not start."""
        with ExitStack() as stack:
            house = cls(options, stack)
            house._lock()
            house._start()
            house._stack = stack.pop_all()
        return house

    def __enter__(self) -> "House":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def client(self, service: str) -> Any:
        """A boto3 client of the embedded AWS."""
        return self._clients(service)

    def sender(self) -> Sender:
        """What puts messages on the queues of the control plane."""
        sender: Sender = importlib.import_module("chalicelib.bootstrap").ports().sender
        return sender

    def _lock(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        file: IO[str] = self._stack.enter_context((self.home / "lock").open("w"))
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunning(f"another run uses {self.home}") from error

    def _start(self) -> None:
        server = self._stack.enter_context(listening(self._options.api_port))
        wire = f"{server.url}/datapipeline"
        self._iot = self._start_iot()
        door = HttpServer(0)
        self._stack.callback(door.server_close)
        self._start_aws(wire, f"{door.url}/events")
        self.endpoints = Endpoints(
            wire=wire,
            api=server.url,
            aws=self.aws,
            mqtt=self._iot.mqtt,
            mqtts=self._iot.mqtts,
            certificates=str(self.home / "iot"),
        )
        self._prepare_process()
        foundation.create(self.client("cloudformation"), STAGE)
        self._start_sign_in(server.url)
        self._create_roles()
        hosting.create(self.client("sagemaker"))
        self._start_application(server, door)
        self._start_machines()
        self.endpoints.write(self.home / "endpoints.json")

    def _start_iot(self) -> IotService:
        service = IotService(self.home / "iot")
        service.start(self._options.mqtt_port, self._options.mqtts_port)
        self._stack.callback(service.stop)
        return service

    def _start_aws(self, wire: str, events: str) -> None:
        port = free_or(self._options.aws_port)
        known = environment(None, None) | {OBJECT_EVENTS: events, BROKER_PORT: str(self._iot.port)}
        child, self.aws = embedded.start(port, wire, known, self.home)
        self._stack.callback(child.stop)

    def _prepare_process(self) -> None:
        self.environment = environment(self.aws, self.endpoints.wire)
        database = self.home / "penstock.sqlite"
        os.environ.clear()
        os.environ.update(
            application_environment(self.environment, self._options.control, database, self.endpoints.wire)
            | function_environment(self.stage)
        )
        session = boto3.Session(region_name=REGION)
        self._clients: Callable[[str], Any] = session.client

    def _start_sign_in(self, api: str) -> None:
        server = self._stack.enter_context(listening(self._options.cognito_port))
        self._sign_in = SignIn(self.client("cognito-idp"), STAGE, api, server)
        self._stack.callback(self._sign_in.stop)
        pool = self._sign_in.pool
        os.environ.update(  # before the application reads its settings
            PENSTOCK_USER_POOL_ARN=pool.arn, PENSTOCK_SIGN_IN=self._sign_in.url, PENSTOCK_CONSOLE_CLIENT=pool.console
        )
        self.endpoints = replace(
            self.endpoints,
            sign_in=self._sign_in.url,
            user_pool=pool.id,
            console_client=pool.console,
            machine_client=pool.machine,
            machine_secret=pool.machine_secret,
        )

    def _create_roles(self) -> None:
        iam = self.client("iam")
        for role in ROLES:
            iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
        iam.create_instance_profile(InstanceProfileName=ROLES[1])
        iam.add_role_to_instance_profile(InstanceProfileName=ROLES[1], RoleName=ROLES[1])

    def _start_application(self, server: HttpServer, door: HttpServer) -> None:
        app = importlib.import_module("app").app
        bootstrap = importlib.import_module("chalicelib.bootstrap")
        sources = queue_sources(app)
        pumps = [Pump(bootstrap.receiver(), self.watch.around(source)) for source in sources]
        if self._options.control == "sqlite":  # buckets and topics send to the queue of AWS all the same
            pumps += [
                Pump(bootstrap.sqs(), self.watch.around(source)) for source in sources if source.queue in FED_BY_AWS
            ]
        for pump in pumps:
            pump.start()
        self._stack.callback(stop_all, pumps)
        streams = [StreamPump(self.client("kinesis"), source) for source in stream_sources(app)]
        for stream in streams:
            stream.start()
            self._stack.callback(stream.stop)
        ticker = Ticker(scheduled_functions(app))
        ticker.start()
        self._stack.callback(ticker.stop)
        self._watch_queues(bootstrap)
        door.serve(ArrivalsDoor(lambda: bootstrap.ports().sender))
        self._stack.callback(door.shutdown)
        self._start_function_logs(bootstrap.settings().working_logs[0])
        queues = {bootstrap.settings().queue(Queue.ARRIVALS): partial(put_arrival, bootstrap.ports().sender)}
        self._iot.attach(cache(self.client), deployed_functions(app), queues)
        self._stack.callback(self._iot.stop)  # before what its rules act on
        log = LineFile(self.home / "logs" / "access.log")
        self._stack.callback(log.close)
        methods = deployed()
        check(self.stage, methods)
        rules = rules_of(app, self.stage, methods, record=log.write)
        server.serve(Gateway(app, Guard(EmbeddedKeys(lookup(self.aws)), self._sign_in.pools), rules))
        self._stack.callback(server.shutdown)

    def _watch_queues(self, bootstrap: Any) -> None:
        name = bootstrap.settings().queue
        look = (
            in_database(open_database(str(self.home / "penstock.sqlite")))
            if self._options.control == "sqlite"
            else at_sqs(self.client("sqs"), name)
        )
        watch = QueueWatch(look, self.client("cloudwatch"), name)
        watch.start()
        self._stack.callback(watch.stop)

    def _start_function_logs(self, group: str) -> None:
        logs = FunctionLogs(self.client("logs"), group, STAGE)
        logs.start()
        self._stack.callback(logs.stop)

    def _start_machines(self) -> None:
        machines = Machines(self.client("ec2"), self.environment, self.home / "machines")
        machines.start()
        self._stack.callback(machines.stop)


def listening(port: int) -> HttpServer:
    """A server bound to `port`, or to a free one when that is taken."""
    try:
        return HttpServer(port)
    except OSError:
        return HttpServer(0)


def free_or(port: int) -> int:
    """`port` when nothing listens there; else 0, which means any free one."""
    try:
        HttpServer(port).server_close()
    except OSError:
        return 0
    return port
