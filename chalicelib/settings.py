"""The only reader of the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from enum import Enum
from typing import Any

from chalicelib.domain.definition.limits import SERVICE, Limits
from chalicelib.domain.schedule.period import Period, Unit
from chalicelib.ports.queues import Queue

UNKNOWN_POOL = "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_unknown"
"""Stands where a package is made before its user pool is known; no token is ever of this pool."""

API_FUNCTION = "api_handler"
"""What Chalice calls the function behind all routes."""


class ControlPlane(Enum):
    """Which adapters hold the store and the queues."""

    SQLITE = "sqlite"
    AWS = "aws"


@dataclass(frozen=True, slots=True)
class Settings:
    """One container's configuration. Endpoint URLs are not here: AWS clients read the standard variables themselves.

    control   SQLITE for the embedded run, AWS when deployed
    database  path of the SQLite file
    stage     part of the name of every table, queue, topic and bucket
    key       id of the KMS key that seals secrets
    wire_url  address of the wire API that machines' Task Runners poll
    runner    s3:// address of the Task Runner's zipapp
    limits    the language's and the engine's limits
    user_pool ARN of the Cognito user pool whose tokens the REST API takes
    sign_in   address of the user pool's own pages, where the console sends people to sign in
    console_client  id of the user pool's client that the console is
    origins   of pages that may read the REST API's answers; separated by commas in the environment
    function  short name of the deployed function that this container is; empty outside Lambda
    watched   whether CloudWatch has readings and alarms of this stage; where AWS has the control plane it does
    trace_daemon  `host:port` of the X-Ray daemon; empty where there is none
    results_stream  name of the data stream that Rekognition's stream processors write to; empty when there is none
    """

    control: ControlPlane
    database: str
    stage: str
    region: str
    key: str
    wire_url: str
    runner: str
    limits: Limits
    user_pool: str
    sign_in: str = ""
    console_client: str = ""
    origins: tuple[str, ...] = ()
    function: str = ""
    watched: bool = True
    results_stream: str = ""
    trace_daemon: str = ""

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read `PENSTOCK_*` and the AWS region.

        PENSTOCK_LIMITS        `default` or `service`: which limits to begin with
        PENSTOCK_LIMIT_<NAME>  a field of Limits: a number, seconds, a period (`1 hour`) where it is one, or `none`
        Raises                 ValueError for a value that is none of its choices
        """
        stage = environment.get("PENSTOCK_STAGE", "dev")
        control = ControlPlane(environment.get("PENSTOCK_CONTROL", "aws"))
        return cls(
            control=control,
            database=environment.get("PENSTOCK_DATABASE", ":memory:"),
            stage=stage,
            region=environment.get("AWS_REGION", environment.get("AWS_DEFAULT_REGION", "us-east-1")),
            key=environment.get("PENSTOCK_KEY", f"alias/penstock-{stage}"),
            wire_url=environment.get("PENSTOCK_WIRE_URL", ""),
            runner=environment.get("PENSTOCK_RUNNER", f"s3://penstock-{stage}-code/taskrunner.pyz"),
            limits=_limits(environment),
            user_pool=environment.get("PENSTOCK_USER_POOL_ARN", UNKNOWN_POOL),
            sign_in=environment.get("PENSTOCK_SIGN_IN", "").rstrip("/"),
            console_client=environment.get("PENSTOCK_CONSOLE_CLIENT", ""),
            origins=tuple(filter(None, environment.get("PENSTOCK_ORIGINS", "").split(","))),
            function=_function(environment.get("_HANDLER", "")),
            watched=control is ControlPlane.AWS or bool(environment.get("PENSTOCK_WATCHED")),
            results_stream=environment.get("PENSTOCK_RESULTS_STREAM", ""),
            trace_daemon=environment.get("AWS_XRAY_DAEMON_ADDRESS", ""),
        )

    @property
    def serves_routes(self) -> bool:
        """Whether this container answers HTTP: the API's function does, and whoever runs all of the application."""
        return self.function in ("", API_FUNCTION)

    def table(self, part: str) -> str:
        """Name of a DynamoDB table: `pipelines`, `states`, `history`, `work` or `events`."""
        return f"penstock-{self.stage}-{part}"

    def staging(self, account: str) -> str:
        """Name of the staging bucket in an account."""
        return f"penstock-{self.stage}-staging-{account}-{self.region}"

    @property
    def working_logs(self) -> tuple[str, ...]:
        """Names of the log groups of the functions that do the work of tasks."""
        return tuple(f"/aws/lambda/penstock-{self.stage}-{function}" for function in ("tasks", "chunks"))

    @property
    def rules_role(self) -> str:
        """Name of the role under which topic rules send to queues."""
        return f"penstock-{self.stage}-rules-{self.region}"

    def queue(self, queue: Queue, dead: bool = False) -> str:
        """Name of an SQS queue, or of its dead letters' queue; FIFO names end as SQS demands."""
        ending = ".fifo" if queue is Queue.CONTROL else ""
        return f"penstock-{self.stage}-{queue.value}{'-dead' if dead else ''}{ending}"


def trace_header(environment: Mapping[str, str] = os.environ) -> str:
    """X-Ray's header of the present invocation: the one variable that Lambda changes from one to the next."""
    return environment.get("_X_AMZN_TRACE_ID", "")


def _function(entry: str) -> str:
    """`tasks` of `app.tasks`; Chalice deploys the API as `app.app`."""
    name = entry.rpartition(".")[2]
    return API_FUNCTION if name == "app" else name


def _limits(environment: Mapping[str, str]) -> Limits:
    profiles = {"default": Limits(), "service": SERVICE}
    name = environment.get("PENSTOCK_LIMITS", "default")
    if name not in profiles:
        raise ValueError(f"PENSTOCK_LIMITS is {name!r}; it must be one of {', '.join(profiles)}")
    limits = profiles[name]
    given = {item.name: environment.get(f"PENSTOCK_LIMIT_{item.name.upper()}") for item in fields(Limits)}
    changed = {key: _limit(getattr(limits, key), text) for key, text in given.items() if text is not None}
    return replace(limits, **changed)


def _limit(present: int | timedelta | Period | None, text: str) -> Any:
    """`text` in the kind of value that the limit has at present."""
    if text == "none":
        return None
    if isinstance(present, timedelta):
        return timedelta(seconds=float(text))
    if isinstance(present, Period):
        return Period(int(text), Unit.SECOND) if text.isdecimal() else Period.parse(text)
    return int(text)
