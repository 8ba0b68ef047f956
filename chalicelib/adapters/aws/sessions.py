"""ports/reach: clients under roles, by sts:AssumeRole. Owns credentials; must not know what they are used for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import Any

from chalicelib.adapters.aws.catalogues import GlueCatalogues
from chalicelib.adapters.aws.errors import call
from chalicelib.adapters.aws.inference import AwsInference
from chalicelib.adapters.aws.jobs import AwsJobs
from chalicelib.adapters.aws.redshift_data import RedshiftData
from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.adapters.aws.streams import KinesisStreams
from chalicelib.adapters.aws.tables import DynamoTables
from chalicelib.adapters.aws.topics import AwsTopics
from chalicelib.adapters.aws.video import KinesisVideo
from chalicelib.adapters.sql.databases import SqlDatabases
from chalicelib.domain.values import UtcTime
from chalicelib.ports.clock import Clock
from chalicelib.ports.reach import Outside

_MARGIN = timedelta(minutes=20)
"""Longer than a function may run, so that credentials never end within one."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What AssumeRole gives. `repr` shows no secret."""

    access_key: str
    secret_key: str
    token: str
    expires: UtcTime

    def __repr__(self) -> str:
        return f"Credentials({self.access_key}, until {self.expires})"


class RoleSessions:
    """Roles assumed once an hour, clients made once per role and service.

    make   a boto3 client of a service under credentials, None being the process's own, in a region and
           at an endpoint, None being its own
    policy  an IAM policy beyond which no role reaches here, whatever it allows elsewhere; empty for none
    """

    def __init__(
        self,
        make: Callable[[str, Credentials | None, str | None, str | None], Any],
        clock: Clock,
        policy: str = "",
    ) -> None:
        self._make = make
        self._clock = clock
        self._policy = policy
        self._lock = Lock()
        self._assumed: dict[str, Credentials] = {}
        self._clients: dict[tuple[str, str | None, str | None, str | None], Any] = {}
        self._prefix: str | None = None

    def under(self, role: str | None) -> Outside:
        """See ports/reach."""
        return Outside(
            S3Objects(self.client("s3", role)),
            DynamoTables(lambda region: self.client("dynamodb", role, region)),
            SqlDatabases(lambda service, region: self.client(service, role, region)),
            RedshiftData(lambda region: self.client("redshift-data", role, region)),
            AwsInference(lambda service, region: self.client(service, role, region)),
            KinesisStreams(lambda region: self.client("kinesis", role, region)),
            AwsTopics(lambda service, region: self.client(service, role, region)),
            KinesisVideo(lambda service, region, endpoint: self.client(service, role, region, endpoint)),
            AwsJobs(lambda service, region: self.client(service, role, region)),
            GlueCatalogues(lambda region: self.client("glue", role, region)),
        )

    def client(self, service: str, role: str | None, region: str | None = None, endpoint: str | None = None) -> Any:
        """A client of the service that acts under the role, at its usual endpoint or at another.

        Raises   Denied when the role may not be assumed, Rejected, Throttled, Unavailable
        """
        with self._lock:
            credentials = None if role is None else self._credentials(role)
            key = (service, role, region, endpoint)
            if key not in self._clients:
                self._clients[key] = self._make(service, credentials, region, endpoint)
            return self._clients[key]

    def _credentials(self, role: str) -> Credentials:
        found = self._assumed.get(role)
        if found is None or found.expires - self._clock.now() < _MARGIN:
            found = self._assumed[role] = self._assume(role)
            self._clients = {key: client for key, client in self._clients.items() if key[1] != role}
        return found

    def _assume(self, role: str) -> Credentials:
        reply = call(
            f"assume role {role}",
            self._own("sts").assume_role,
            RoleArn=self._arn(role),
            RoleSessionName="penstock",
            **({"Policy": self._policy} if self._policy else {}),
        )["Credentials"]
        return Credentials(reply["AccessKeyId"], reply["SecretAccessKey"], reply["SessionToken"], reply["Expiration"])

    def _arn(self, role: str) -> str:
        """Definitions name roles of their own account by name alone."""
        if role.startswith("arn:"):
            return role
        if self._prefix is None:
            caller = call("ask who I am", self._own("sts").get_caller_identity)
            self._prefix = f"arn:{caller['Arn'].split(':')[1]}:iam::{caller['Account']}:role/"
        return self._prefix + role

    def _own(self, service: str) -> Any:
        key = (service, None, None, None)
        if key not in self._clients:
            self._clients[key] = self._make(service, None, None, None)
        return self._clients[key]
