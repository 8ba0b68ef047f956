"""The object catalogue: every type of the definition language, its fields, and typed reading of objects.

One frozen class per type; its annotations are the catalogue. Validation, the reference pages, forms and the executors'
typed access all come from it.
"""

from collections.abc import Mapping
from functools import cache

from chalicelib.domain.definition.catalog import (
    actions,
    activities,
    databases,
    dataformats,
    datanodes,
    inference,
    jobs,
    preconditions,
    resources,
    timing,
    triggers,
    utilities,
    video,
)
from chalicelib.domain.definition.catalog.component import Component, ObjectType, slots
from chalicelib.domain.definition.catalog.slot import Category, Group, Kind, Slot

__all__ = ["TYPES", "Category", "Component", "Group", "Kind", "ObjectType", "Slot", "is_a", "object_type"]

_CLASSES: Mapping[Category, tuple[type[Component], ...]] = {
    Category.ACTIVITY: (
        jobs.AthenaQueryActivity,
        activities.CopyActivity,
        activities.EmrActivity,
        jobs.GlueJobActivity,
        activities.HadoopActivity,
        activities.HiveActivity,
        activities.HiveCopyActivity,
        inference.InferenceActivity,
        jobs.LambdaActivity,
        activities.PigActivity,
        activities.RedshiftCopyActivity,
        activities.ShellCommandActivity,
        activities.SqlActivity,
    ),
    Category.DATANODE: (
        datanodes.DynamoDBDataNode,
        datanodes.EventBatchDataNode,
        datanodes.IotTopicDataNode,
        datanodes.KinesisDataNode,
        datanodes.MySqlDataNode,
        datanodes.RedshiftDataNode,
        datanodes.S3DataNode,
        datanodes.SnsTopicDataNode,
        datanodes.SqlDataNode,
        video.VideoDataNode,
    ),
    Category.PRECONDITION: (
        preconditions.DynamoDBDataExists,
        preconditions.DynamoDBTableExists,
        preconditions.Exists,
        preconditions.S3KeyExists,
        preconditions.S3PrefixNotEmpty,
        preconditions.ShellCommandPrecondition,
    ),
    Category.DATABASE: (databases.JdbcDatabase, databases.RdsDatabase, databases.RedshiftDatabase),
    Category.DATAFORMAT: (
        dataformats.CSV,
        dataformats.Custom,
        dataformats.DynamoDBDataFormat,
        dataformats.DynamoDBExportDataFormat,
        dataformats.RegEx,
        dataformats.TSV,
    ),
    Category.RESOURCE: (resources.Ec2Resource, resources.EmrCluster, resources.HttpProxy),
    Category.ACTION: (actions.SnsAlarm, actions.Terminate),
    Category.SCHEDULE: (timing.Schedule,),
    Category.UTILITY: (
        utilities.EbsBlockDeviceConfig,
        utilities.EbsConfiguration,
        utilities.EmrConfiguration,
        utilities.Property,
        utilities.ShellScriptConfig,
        utilities.VolumeSpecification,
    ),
    Category.TRIGGER: (
        triggers.HttpTrigger,
        triggers.IotRuleTrigger,
        triggers.S3EventTrigger,
        triggers.VideoTrigger,
    ),
}
_PLACES: Mapping[str, tuple[Category, type[Component]]] = {
    owner.__name__: (category, owner) for category, owners in _CLASSES.items() for owner in owners
}
_REPLACED_BY = {"MySqlDataNode": "SqlDataNode"}

TYPES = tuple(_PLACES)
"""Names of every object type, by category."""


@cache
def _entry(name: str) -> ObjectType:
    category, owner = _PLACES[name]
    says = (owner.__doc__ or "").splitlines()[0]
    return ObjectType(name, category, owner, slots(owner), says, _REPLACED_BY.get(name))


def object_type(name: str) -> ObjectType | None:
    """The catalogue's entry of this name, exactly spelled; None when there is none."""
    return _entry(name) if name in _PLACES else None


def is_a(name: str, target: str) -> bool:
    """Whether the type `name` is what a reference target (a type, `@category` or `*`) asks for."""
    if target in ("*", name):
        return True
    return target[0] == "@" and name in _PLACES and _PLACES[name][0].value == target[1:]
