"""The embedded Cognito as a whole: a pool, and the address at which people sign in to it."""

from collections.abc import Callable
from typing import Any

from local.cognito.directory import Directory
from local.cognito.door import Door
from local.cognito.pages import ReadyMade
from local.cognito.pool import MAY, PASSWORD, UserPool, create
from local.cognito.tokens import Issuer
from local.gateway.server import HttpServer

COGNITO_PORT = 8754


class SignIn:
    """Serves from construction until `stop`."""

    def __init__(self, cognito: Any, stage: str, api: str, server: HttpServer) -> None:
        port = api.rpartition(":")[2]
        consoles = [f"http://{host}:{port}/console" for host in ("localhost", "127.0.0.1")]
        self.pool: UserPool = create(cognito, stage, consoles)
        self.url = server.url
        self._server = server
        directory = Directory(cognito, self.pool.id)
        self._issuer = _served(server, Door(server.url, self.pool.arn, directory, ready=ReadyMade(PASSWORD, MAY)))

    @property
    def pools(self) -> Callable[[str], Issuer | None]:
        """The issuer of an ARN, as the gateway wants to know it."""
        return {self.pool.arn: self._issuer}.get

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()


def _served(server: HttpServer, door: Door) -> Issuer:
    server.serve(door)
    return door.issuer
