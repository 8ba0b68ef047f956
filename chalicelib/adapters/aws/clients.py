"""Clients of AWS, each made once, when it is first used: a container reads the models of what its work needs only.

Owns how they wait and try again; must not know what they are for. Sessions are botocore's: boto3's are the same and
read sixty modules more at every cold start.
"""

import threading
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import Session

if TYPE_CHECKING:
    from chalicelib.adapters.aws.sessions import Credentials

_MODELS = frozenset({"sagemaker-runtime", "rekognition", "lambda"})
_MODEL_SECONDS = 70
_ANSWER_SECONDS = {"lambda": 870}
"""How long a caller waits: a model answers within a minute, a function within a quarter of an hour."""
_BUSY = Config(max_pool_connections=32, retries={"mode": "standard", "total_max_attempts": 5})
"""For clients that many threads use at once: copies have 16 requests under way."""
_LOOKING = Config(connect_timeout=3, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 2})
"""For answers that somebody waits for, 29 seconds at most."""


class Later:
    """Stands for the client that `make` gives, and asks for it when it is used."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:
        return getattr(self._make(), name)


class Clients:
    """Safe to use from several threads, which sessions are not. `region` is that of clients for which none is named."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._lock = threading.RLock()
        self._session = cache(Session)
        self._made = cache(self._make)

    def own(self, service: str, region: str | None = None, endpoint: str | None = None) -> Any:
        """The client of a service under the process's own credentials."""
        with self._lock:
            return self._made(service, region or self._region, endpoint)

    def later(self, service: str) -> Later:
        """The same, made when it is first used."""
        return Later(lambda: self.own(service))

    def under(
        self, service: str, credentials: "Credentials | None", region: str | None, endpoint: str | None = None
    ) -> Any:
        """A new client for work under a role; the process's own without credentials."""
        return self._under(service, credentials, region, endpoint, _asking(service) if service in _MODELS else _BUSY)

    def looking(
        self, service: str, credentials: "Credentials | None", region: str | None, endpoint: str | None = None
    ) -> Any:
        """A new client that gives up early, for what people look at."""
        return self._under(service, credentials, region, endpoint, _LOOKING)

    def _under(
        self, service: str, credentials: "Credentials | None", region: str | None, endpoint: str | None, config: Config
    ) -> Any:
        if credentials is None:
            return self.own(service, region, endpoint)
        with self._lock:
            return self._session().create_client(
                service,
                region_name=region or self._region,
                endpoint_url=endpoint,
                aws_access_key_id=credentials.access_key,
                aws_secret_access_key=credentials.secret_key,
                aws_session_token=credentials.token,
                config=config,
            )

    def _make(self, service: str, region: str, endpoint: str | None) -> Any:
        config = _asking(service) if service in _MODELS else None
        return self._session().create_client(service, region_name=region, endpoint_url=endpoint, config=config)


def _asking(service: str) -> Config:
    """For models and functions: each is asked once, since work counts the calls and tries again."""
    once = {"mode": "standard", "total_max_attempts": 1}
    return Config(max_pool_connections=64, retries=once, read_timeout=_ANSWER_SECONDS.get(service, _MODEL_SECONDS))
