"""A stage's tables as they stood at one second, exported by DynamoDB itself into a bucket; no table is read or slowed.

All tables are exported at the same second, so that what one says of another holds. What tells of the backup is written
last: a backup without it is not one, and its files may be deleted.

Source: Amazon DynamoDB developer guide, "Exporting DynamoDB table data to Amazon S3"
"""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from deploy import stacks
from deploy.cargo import Say
from deploy.site import Site

TABLES = ("pipelines", "states", "history", "work", "events")
NOTE = "backup.json"
_SECONDS_BETWEEN_LOOKS = 15.0
_FORM = 1


class BadBackup(Exception):
    """There is no such place or moment for a backup, or an export failed."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in S3; `prefix` without a slash at its end."""

    bucket: str
    prefix: str

    def key(self, *parts: str) -> str:
        """Key of what lies below."""
        return "/".join(part for part in (self.prefix, *parts) if part)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


@dataclass(frozen=True, slots=True)
class Note:
    """What tells of a backup.

    moment  the second that it shows, ISO-8601 with zone
    key     ARN of the key that the secrets in it are sealed with
    tables  key of each export's manifest, by table, without the stage's name
    """

    stage: str
    account: str
    region: str
    moment: str
    key: str
    tables: Mapping[str, str]
    form: int = _FORM


def place(address: str) -> Place:
    """The place of `s3://bucket/prefix`. Raises BadBackup."""
    found = urlsplit(address)
    if found.scheme != "s3" or not found.netloc:
        raise BadBackup(f"{address!r} is no place for a backup: expected s3://bucket or s3://bucket/prefix")
    return Place(found.netloc, found.path.strip("/"))


def moment(text: str) -> datetime:
    """A time with its zone. Raises BadBackup."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadBackup(f"{text!r} is no time: expected one like 2026-11-21T10:00:00Z") from error
    if found.tzinfo is None:
        raise BadBackup(f"{text!r} has no zone: expected one like 2026-11-21T10:00:00Z")
    return found.astimezone(UTC)


def back_up(site: Site, to: Place, say: Say, at: datetime | None = None) -> Place:
    """Export the tables as they stood at `at`, else at the newest second that all can be shown at; where it lies.

    Raises BadBackup, or botocore's errors; a backup cut off is begun anew by the next try.
    """
    present = stacks.find(site, site.stack("foundation"))
    if present is None:
        raise BadBackup(f"there is no stage {site.stage} in {site.region}")
    key, shown = present.outputs["KeyArn"], _shown_at(site, at)
    below = Place(to.bucket, to.key(f"{site.app}-{shown:%Y%m%dT%H%M%SZ}"))
    say(f"Stage {site.stage} in account {site.account}, {site.region}, as it stood at {shown:%Y-%m-%dT%H:%M:%SZ}")
    arns = {table: _begin(site, table, below, shown) for table in TABLES}
    manifests = {}
    for table, arn in arns.items():
        done = _ended(site, table, arn)
        manifests[table] = done["ExportManifest"]
        say(f"  {table}: {done.get('ItemCount', 0)} items, {done.get('BilledSizeBytes', 0)} bytes")
    note = Note(site.stage, site.account, site.region, shown.isoformat(), key, manifests)
    body = json.dumps(asdict(note), indent=2).encode()
    site.client("s3").put_object(Bucket=below.bucket, Key=below.key(NOTE), Body=body, ContentType="application/json")
    say(f"Backup: {below}")
    return below


def noted(site: Site, source: Place) -> Note:
    """What tells of the backup there. Raises BadBackup."""
    s3 = site.client("s3")
    try:
        body = s3.get_object(Bucket=source.bucket, Key=source.key(NOTE))["Body"].read()
    except s3.exceptions.NoSuchKey as error:
        raise BadBackup(f"there is no whole backup at {source}: it has no {NOTE}") from error
    found = Note(**json.loads(body))
    if found.form != _FORM:
        raise BadBackup(f"the backup at {source} has form {found.form}, and this version reads {_FORM}")
    return found


def _shown_at(site: Site, wanted: datetime | None) -> datetime:
    spans = [_restorable(site, table) for table in TABLES]
    first, last = max(span[0] for span in spans), min(span[1] for span in spans)
    if last < first:
        raise BadBackup(
            f"recovery was turned on at {first.isoformat()} and shows nothing yet: try again in some minutes"
        )
    if wanted is None:
        return last
    if not first <= wanted <= last:
        raise BadBackup(f"no backup can show {wanted.isoformat()}: only {first.isoformat()} to {last.isoformat()}")
    return wanted


def _restorable(site: Site, table: str) -> tuple[datetime, datetime]:
    name = f"{site.app}-{table}"
    found = site.client("dynamodb").describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = found.get("PointInTimeRecoveryDescription", {})
    if recovery.get("PointInTimeRecoveryStatus") != "ENABLED":
        raise BadBackup(f"point-in-time recovery of {name} is off; the foundation turns it on: `python -m deploy up`")
    first, last = recovery["EarliestRestorableDateTime"], recovery["LatestRestorableDateTime"]
    return first.astimezone(UTC), last.astimezone(UTC).replace(microsecond=0)


def _begin(site: Site, table: str, below: Place, shown: datetime) -> str:
    arn = f"arn:{site.partition}:dynamodb:{site.region}:{site.account}:table/{site.app}-{table}"
    answer = site.client("dynamodb").export_table_to_point_in_time(
        TableArn=arn, S3Bucket=below.bucket, S3Prefix=below.key(table), ExportTime=shown, ExportFormat="DYNAMODB_JSON"
    )
    return str(answer["ExportDescription"]["ExportArn"])


def _ended(site: Site, table: str, arn: str) -> dict[str, Any]:
    while True:
        found: dict[str, Any] = site.client("dynamodb").describe_export(ExportArn=arn)["ExportDescription"]
        if found["ExportStatus"] == "COMPLETED":
            return found
        if found["ExportStatus"] == "FAILED":
            raise BadBackup(f"the export of {table} failed: {found.get('FailureCode')}: {found.get('FailureMessage')}")
        time.sleep(0.2 if site.embedded else _SECONDS_BETWEEN_LOOKS)
