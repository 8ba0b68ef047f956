"""`python -m penstock_migrate`: options to clients, and errors to one line. The only place here that makes clients."""

import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.config import Config

from chalicelib.domain.definition.limits import Limits
from penstock_migrate.account import Account
from penstock_migrate.checkpoint import Checkpoints
from penstock_migrate.commands import Regions, perform
from penstock_migrate.errors import MigrationError, Unusable
from penstock_migrate.options import PROGRAM, Options, Side, parse
from penstock_migrate.recreate import Workshop
from penstock_migrate.secret_values import Lookups, Secrets, read_secrets
from penstock_migrate.steps import Sides
from penstock_migrate.switch import Surroundings

_OURS = "AWS_ENDPOINT_URL_DATA_PIPELINE"
_PATIENT = {"retries": {"mode": "adaptive", "total_max_attempts": 10}, "read_timeout": 60}
"""AWS Data Pipeline answers one call a second of each kind; whoever asks for more is told to slow down."""


def main(arguments: Sequence[str]) -> int:
    """Perform one command; returns the exit status."""
    try:
        options = parse(arguments)
        return perform(options, _surroundings(options), _regions(options))
    except MigrationError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 2


def _surroundings(options: Options) -> Surroundings:
    return Surroundings(
        source=Account("source", _source(options.source)),
        shop=Workshop(
            target=Account("target", _target(options.target)),
            secrets=_secrets(options),
            region=_region(options.source),
            dry=options.dry_run,
            renew=options.renew,
        ),
        checkpoints=Checkpoints(options.state),
        limits=Limits(),
        now=lambda: datetime.now(UTC),
        wait=lambda length: time.sleep(length / timedelta(seconds=1)),
        say=print,
    )


def _session(side: Side) -> Any:
    return boto3.Session(profile_name=side.profile, region_name=side.region)


def _region(side: Side) -> str:
    found = _session(side).region_name
    if not found:
        raise Unusable("no region: say --source-region and --target-region, or set AWS_DEFAULT_REGION")
    return str(found)


def _source(side: Side) -> Any:
    """Without an address of its own it is AWS, whatever the environment says: that is about the target."""
    config = Config(ignore_configured_endpoint_urls=side.endpoint is None, **_PATIENT)
    _region(side)
    return _session(side).client("datapipeline", endpoint_url=side.endpoint, config=config)


def _target(side: Side) -> Any:
    address = side.endpoint or os.environ.get(_OURS)
    if not address:
        raise Unusable(f"no target: say --target-endpoint https://…/datapipeline, or set {_OURS}")
    _region(side)
    client = _session(side).client("datapipeline", endpoint_url=address, config=Config(**_PATIENT))
    client.meta.events.register("before-call.data-pipeline", _sign_for_the_gateway)
    return client


def _sign_for_the_gateway(params: dict[str, Any], **_: object) -> None:
    """API Gateway takes signatures for its own name only."""
    params["context"].setdefault("signing", {}).update(signing_name="execute-api")


def _secrets(options: Options) -> Secrets:
    if options.secrets is None:
        return Secrets()

    def fetch(name: str) -> str:
        return str(_session(options.target).client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])

    return read_secrets(options.secrets, Lookups(os.environ, fetch))


def _regions(options: Options) -> Regions:
    source, target = _region(options.source), _region(options.target)
    address = options.target.endpoint or os.environ.get(_OURS, "")
    return Regions(source, target, Sides(_cli(options.source, options.source.endpoint), _cli(options.target, address)))


def _cli(side: Side, address: str | None) -> str:
    parts = ["aws"]
    parts += ["--profile", side.profile] if side.profile else []
    parts += ["--region", side.region] if side.region else []
    parts += ["--endpoint-url", address] if address else []
    return " ".join([*parts, "datapipeline"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
