"""CloudFormation stacks brought to what a template says, whatever state an earlier try left them in."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from deploy.embedded import told
from deploy.site import Site
from deploy.template import INLINE_BYTES, minified, parse

Parameters = Mapping[str, str]
CAPABILITIES = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_USELESS = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS"})
_STUCK = "UPDATE_ROLLBACK_FAILED"
_WAITS = {
    "CREATE": "stack_create_complete",
    "ROLLBACK": "stack_create_complete",  # which a creation that is taken back ends too, as a failure
    "UPDATE": "stack_update_complete",
    "UPDATE_ROLLBACK": "stack_rollback_complete",
    "DELETE": "stack_delete_complete",
}
_FAILED = ("CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED")


class StackFailed(Exception):
    """A stack did not become what it should; `reasons` are CloudFormation's, first failure first."""

    def __init__(self, name: str, status: str, reasons: tuple[str, ...]) -> None:
        super().__init__(f"stack {name} is {status}" + "".join(f"\n  {reason}" for reason in reasons))
        self.reasons = reasons


class Outcome(Enum):
    """What was done to a stack."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DELETED = "deleted"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Present:
    """A stack as it is."""

    name: str
    status: str
    template: Mapping[str, Any]
    parameters: Parameters
    outputs: Mapping[str, str]


_NOTHING = Present("", "", {}, {}, {})


def find(site: Site, name: str) -> Present | None:
    """The stack, or None."""
    stack = _described(site, name)
    if stack is None or stack["StackStatus"] == "DELETE_COMPLETE":
        return None
    body = site.client("cloudformation").get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
    return Present(
        name,
        stack["StackStatus"],
        parse(body) if isinstance(body, str) else body,
        {item["ParameterKey"]: told(site, item["ParameterValue"]) for item in stack.get("Parameters", ())},
        {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", ())},
    )


def standing(site: Site, name: str) -> Present | None:
    """The stack that `bring` would update; None also for one that it would delete first."""
    present = find(site, name)
    return None if present is not None and present.status in _USELESS else present


def bring(site: Site, name: str, template: Mapping[str, Any], parameters: Parameters) -> Outcome:
    """Create the stack or update it; leave it alone when it has this template and these parameters.

    A stack that never became usable is deleted first: CloudFormation updates no such stack. Raises StackFailed, also
    for a stack that could not be taken back to what it was, which only its owner can mend.
    """
    present = _settled(site, name)
    if present is not None and present.status == _STUCK:
        raise StackFailed(name, present.status, _reasons(site, name))
    if present is not None and present.status in _USELESS:
        delete(site, name)
        present = None
    if present is None:
        return _start(site, name, "create", template, parameters)
    if unchanged(present, template, parameters):
        return Outcome.UNCHANGED
    return _start(site, name, "update", template, parameters)


def unchanged(present: Present, template: Mapping[str, Any], parameters: Parameters) -> bool:
    """Whether the stack stands as the template and the parameters say."""
    same = minified(present.template) == minified(template)
    return same and all(present.parameters.get(key) == value for key, value in parameters.items())


def delete(site: Site, name: str) -> Outcome:
    """Delete the stack, if there is one, and wait for it. Raises StackFailed."""
    if _settled(site, name) is None:
        return Outcome.ABSENT
    site.client("cloudformation").delete_stack(StackName=name)
    _wait(site, name, "DELETE")
    return Outcome.DELETED


def resources(site: Site, name: str) -> Mapping[str, tuple[str, str]]:
    """Type and id of the stack's resources by logical name; empty without a stack."""
    if _described(site, name) is None:
        return {}
    pages = site.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=name)
    found = [item for page in pages for item in page["StackResourceSummaries"]]
    return {
        item["LogicalResourceId"]: (item["ResourceType"], item.get("PhysicalResourceId", ""))
        for item in found
        if item["ResourceStatus"] != "DELETE_COMPLETE"
    }


def unreached_lines(unreached: Mapping[str, tuple[str, ...]]) -> str:
    """What a CloudFormation could not make, as lines that follow a line."""
    return "".join(f"\n  not made here: {kind} ({', '.join(names)})" for kind, names in unreached.items())


def _start(site: Site, name: str, verb: str, template: Mapping[str, Any], parameters: Parameters) -> Outcome:
    act = getattr(site.client("cloudformation"), f"{verb}_stack")
    before = (find(site, name) or _NOTHING).parameters  # what somebody set by hand stays
    kept = {key: before[key] for key in template.get("Parameters", {}) if key in before}
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in {**kept, **parameters}.items()]
    source = _source(site, name, minified(template))
    # What a failed try has made anew goes with it, tables too: kept, they would be in the way of the next.
    anew = {"RetainExceptOnCreate": True}
    try:
        act(StackName=name, Parameters=given, Capabilities=CAPABILITIES, **anew, **source)
    except ClientError as error:
        if "No updates are to be performed" in str(error):
            return Outcome.UNCHANGED
        raise
    _wait(site, name, verb.upper())
    return Outcome.CREATED if verb == "create" else Outcome.UPDATED


def _source(site: Site, name: str, text: str) -> dict[str, str]:
    if len(text.encode()) <= INLINE_BYTES:
        return {"TemplateBody": text}
    key = f"templates/{name}.json"
    site.client("s3").put_object(Bucket=site.code_bucket, Key=key, Body=text.encode())
    suffix = "amazonaws.com.cn" if site.partition == "aws-cn" else "amazonaws.com"
    return {"TemplateURL": f"https://{site.code_bucket}.s3.{site.region}.{suffix}/{key}"}


def _settled(site: Site, name: str) -> Present | None:
    """The stack once nothing is under way on it: an earlier try, killed since, may have left that behind.

    However that ends is no failure of this try: the status says what there is to go on from.
    """
    present = find(site, name)
    if present is None or not present.status.endswith("_IN_PROGRESS") or present.status in _USELESS:
        return present
    what = "UPDATE_ROLLBACK" if present.status.startswith("UPDATE_ROLLBACK") else present.status.partition("_")[0]
    with suppress(StackFailed):
        _wait(site, name, what)
    return find(site, name)


def _wait(site: Site, name: str, what: str) -> None:
    waiter = site.client("cloudformation").get_waiter(_WAITS[what])
    try:
        waiter.wait(StackName=name, WaiterConfig={"Delay": 1 if site.embedded else 10, "MaxAttempts": 360})
    except WaiterError as error:
        stack = _described(site, name)
        status = "gone" if stack is None else stack["StackStatus"]
        raise StackFailed(name, status, _reasons(site, name)) from error


def _described(site: Site, name: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = site.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return found


def _reasons(site: Site, name: str) -> tuple[str, ...]:
    try:
        events = site.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    except ClientError:
        return ()
    failed = [item for item in events if item.get("ResourceStatus") in _FAILED]
    return tuple(
        f"{item['LogicalResourceId']} ({item['ResourceType']}): {item.get('ResourceStatusReason', 'no reason given')}"
        for item in reversed(failed)
    )
