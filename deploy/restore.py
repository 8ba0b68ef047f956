"""A backup's items put back into a stage's tables, in its region or another, before functions work on them.

Items are put by key, so a restore cut off is finished by the same command. It is refused while functions of the stage
exist, which would act on half of the state, and where tables hold what another backup or a life of their own left.

Secrets stay sealed on the way. In another region they are opened by a replica of the key that sealed them, which the
foundation makes there.
"""

import base64
import gzip
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deploy import foundation
from deploy.backup import TABLES, BadBackup, Note, Place, noted
from deploy.cargo import Say
from deploy.site import Site
from deploy.stacks import unreached_lines
from deploy.up import road_taken

_BATCH = 25  # the most that BatchWriteItem takes
_UNDER_WAY = "restore.json"
_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8)


def restore(site: Site, source: Place, say: Say) -> None:
    """Make the foundation and fill its tables from the backup. Raises BadBackup, StackFailed, or botocore's errors."""
    note = noted(site, source)
    _check(site, note)
    given = {"PrimaryKey": note.key} if note.region != site.region else {}
    say(f"Stage {site.stage} in account {site.account}, {site.region}, as it stood in {note.region} at {note.moment}")
    for part in foundation.PARTS:
        outcome, unreached = foundation.bring(site, part, given if part == "foundation" else {})
        say(f"\n== {site.stack(part)}: {outcome.value}{unreached_lines(unreached)}")
    _claim(site, source)
    for table in TABLES:
        say(f"  {table}: {_fill(site, table, source.bucket, note.tables[table])} items")
    site.client("s3").delete_object(Bucket=site.code_bucket, Key=_UNDER_WAY)
    say(f"Restored. Now `make deploy STAGE={site.stage}` brings the functions, which go on from there.")


def _check(site: Site, note: Note) -> None:
    if (note.stage, note.account) != (site.stage, site.account):
        raise BadBackup(
            f"this is a backup of stage {note.stage} in account {note.account}, not of {site.stage} in {site.account}: "
            "names and owners in it would be wrong"
        )
    if road_taken(site) is not None:
        raise BadBackup(
            f"functions of stage {site.stage} exist and would act on half a state: `make destroy STAGE={site.stage}` "
            "first, which keeps all data"
        )


def _claim(site: Site, source: Place) -> None:
    """Refuse tables that hold anything but what an earlier try at this restore put there."""
    s3, address = site.client("s3"), str(source)
    try:
        begun = s3.get_object(Bucket=site.code_bucket, Key=_UNDER_WAY)["Body"].read().decode()
    except s3.exceptions.NoSuchKey:
        begun = ""
    if begun == address:
        return
    full = [table for table in TABLES if _holds_something(site, table)]
    if full:
        raise BadBackup(
            f"these tables of stage {site.stage} are not empty: {', '.join(full)}. "
            f"`make destroy STAGE={site.stage} DATA=1` deletes them"
        )
    s3.put_object(Bucket=site.code_bucket, Key=_UNDER_WAY, Body=address.encode())


def _holds_something(site: Site, table: str) -> bool:
    return bool(site.client("dynamodb").scan(TableName=f"{site.app}-{table}", Limit=1)["Items"])


def _fill(site: Site, table: str, bucket: str, manifest: str) -> int:
    count = 0
    batch: list[dict[str, Any]] = []
    for item in _items(site, bucket, manifest):
        batch.append({"PutRequest": {"Item": item}})
        if len(batch) == _BATCH:
            count += _put(site, f"{site.app}-{table}", batch)
            batch = []
    return count + (_put(site, f"{site.app}-{table}", batch) if batch else 0)


def _items(site: Site, bucket: str, manifest: str) -> Iterator[dict[str, Any]]:
    """The items of an export, a line at a time: the memory is that of a line."""
    s3 = site.client("s3")
    summary = json.loads(s3.get_object(Bucket=bucket, Key=manifest)["Body"].read())
    files = s3.get_object(Bucket=bucket, Key=summary["manifestFilesS3Key"])["Body"].read()
    for line in files.splitlines():
        body = s3.get_object(Bucket=bucket, Key=json.loads(line)["dataFileS3Key"])["Body"]
        with gzip.open(body) as lines:
            for each in lines:
                yield {name: _value(value) for name, value in json.loads(each)["Item"].items()}


def _value(value: Mapping[str, Any]) -> dict[str, Any]:
    """An attribute value as botocore takes it: with bytes for the file's base64."""
    ((kind, content),) = value.items()
    match kind:
        case "B":
            return {kind: base64.b64decode(content)}
        case "BS":
            return {kind: [base64.b64decode(each) for each in content]}
        case "L":
            return {kind: [_value(each) for each in content]}
        case "M":
            return {kind: {name: _value(each) for name, each in content.items()}}
        case _:
            return {kind: content}


def _put(site: Site, name: str, batch: Sequence[Mapping[str, Any]]) -> int:
    left: Sequence[Mapping[str, Any]] = batch
    for pause in _PAUSES:
        answer = site.client("dynamodb").batch_write_item(RequestItems={name: left})
        left = answer.get("UnprocessedItems", {}).get(name, [])
        if not left:
            return len(batch)
        time.sleep(pause)
    raise BadBackup(f"DynamoDB takes no more items into {name} for now; the same command goes on from here")
