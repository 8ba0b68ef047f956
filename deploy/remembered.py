"""What Chalice remembers of a deployment, found in the account itself.

Chalice keeps a file, written when a deployment has succeeded. Another machine has no such file, and an interrupted
deployment wrote none: the next would make a second API and fail on event sources that exist. So the file is written
anew from the account before each of Chalice's commands.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from deploy import stacks
from deploy.gateway.naming import API_STAGE
from deploy.site import API_FUNCTION, APP, Site

Resource = dict[str, Any]


def remember(site: Site, project: Path, functions: Sequence[str]) -> Sequence[Resource]:
    """Write Chalice's file for the stage; return what it lists. `functions` of app.py need not be deployed."""
    found = list(_found(site, functions))
    directory = project / ".chalice" / "deployed"
    directory.mkdir(parents=True, exist_ok=True)
    content = {"resources": found, "schema_version": "2.0", "backend": "api"}
    (directory / f"{site.stage}.json").write_text(json.dumps(content, indent=2) + "\n")
    return found


def rest_api(site: Site) -> str | None:
    """Id of the stage's API: its stack's, else the one whose methods call the stage's function.

    APIs that were made before they had the stage in their names have it from the next deployment on.
    """
    packaged = stacks.find(site, site.stack("app"))
    if packaged is not None:
        return packaged.outputs.get("RestAPIId")
    gateway = site.client("apigateway")
    pages = gateway.get_paginator("get_rest_apis").paginate()
    named = [item["id"] for page in pages for item in page["items"] if item["name"] in (site.app, APP)]
    wanted = f"{site.function_arn(API_FUNCTION)}/invocations"
    return next((found for found in named if _calls(gateway, found, wanted)), None)


def deployed_functions(site: Site) -> dict[str, Resource]:
    """Configurations of the stage's functions by their name in app.py, those that app.py no longer has included."""
    pages = site.client("lambda").get_paginator("list_functions").paginate()
    found = {item["FunctionName"]: item for page in pages for item in page["Functions"]}
    prefix = f"{site.app}-"
    named = {name.removeprefix(prefix): item for name, item in found.items() if name.startswith(prefix)}
    return named | ({API_FUNCTION: found[site.app]} if site.app in found else {})


def _found(site: Site, functions: Sequence[str]) -> Iterator[Resource]:
    present = deployed_functions(site)
    queues = _event_sources(site)
    rules = schedules(site)
    for name in dict.fromkeys((*functions, *present)):
        yield from _role(site, name)
        if name not in present:
            continue
        arn = present[name]["FunctionArn"]
        yield {"name": name, "resource_type": "lambda_function", "lambda_arn": arn}
        yield from (_source(name, item) for item in queues if item["FunctionArn"] == arn)
        if schedule(site, name) in rules:
            yield {"name": f"{name}-event", "resource_type": "cloudwatch_event", "rule_name": schedule(site, name)}
    yield from _api(site)


def _role(site: Site, name: str) -> Iterator[Resource]:
    role = f"{site.app}-{name}"
    try:
        found = site.client("iam").get_role(RoleName=role)["Role"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchEntity":
            raise
        return
    yield {"name": f"{name}_role", "resource_type": "iam_role", "role_arn": found["Arn"], "role_name": role}


def _source(name: str, mapping: Resource) -> Resource:
    return {
        "name": f"{name}-sqs-event-source",
        "resource_type": "sqs_event",
        "queue_arn": mapping["EventSourceArn"],
        "event_uuid": mapping["UUID"],
        "queue": mapping["EventSourceArn"].rpartition(":")[2],
        "lambda_arn": mapping["FunctionArn"],
    }


def _event_sources(site: Site) -> Sequence[Resource]:
    pages = site.client("lambda").get_paginator("list_event_source_mappings").paginate()
    return [item for page in pages for item in page["EventSourceMappings"]]


def schedule(site: Site, name: str) -> str:
    """Name of the rule that Chalice gives to a scheduled function."""
    return f"{site.app}-{name}-event"


def schedules(site: Site) -> frozenset[str]:
    """Names of the stage's rules."""
    pages = site.client("events").get_paginator("list_rules").paginate(NamePrefix=f"{site.app}-")
    return frozenset(item["Name"] for page in pages for item in page["Rules"])


def _api(site: Site) -> Iterator[Resource]:
    found = rest_api(site)
    if found is not None:
        url = api_url(site, found)
        yield {"name": "rest_api", "resource_type": "rest_api", "rest_api_id": found, "rest_api_url": f"{url}/"}


def api_url(site: Site, api: str) -> str:
    """Address that API Gateway gives to the stage's API."""
    suffix = "amazonaws.com.cn" if site.partition == "aws-cn" else "amazonaws.com"
    return f"https://{api}.execute-api.{site.region}.{suffix}/{API_STAGE}"


def _calls(gateway: Any, api: str, uri_end: str) -> bool:
    pages = gateway.get_paginator("get_resources").paginate(restApiId=api, embed=["methods"])
    methods = [
        method for page in pages for item in page["items"] for method in item.get("resourceMethods", {}).values()
    ]
    return any(str(method.get("methodIntegration", {}).get("uri", "")).endswith(uri_end) for method in methods)
