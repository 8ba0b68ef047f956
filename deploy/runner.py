"""The Task Runner's file in the code bucket, where machines that a definition starts fetch it."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from botocore.exceptions import ClientError

from deploy.changes import ABSENT, Change
from deploy.project import RUNNER_KEY
from deploy.site import Site
from taskrunner.build import build

_DIGEST = "sha256"


def bring(site: Site) -> str:
    """Build the file and upload it unless the bucket has it; what was done."""
    made, present = _made(site), _present(site)
    wanted = _digest(made)
    if present == wanted:
        return f"s3://{site.code_bucket}/{RUNNER_KEY} is there already"
    body = made.read_bytes()
    site.client("s3").put_object(Bucket=site.code_bucket, Key=RUNNER_KEY, Body=body, Metadata={_DIGEST: wanted})
    return f"uploaded s3://{site.code_bucket}/{RUNNER_KEY}, {len(body) / 1e6:.1f} MB"


def changes(site: Site) -> Iterator[Change]:
    """What `bring` would change."""
    present, wanted = _present(site), _digest(_made(site))
    if present != wanted:
        yield Change("Task Runner", ABSENT if present is None else present[:20], wanted[:20])


def _made(site: Site) -> Path:
    return build(site.build / RUNNER_KEY)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _present(site: Site) -> str | None:
    try:
        found = site.client("s3").head_object(Bucket=site.code_bucket, Key=RUNNER_KEY)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        return None
    return str(found["Metadata"].get(_DIGEST, "another"))
