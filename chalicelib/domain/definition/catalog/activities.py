"""Activities: the work a pipeline does.

Source: developer guide, "Activities", and the page of each type.
"""

from datetime import datetime
from typing import Annotated, Literal

from chalicelib.domain.definition.catalog.component import RESOURCES, RUNNABLE, Scheduled
from chalicelib.domain.definition.catalog.slot import Facts, Group, catalogued
from chalicelib.domain.values import Ref

_EMR = ("EmrCluster",)
_CONFIG = ("ShellScriptConfig",)
_NODES = ("@datanode",)
Placement = Literal["serverless", "resource"]
ExportType = Literal["FULL_EXPORT", "INCREMENTAL_EXPORT"]
_EXPORT = ("exportType",)


@catalogued
class Activity(Scheduled):
    """What every activity has."""

    runs_on: Annotated[Ref | None, Facts("Resource that runs it.", to=RESOURCES, one_of="runner")] = None
    worker_group: Annotated[
        str | None, Facts("Task runners that may take it; ignored beside `runsOn`.", one_of="runner")
    ] = None
    placement: Annotated[
        Placement | None,
        Facts(
            "Penstock's own: `serverless` needs no resource, `resource` insists on the one in `runsOn`.",
            one_of="runner",
            group=Group.OPTIONAL,
        ),
    ] = None
    depends_on: Annotated[tuple[Ref, ...], Facts("Objects that must finish first.", to=RUNNABLE)] = ()
    input: Annotated[tuple[Ref, ...], Facts("Data nodes it reads.", to=_NODES)] = ()
    output: Annotated[tuple[Ref, ...], Facts("Data nodes it writes.", to=_NODES)] = ()
    precondition: Annotated[
        tuple[Ref, ...], Facts("Conditions that must hold before it starts.", to=("@precondition",))
    ] = ()


@catalogued
class CopyActivity(Activity):
    """Copies from one data node to another: S3 to S3, S3 to SQL, SQL to S3."""

    placement: Annotated[
        Placement,
        Facts(
            "Penstock's own: copies need no resource; `resource` insists on the one in `runsOn`.",
            one_of="runner",
            group=Group.OPTIONAL,
        ),
    ] = "serverless"
    input: Annotated[tuple[Ref, ...], Facts("Data node to copy from.", to=_NODES, most_values=1)] = ()
    output: Annotated[tuple[Ref, ...], Facts("Data node to copy to.", to=_NODES, most_values=1)] = ()


@catalogued
class RedshiftCopyActivity(Activity):
    """Loads S3 or DynamoDB data into Redshift, or unloads a Redshift table to S3."""

    placement: Annotated[
        Placement,
        Facts(
            "Penstock's own: loads need no resource; `resource` insists on the one in `runsOn`.",
            one_of="runner",
            group=Group.OPTIONAL,
        ),
    ] = "serverless"
    insert_mode: Annotated[
        Literal["KEEP_EXISTING", "OVERWRITE_EXISTING", "TRUNCATE", "APPEND"],
        Facts("What happens to rows that are there already."),
    ]
    command_options: Annotated[
        tuple[str, ...], Facts("Options of COPY or UNLOAD; ignored when either node has a data format.")
    ] = ()
    queue: Annotated[str | None, Facts("Redshift query group.")] = None
    transform_sql: Annotated[str | None, Facts("SELECT over the table `staging`, applied before the insert.")] = None
    create_table_from: Annotated[
        Ref | None,
        Facts("Penstock's own: table that a missing output table is made after.", to=("SqlDataNode", "MySqlDataNode")),
    ] = None
    column_types: Annotated[
        tuple[str, ...], Facts("Penstock's own: columns of `createTableFrom` with another type, `name TYPE` each.")
    ] = ()


@catalogued
class SqlActivity(Activity):
    """Runs an SQL script on a database."""

    database: Annotated[Ref, Facts("Database the script runs on.", to=("@database",))]
    script: Annotated[str | None, Facts("The SQL.", one_of="script")] = None
    script_uri: Annotated[str | None, Facts("S3 address of the SQL.", one_of="script")] = None
    script_argument: Annotated[tuple[str, ...], Facts("Values for the script's placeholders, in order.")] = ()
    queue: Annotated[str | None, Facts("Query group, for a RedshiftDatabase.")] = None


@catalogued
class ShellCommandActivity(Activity):
    """Runs a command or a script on a resource or a worker."""

    placement: Annotated[
        Literal["resource"] | None,
        Facts("Penstock's own: a command always needs a resource or a worker.", one_of="runner", group=Group.OPTIONAL),
    ] = None
    command: Annotated[str | None, Facts("The command.", one_of="command", excludes=("scriptUri",))] = None
    script_uri: Annotated[str | None, Facts("S3 address of the script.", one_of="command", excludes=("command",))] = (
        None
    )
    script_argument: Annotated[tuple[str, ...], Facts("Arguments of the command or script, in order.")] = ()
    stage: Annotated[bool | None, Facts("Whether S3 inputs and outputs are local directories while it runs.")] = None
    stdout: Annotated[str | None, Facts("Where standard output goes.")] = None
    stderr: Annotated[str | None, Facts("Where standard error goes.")] = None


