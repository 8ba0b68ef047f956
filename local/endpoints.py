"""Where everything listens: printed for people, written to .penstock/endpoints.json for scripts."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Addresses of one embedded run.

    wire  Data Pipeline's API, for AWS_ENDPOINT_URL_DATA_PIPELINE
    api   the same application's REST API
    aws   the embedded AWS, for AWS_ENDPOINT_URL; it answers Data Pipeline's operations too
    mqtt  MQTT in the clear;  mqtts  MQTT for clients with a certificate, made in `certificates`
    sign_in  where people and programs get tokens: clients `console_client`, and `machine_client` with its secret
    """

    wire: str
    api: str
    aws: str
    mqtt: str
    mqtts: str
    certificates: str
    sign_in: str = ""
    user_pool: str = ""
    console_client: str = ""
    machine_client: str = ""
    machine_secret: str = ""

    def write(self, file: Path) -> None:
        """Write as JSON; whole or not at all."""
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".fresh")
        fresh.write_text(json.dumps(asdict(self), indent=2) + "\n")
        fresh.replace(file)
