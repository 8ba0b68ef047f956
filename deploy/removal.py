"""Taking a stage away. What holds data goes only on request: buckets are emptied, tables and the key deleted."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from deploy import foundation, stacks
from deploy.site import Site

_KEYS = frozenset({"AWS::KMS::Key", "AWS::KMS::ReplicaKey"})
KEY_DAYS = 7
"""How long a key that is to go can still be kept: the least that KMS takes."""


def remove_log_groups(site: Site) -> Iterator[str]:
    """Delete the functions' log groups that Lambda made itself: the foundation's own have gone with its stack."""
    logs = site.client("logs")
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=f"/aws/lambda/{site.app}")
    for name in [item["logGroupName"] for page in pages for item in page["logGroups"]]:
        if name.rpartition("/")[2] == site.app or name.rpartition("/")[2].startswith(f"{site.app}-"):
            logs.delete_log_group(logGroupName=name)
            yield name


def remove_foundation(site: Site) -> Iterator[str]:
    """Delete the stacks and what they retain, which is all data; tell each thing as it goes."""
    present = stacks.resources(site, site.stack("foundation"))
    kept = foundation.kept(site, "foundation")
    keys = [present[name][1] for name, kind in kept.items() if kind in _KEYS and name in present]
    pools = [present[name][1] for name, kind in kept.items() if kind == "AWS::Cognito::UserPool" and name in present]
    yield f"{site.stack('foundation')} {stacks.delete(site, site.stack('foundation')).value}"
    yield from _delete_tables(site)
    for bucket in (site.staging_bucket, site.code_bucket):
        yield from _empty(site, bucket)
    yield from _delete_bucket(site, site.staging_bucket)
    for pool in pools:
        site.client("cognito-idp").delete_user_pool(UserPoolId=pool)
        yield f"user pool {pool}"
    for key in keys:
        site.client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=KEY_DAYS)
        yield f"key {key} (in {KEY_DAYS} days)"
    yield f"{site.stack('code')} {stacks.delete(site, site.stack('code')).value}"


def _delete_tables(site: Site) -> Iterator[str]:
    dynamodb = site.client("dynamodb")
    pages = dynamodb.get_paginator("list_tables").paginate()
    for name in [name for page in pages for name in page["TableNames"] if name.startswith(f"{site.app}-")]:
        dynamodb.delete_table(TableName=name)
        dynamodb.get_waiter("table_not_exists").wait(TableName=name)
        yield f"table {name}"


def _empty(site: Site, bucket: str) -> Iterator[str]:
    s3 = site.client("s3")
    count = 0
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket)
    try:
        for page in pages:
            listed = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            found = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in listed]
            if found:
                s3.delete_objects(Bucket=bucket, Delete={"Objects": found, "Quiet": True})
            count += len(found)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise
        return
    yield f"{count} objects of {bucket}"


def _delete_bucket(site: Site, bucket: str) -> Iterator[str]:
    try:
        site.client("s3").delete_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise
        return
    yield f"bucket {bucket}"