@catalogued
class EmrActivity(Activity):
    """Runs steps on an EMR cluster."""

    runs_on: Annotated[Ref | None, Facts("Cluster that runs it.", to=_EMR, one_of="runner")] = None
    step: Annotated[
        tuple[str, ...],
        Facts("Steps in order, each `jar,argument,…`; a comma in an argument is `\\\\,`.", most_values=255),
    ] = ()
    export_type: Annotated[
        ExportType | None,
        Facts("Penstock's own: have DynamoDB do the only step, a DynamoDbExport, by a native export."),
    ] = None
    export_from_time: Annotated[
        datetime | None,
        Facts("Penstock's own: first moment of the changes; the interval's start if not given.", requires=_EXPORT),
    ] = None
    export_to_time: Annotated[
        datetime | None,
        Facts("Penstock's own: moment before which changes count; the interval's end if not given.", requires=_EXPORT),
    ] = None
    pre_step_command: Annotated[tuple[str, ...], Facts("Shell commands before the steps.", most_values=255)] = ()
    post_step_command: Annotated[tuple[str, ...], Facts("Shell commands after the steps.", most_values=255)] = ()
    resize_cluster_before_running: Annotated[
        bool | None, Facts("Whether to size the cluster for the DynamoDB tables first.")
    ] = None
    resize_cluster_max_instances: Annotated[int | None, Facts("Most instances a resize may use.", least=1)] = None


@catalogued
class ClusterActivity(Activity):
    """What the activities that run as Hadoop jobs share."""

    runs_on: Annotated[Ref | None, Facts("Cluster that runs it.", to=_EMR, one_of="runner")] = None
    placement: Annotated[
        Literal["resource"] | None,
        Facts(
            "Penstock's own: a Hadoop job always needs a cluster or a worker.", one_of="runner", group=Group.OPTIONAL
        ),
    ] = None
    pre_activity_task_config: Annotated[Ref | None, Facts("Script to run before.", to=_CONFIG)] = None
    post_activity_task_config: Annotated[Ref | None, Facts("Script to run after.", to=_CONFIG)] = None


@catalogued
class HadoopActivity(ClusterActivity):
    """Runs a MapReduce program, in parallel with others when the scheduler allows."""

    jar_uri: Annotated[str, Facts("Program, in S3 or on the cluster.")]
    main_class: Annotated[str | None, Facts("Class to start.")] = None
    argument: Annotated[tuple[str, ...], Facts("Arguments of the program, in order.")] = ()
    hadoop_queue: Annotated[str | None, Facts("Queue of the Hadoop scheduler.")] = None


@catalogued
class HiveActivity(ClusterActivity):
    """Runs a Hive script, its data nodes staged as tables."""

    hive_script: Annotated[str | None, Facts("The script.", one_of="script", excludes=("scriptUri",))] = None
    script_uri: Annotated[str | None, Facts("S3 address of the script.", one_of="script", excludes=("hiveScript",))] = (
        None
    )
    script_variable: Annotated[tuple[str, ...], Facts("Variables of the script, `NAME=value` each.")] = ()
    hadoop_queue: Annotated[str | None, Facts("Queue of the Hadoop scheduler.")] = None
    stage: Annotated[bool | None, Facts("Whether the data nodes are staged as tables.")] = None
    resize_cluster_before_running: Annotated[
        bool | None, Facts("Whether to size the cluster for the DynamoDB tables first.")
    ] = None
    resize_cluster_max_instances: Annotated[int | None, Facts("Most instances a resize may use.", least=1)] = None


@catalogued
class HiveCopyActivity(Activity):
    """Copies between DynamoDB tables and S3, with an optional filter."""

    filter_sql: Annotated[str | None, Facts("Hive predicates that rows must meet, without WHERE.")] = None
    export_type: Annotated[
        ExportType | None,
        Facts("Penstock's own: have DynamoDB export the input table, whole or only its changes, instead of a scan."),
    ] = None
    export_from_time: Annotated[
        datetime | None,
        Facts("Penstock's own: first moment of the changes; the interval's start if not given.", requires=_EXPORT),
    ] = None
    export_to_time: Annotated[
        datetime | None,
        Facts("Penstock's own: moment before which changes count; the interval's end if not given.", requires=_EXPORT),
    ] = None
    export_directory_path: Annotated[
        str | None,
        Facts("Penstock's own: S3 folder for the exports of a copy from table to table.", requires=_EXPORT),
    ] = None
    pre_activity_task_config: Annotated[Ref | None, Facts("Script to run before.", to=_CONFIG)] = None
    post_activity_task_config: Annotated[Ref | None, Facts("Script to run after.", to=_CONFIG)] = None
    resize_cluster_before_running: Annotated[
        bool | None, Facts("Whether to size the cluster for the DynamoDB tables first.")
    ] = None
    resize_cluster_max_instances: Annotated[int | None, Facts("Most instances a resize may use.", least=1)] = None


@catalogued
class PigActivity(ClusterActivity):
    """Runs a Pig script, its data nodes staged as relations."""

    script: Annotated[str | None, Facts("The script.", one_of="script", excludes=("scriptUri",))] = None
    script_uri: Annotated[str | None, Facts("S3 address of the script.", one_of="script", excludes=("script",))] = None
    script_variable: Annotated[tuple[str, ...], Facts("Variables of the script, `name=value` each.")] = ()
    stage: Annotated[bool | None, Facts("Whether the data nodes are staged as relations.")] = None
    generated_scripts_path: Annotated[str | None, Facts("S3 folder where generated scripts are kept.")] = None
    resize_cluster_before_running: Annotated[
        bool | None, Facts("Whether to size the cluster for the DynamoDB tables first.")
    ] = None
    resize_cluster_max_instances: Annotated[int | None, Facts("Most instances a resize may use.", least=1)] = None
