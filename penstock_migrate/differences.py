"""What of a definition belongs to the account or region it ran in, and what the two services do differently. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from enum import Enum

from chalicelib.domain.definition.limits import SERVICE, Limits
from chalicelib.domain.definition.model import Field, PipelineObject, Value
from chalicelib.domain.errors import InvalidRequest
from chalicelib.domain.hadoop import is_release
from chalicelib.domain.run.source import Source
from penstock_migrate.origin import Origin
from penstock_migrate.verdict import ignored_fields


class About(Enum):
    """What a note is about."""

    ROLE = "role"
    REGION = "region"
    IMAGE = "image"
    INSTANCE_TYPE = "instance type"
    NETWORK = "network"
    WORKER_GROUP = "worker group"
    DATABASE = "database"
    FIELD = "field"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Note:
    """Something to look at before the pipeline runs here."""

    about: About
    subject: str
    text: str


_OLD = re.compile(r"(t1|m1|m2|m3|c1|c3|cc2|cr1|cg1|g2|hi1|hs1|i2|r3)\.")
_TYPES = ("instanceType", "masterInstanceType", "coreInstanceType", "taskInstanceType")
_NETWORK = (
    "subnetId",
    "securityGroupIds",
    "securityGroups",
    "keyPair",
    "keypair",
    "availabilityZone",
    "emrManagedMasterSecurityGroupId",
    "emrManagedSlaveSecurityGroupId",
    "serviceAccessSecurityGroupId",
)
_MACHINES = ("Ec2Resource", "EmrCluster")
_REGIONAL = (*_MACHINES, "RdsDatabase", "RedshiftDatabase", "DynamoDBDataNode")
_ADDRESS = re.compile(r"jdbc:(postgresql|mysql|mariadb|oracle:thin|sqlserver|redshift)\b|#\{")


def notes(origin: Origin, limits: Limits, source_region: str, target_region: str) -> Iterator[Note]:
    """Everything about one pipeline."""
    source = Source(origin.definition, limits)
    yield from _roles(source)
    for item in source.objects.values():
        yield from _of_object(_evaluated(source, item), source_region, target_region)
    yield from _groups(origin)
    for owner, key, why in ignored_fields(origin.definition, limits):
        yield Note(About.FIELD, owner, f"'{key}' is accepted and ignored. {why}")
    if origin.draft is not None:
        text = "the latest version was saved and never activated: it is put here once the active one runs"
        yield Note(About.DRAFT, origin.id, text)


def changed_limits(limits: Limits) -> Iterator[tuple[str, str, str]]:
    """Limits that differ: name, value at AWS Data Pipeline, value here."""
    for each in fields(Limits):
        theirs, ours = getattr(SERVICE, each.name), getattr(limits, each.name)
        if theirs != ours:
            yield each.name, str(theirs), str(ours)


def _evaluated(source: Source, item: PipelineObject) -> PipelineObject:
    """The object with parameters in place of the expressions that name them."""
    return replace(item, fields=tuple(replace(each, value=_value(source, item, each)) for each in item.fields))


def _value(source: Source, item: PipelineObject, each: Field) -> Value:
    if not isinstance(each.value, str) or "#{" not in each.value or each.key.startswith("*"):
        return each.value
    try:
        return source.text(item, each.key) or each.value
    except InvalidRequest:
        return each.value


def _roles(source: Source) -> Iterator[Note]:
    wanted = {
        "role": "must exist in the account of Penstock, and Penstock's functions must be allowed to assume it",
        "resourceRole": "must exist as an instance profile in the account of Penstock",
    }
    for key, text in wanted.items():
        found = (_evaluated(source, item).text(key) for item in source.objects.values())
        for role in sorted({value for value in found if value}):
            yield Note(About.ROLE, role, text)


def _of_object(item: PipelineObject, source_region: str, target_region: str) -> Iterator[Note]:
    if item.type in _REGIONAL:
        yield from _regions(item, source_region, target_region)
    if item.type in _MACHINES:
        yield from _machine(item)
    address = item.text("connectionString")
    if address and _ADDRESS.match(address) is None:
        kinds = "PostgreSQL, MySQL, MariaDB, Oracle and SQL Server"
        yield Note(About.DATABASE, item.id, f"no Java driver is loaded: {kinds} can be reached, {address[:40]!r} not")


def _regions(item: PipelineObject, source_region: str, target_region: str) -> Iterator[Note]:
    named = item.text("region")
    if named and named != target_region:
        yield Note(About.REGION, item.id, f"works in {named}; Penstock is in {target_region}")
    elif not named and source_region != target_region:
        text = f"names no region: it worked in {source_region} and will work in {target_region}; name one"
        yield Note(About.REGION, item.id, text)


def _machine(item: PipelineObject) -> Iterator[Note]:
    if item.text("imageId"):
        text = f"{item.text('imageId')} belongs to one region and needs cloud-init and Python 3.11 or a package of it"
        yield Note(About.IMAGE, item.id, text)
    if item.type == "EmrCluster" and not is_release(item):
        text = "names an image before release 4, which EMR may not launch any more: name a releaseLabel"
        yield Note(About.IMAGE, item.id, text)
    for key in _TYPES:
        kind = item.text(key)
        if kind and _OLD.match(kind):
            text = f"'{key}' {kind} is of a previous generation: see whether the region still has it"
            yield Note(About.INSTANCE_TYPE, item.id, text)
    if item.type == "Ec2Resource" and not item.text("instanceType"):
        yield Note(About.INSTANCE_TYPE, item.id, "no 'instanceType': t3.small here, m1.small or t2.small there")
    network = [key for key in _NETWORK if item.texts(key)]
    if network:
        yield Note(About.NETWORK, item.id, f"{', '.join(network)} must exist where it is launched")


def _groups(origin: Origin) -> Iterator[Note]:
    plan = origin.verdict.plan
    components = (*plan.components.values(), *plan.guards.values()) if plan is not None else ()
    for group in sorted({item.worker_group for item in components if item.worker_group}):
        text = "start a Task Runner for it against Penstock: --workerGroup=… --endpoint=<Penstock's address>"
        yield Note(About.WORKER_GROUP, group, text)
