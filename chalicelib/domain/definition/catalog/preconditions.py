"""Preconditions: what must hold before an activity or a data node proceeds.

Source: developer guide, "Preconditions", and the page of each type.
"""

from typing import Annotated

from chalicelib.domain.definition.catalog.component import RUNNING, Runnable
from chalicelib.domain.definition.catalog.slot import Facts, Group, catalogued
from chalicelib.domain.schedule.period import Period
from chalicelib.domain.values import Ref


@catalogued
class Precondition(Runnable):
    """What every precondition has."""

    precondition_timeout: Annotated[Period | None, Facts("Time from its start until it fails for good.")] = None
    node: Annotated[Ref | None, Facts("The object that waits for it.", group=Group.RUNTIME, to=RUNNING)] = None


@catalogued
class SystemPrecondition(Precondition):
    """What the preconditions share that need no resource."""

    role: Annotated[str, Facts("Role under which it is checked.")]
    current_retry_count: Annotated[str | None, Facts("Checks so far in this attempt.", group=Group.RUNTIME)] = None
    last_retry_time: Annotated[str | None, Facts("When it was last checked.", group=Group.RUNTIME)] = None


@catalogued
class DynamoDBDataExists(SystemPrecondition):
    """Holds when a DynamoDB table has data."""

    table_name: Annotated[str, Facts("Name of the table.")]


@catalogued
class DynamoDBTableExists(SystemPrecondition):
    """Holds when a DynamoDB table exists."""

    table_name: Annotated[str, Facts("Name of the table.")]


@catalogued
class S3KeyExists(SystemPrecondition):
    """Holds when an S3 object exists."""

    s3_key: Annotated[str, Facts("Address of the object, 's3://bucket/key'.")]


@catalogued
class S3PrefixNotEmpty(SystemPrecondition):
    """Holds when at least one S3 object has the prefix."""

    s3_prefix: Annotated[str, Facts("Prefix, 's3://bucket/prefix'.")]


@catalogued
class Exists(Precondition):
    """Holds when the data of the node that refers to it exists."""


@catalogued
class ShellCommandPrecondition(Precondition):
    """Holds when a command ends with status 0."""

    command: Annotated[str | None, Facts("The command.", one_of="command", excludes=("scriptUri",))] = None
    script_uri: Annotated[str | None, Facts("S3 address of the script.", one_of="command", excludes=("command",))] = (
        None
    )
    script_argument: Annotated[tuple[str, ...], Facts("Arguments of the command or script, in order.")] = ()
    stdout: Annotated[str | None, Facts("Where standard output goes.")] = None
    stderr: Annotated[str | None, Facts("Where standard error goes.")] = None
