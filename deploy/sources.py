"""Event-source options that Chalice's decorators do not have: failures are answered by message, not by batch.

Without them a batch of which one message fails comes back whole, and what succeeded is done again.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from deploy.changes import ABSENT, Change, differences
from deploy.site import Site

OPTIONS: Mapping[str, Any] = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
"""What every event source for a queue is given."""


def changes(site: Site, functions: Sequence[str]) -> Sequence[Change]:
    """What differs of the event sources of `functions` of app.py."""
    found = _mappings(site, functions)
    absent = [name for name in functions if name not in found]
    return [
        *(Change(f"event source of {site.function(name)}", ABSENT, "a new event source") for name in absent),
        *(
            change
            for name, item in found.items()
            for change in differences(f"event source of {site.function(name)}", _present(item), OPTIONS)
        ),
    ]


def apply(site: Site, functions: Sequence[str]) -> Sequence[str]:
    """Set what differs; return the functions whose event sources were changed."""
    changed = {name: item for name, item in _mappings(site, functions).items() if _present(item) != OPTIONS}
    for item in changed.values():
        site.client("lambda").update_event_source_mapping(UUID=item["UUID"], **OPTIONS)
    return [site.function(name) for name in changed]


def _mappings(site: Site, functions: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    ours = {site.function_arn(name): name for name in functions}
    pages = site.client("lambda").get_paginator("list_event_source_mappings").paginate()
    listed = (item for page in pages for item in page["EventSourceMappings"])
    return {ours[item["FunctionArn"]]: item for item in listed if item["FunctionArn"] in ours}


def _present(item: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: item.get(key) or [] for key in OPTIONS}
