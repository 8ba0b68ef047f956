"""What exists of a stage, as the account says, whatever made it."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from botocore.exceptions import ClientError

from deploy import stacks
from deploy.remembered import deployed_functions, rest_api
from deploy.site import Site

Inventory = Mapping[str, Sequence[str]]


def inventory(site: Site) -> Inventory:
    """Names of what exists by kind, in order; kinds of which nothing exists are left out."""
    found = {kind: sorted(look(site)) for kind, look in _LOOKS.items()}
    return {kind: names for kind, names in found.items() if names}


def shown(found: Inventory) -> str:
    """The inventory as lines for people."""
    if not found:
        return "  nothing"
    wide = max(map(len, found))
    return "\n".join(f"  {kind:<{wide}}  {len(names):>3}  {_in_short(names)}" for kind, names in found.items())


def _in_short(names: Sequence[str], most: int = 4) -> str:
    left_out = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + left_out


def _stacks(site: Site) -> Iterator[str]:
    for part in ("code", "foundation", "app"):
        present = stacks.find(site, site.stack(part))
        if present is not None:
            yield f"{present.name} {present.status}"


def _functions(site: Site) -> Iterator[str]:
    yield from (item["FunctionName"] for item in deployed_functions(site).values())


def _event_sources(site: Site) -> Iterator[str]:
    pages = site.client("lambda").get_paginator("list_event_source_mappings").paginate()
    for item in (item for page in pages for item in page["EventSourceMappings"]):
        function = item["FunctionArn"].rpartition(":")[2]
        if function.startswith(f"{site.app}-"):
            options = item.get("FunctionResponseTypes") or ["no options"]
            yield f"{item['EventSourceArn'].rpartition(':')[2]} -> {function} ({', '.join(options)})"


def _roles(site: Site) -> Iterator[str]:
    pages = site.client("iam").get_paginator("list_roles").paginate()
    yield from _ours(site, (item["RoleName"] for page in pages for item in page["Roles"]))


def _rules(site: Site) -> Iterator[str]:
    pages = site.client("events").get_paginator("list_rules").paginate(NamePrefix=f"{site.app}-")
    yield from (item["Name"] for page in pages for item in page["Rules"])


def _apis(site: Site) -> Iterator[str]:
    found = rest_api(site)
    if found is not None:
        stages = site.client("apigateway").get_stages(restApiId=found)["item"]
        yield f"{found} (stages {', '.join(item['stageName'] for item in stages) or 'none'})"


def _tables(site: Site) -> Iterator[str]:
    pages = site.client("dynamodb").get_paginator("list_tables").paginate()
    yield from _ours(site, (name for page in pages for name in page["TableNames"]))


def _queues(site: Site) -> Iterator[str]:
    pages = site.client("sqs").get_paginator("list_queues").paginate(QueueNamePrefix=f"{site.app}-")
    yield from (url.rpartition("/")[2] for page in pages for url in page.get("QueueUrls", ()))


def _buckets(site: Site) -> Iterator[str]:
    for name in (site.code_bucket, site.staging_bucket):
        try:
            site.client("s3").head_bucket(Bucket=name)
        except ClientError:
            continue
        yield name


def _topics(site: Site) -> Iterator[str]:
    pages = site.client("sns").get_paginator("list_topics").paginate()
    names = (item["TopicArn"].rpartition(":")[2] for page in pages for item in page["Topics"])
    yield from _ours(site, names)


def _keys(site: Site) -> Iterator[str]:
    pages = site.client("kms").get_paginator("list_aliases").paginate()
    yield from (
        item["AliasName"] for page in pages for item in page["Aliases"] if item["AliasName"] == f"alias/{site.app}"
    )


def _alarms(site: Site) -> Iterator[str]:
    pages = site.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNamePrefix=f"{site.app}-")
    yield from (item["AlarmName"] for page in pages for item in page["MetricAlarms"])


def _log_groups(site: Site) -> Iterator[str]:
    pages = (
        site.client("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix=f"/aws/lambda/{site.app}")
    )
    names = (item["logGroupName"] for page in pages for item in page["logGroups"])
    yield from (name for name in names if name.rpartition("/")[2].startswith((f"{site.app}-", site.app)))


def _ours(site: Site, names: Iterator[str]) -> Iterator[str]:
    return (name for name in names if name.startswith(f"{site.app}-"))


_LOOKS: Mapping[str, Callable[[Site], Iterator[str]]] = {
    "stacks": _stacks,
    "functions": _functions,
    "event sources": _event_sources,
    "schedules and rules": _rules,
    "API": _apis,
    "roles": _roles,
    "log groups": _log_groups,
    "tables": _tables,
    "queues": _queues,
    "topics": _topics,
    "buckets": _buckets,
    "keys": _keys,
    "alarms": _alarms,
}
