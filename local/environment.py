"""The environment of everything in the embedded run: it points at loopback and holds no real credentials."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
REGION = "us-east-1"
DROPPED = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CA_BUNDLE")
OBJECT_EVENTS = "PENSTOCK_OBJECT_EVENTS"
"""Tells the embedded AWS where to bring events of created objects."""
BROKER_PORT = "PENSTOCK_MQTT_PORT"
"""Tells the embedded AWS where MQTT is spoken."""
RESULTS_STREAM = "AmazonRekognition-penstock-local"
"""Where stream processors of the embedded run's user would write what faces they know."""
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy")


def environment(aws: str | None, wire: str | None) -> dict[str, str]:
    """This process's environment with credentials that mean nothing elsewhere, and the given addresses.

    The user's own AWS files are out of reach, so that nothing here can act on a real account.
    """
    kept = {key: value for key, value in os.environ.items() if key not in (*DROPPED, *PROXIES)}
    addresses = {"AWS_ENDPOINT_URL": aws, "AWS_ENDPOINT_URL_DATA_PIPELINE": wire}
    return (
        kept
        | {key: value for key, value in addresses.items() if value is not None}
        | {
            "AWS_ACCESS_KEY_ID": "penstock",
            "AWS_SECRET_ACCESS_KEY": "penstock",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            "PYTHONPATH": str(REPOSITORY),
        }
    )


def program_environment(aws: str, wire: str) -> dict[str, str]:
    """What a program of a cluster's master node runs in: the AWS CLI among its programs, as on a real one."""
    found = environment(aws, wire)
    return found | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{found.get('PATH', os.defpath)}"}


def application_environment(base: Mapping[str, str], control: str, database: Path, wire: str) -> dict[str, str]:
    """What the application's settings read, on top of `base`."""
    return dict(base) | {
        "PENSTOCK_CONTROL": control,
        "PENSTOCK_DATABASE": str(database),
        "PENSTOCK_STAGE": "local",
        "PENSTOCK_WIRE_URL": wire,
        "PENSTOCK_WATCHED": "1",
        "PENSTOCK_RESULTS_STREAM": RESULTS_STREAM,
    }
