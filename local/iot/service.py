"""The embedded AWS IoT Core as the house starts it: broker first, rules once there is an AWS to act on."""

import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from local.invoke import Context
from local.iot.actions import ActionFailed, Means
from local.iot.certificates import Files, prepare
from local.iot.engine import Engine
from local.iot.mqtt.broker import Sender
from local.iot.mqtt.packets import Publish
from local.iot.mqtt.server import Server
from local.iot.rules import RuleBook

LOG = logging.getLogger(__name__)
MQTT_PORT, MQTTS_PORT = 8752, 8753
RETRY_SECONDS = (0.5, 1.0)
Handler = Callable[[Any, Context], Any]
_SERVICE = Sender("aws-iot-rule")


class IotService:
    """`start` binds the ports, `attach` lets rules run, `stop` ends both."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.certificates: Files = prepare(directory)
        self._engine = Engine(RuleBook(directory / "rules.json"))
        self._server = Server(self._engine.heard, self.certificates)
        self._stopped = False

    def start(self, port: int, tls_port: int) -> None:
        """Listen on loopback; ports that are taken are replaced by free ones."""
        self._server.start(port, tls_port)

    @property
    def port(self) -> int:
        """Where MQTT is spoken in the clear."""
        return self._server.port

    @property
    def mqtt(self) -> str:
        """Address for clients without certificates."""
        return f"mqtt://127.0.0.1:{self._server.port}"

    @property
    def mqtts(self) -> str:
        """Address for clients with a certificate of the run's authority."""
        return f"mqtts://localhost:{self._server.tls_port}"

    def attach(
        self,
        client: Callable[[str], Any],
        functions: Mapping[str, Handler],
        queues: Mapping[str, Callable[[str], None]],
    ) -> None:
        """Let rules act: on AWS through `client`, on the application's functions and queues by deployed names."""
        self._engine.attach(Means(client, invoker(functions), self._publish, queues), self._server.loop)

    def _publish(self, topic: str, payload: bytes, qos: int) -> None:
        """A republished message goes to subscribers and rules as any other; nobody waits for it."""
        message = Publish(topic, payload, min(qos, 1))
        self._server.call(lambda: self._publish_in_loop(message))

    def _publish_in_loop(self, message: Publish) -> None:
        self._server.broker.publish(message, _SERVICE)

    def stop(self) -> None:
        """End every connection and wait for actions that are being done; once is enough, twice does no harm."""
        if not self._stopped:
            self._stopped = True
            self._server.stop()
            self._engine.stop()


def invoker(functions: Mapping[str, Handler]) -> Callable[[str, Any], None]:
    """Asynchronous invocation as Lambda does it: two more tries after a failure.

    Unlike Lambda's it is waited for, so that a message is not acknowledged before its function has it.
    """

    def invoke(name: str, event: Any) -> None:
        handler = functions.get(name)
        if handler is None:
            raise ActionFailed(f"there is no function {name}")
        for pause in (*RETRY_SECONDS, None):
            fault = _invoked(handler, event, name)
            if fault is None:
                return
            if pause is None:
                raise ActionFailed(f"function {name} failed: {fault!r}")
            time.sleep(pause)

    return invoke


def _invoked(handler: Handler, event: Any, name: str) -> Exception | None:
    try:
        handler(event, Context(name))
    except Exception as error:  # noqa: BLE001 - whatever a function raises is its failure, as in Lambda
        LOG.warning("function failed name=%s reason=%r", name, error)
        return error
    return None
