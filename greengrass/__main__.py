"""`python3 penstock-inference.pyz …`: works items off until it is ended; what the component's recipe runs."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from greengrass.step import Publish, Step, work_off

if TYPE_CHECKING:
    import paho.mqtt.client as paho

PAUSE_SECONDS = 1.0
ACKNOWLEDGE_SECONDS = 60.0


def arguments(given: Sequence[str]) -> argparse.Namespace:
    """The command line, which the recipe fills from the component's configuration."""
    parser = argparse.ArgumentParser(prog="penstock-inference", description="Ask a model at the edge, publish results.")
    parser.add_argument("--endpoint", required=True, help="host of the MQTT endpoint")
    parser.add_argument("--port", type=int, default=8883)
    parser.add_argument("--authority", required=True, type=Path, help="PEM file of the endpoint's authority")
    parser.add_argument("--certificate", required=True, type=Path, help="PEM file of the device's certificate")
    parser.add_argument("--key", required=True, type=Path, help="PEM file of its key")
    parser.add_argument("--topic", required=True, help="where results are published")
    parser.add_argument("--device", required=True, help="client id, and first part of items' addresses")
    parser.add_argument("--items", required=True, type=Path, help="directory of *.jsonl files")
    parser.add_argument("--model", required=True, help="address of the model's /invocations")
    parser.add_argument("--content-type", default="application/json")
    parser.add_argument("--once", action="store_true", help="end when everything is worked off")
    return parser.parse_args(given)


def connected(options: argparse.Namespace) -> "paho.Client":
    """A client that connects, and connects again when it is cut off."""
    import paho.mqtt.client as paho  # noqa: PLC0415 - the archive carries it; the build does not need it
    from paho.mqtt.enums import CallbackAPIVersion  # noqa: PLC0415 - as above

    client = paho.Client(CallbackAPIVersion.VERSION2, client_id=options.device)
    client.tls_set(str(options.authority), str(options.certificate), str(options.key))
    client.connect(options.endpoint, options.port)
    client.loop_start()
    return client


def publisher(client: "paho.Client", topic: str) -> Publish:
    """Publish and wait until the broker has it."""

    def publish(content: bytes) -> None:
        message = client.publish(topic, content, qos=1)
        message.wait_for_publish(ACKNOWLEDGE_SECONDS)
        if not message.is_published():
            raise TimeoutError("the broker did not acknowledge a result")

    return publish


def main(given: Sequence[str]) -> int:
    """The exit status; Greengrass starts a component that fails again."""
    options = arguments(given)
    step = Step(options.items, options.model, options.content_type, options.device)
    client = connected(options)
    publish = publisher(client, options.topic)
    while True:
        count = work_off(step, publish)
        print(f"results published: {count}", flush=True)
        if options.once:
            break
        time.sleep(PAUSE_SECONDS)
    client.disconnect()
    client.loop_stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
