"""Type names to executors. What is not here cannot run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.run.task import Task
from chalicelib.work.clusters.activities import emr_steps, hadoop_steps
from chalicelib.work.clusters.emr import as_condition, on_cluster
from chalicelib.work.clusters.hive import hive_steps
from chalicelib.work.clusters.hive_copy import hive_copy_beside
from chalicelib.work.clusters.host_steps import on_host, unless_native
from chalicelib.work.clusters.pig import pig_steps
from chalicelib.work.clusters.shell import shell_steps
from chalicelib.work.clusters.task import cluster_of
from chalicelib.work.commands.shell import shell_command, shell_precondition
from chalicelib.work.copies.activity import copy_activity, copy_part, finish_copy
from chalicelib.work.inference.activity import finish_inference, infer, infer_chunk
from chalicelib.work.inference.transform import is_transform, transform
from chalicelib.work.jobs import athena_query, call_function, glue_job, run_job
from chalicelib.work.outcome import Failed, Finished, Outcome
from chalicelib.work.preconditions import (
    data_exists,
    s3_key_exists,
    s3_prefix_not_empty,
    table_exists,
    table_has_items,
)
from chalicelib.work.redshift.copy import redshift_copy
from chalicelib.work.sql.activity import sql_activity
from chalicelib.work.sql.staging import beside_sql
from chalicelib.work.tables.hive_copy import finish_hive_copy, hive_copy, hive_copy_chunk
from chalicelib.work.tables.steps import finish_table_step, table_step_chunk, table_steps
from chalicelib.work.tools import Tools

Executor = Callable[[Task, Tools], Outcome]


@dataclass(frozen=True, slots=True)
class ChunkExecutor:
    """Does one chunk, and at the end what is left to do when all are done.

    finish   given the fields of all chunks in order, and as the task's checkpoint that of the cut; may happen twice
    """

    act: Callable[[Task, str, Tools], Outcome]
    finish: Callable[[Task, Sequence[tuple[tuple[str, str], ...]], Tools], Finished | Failed]


SERVERLESS: Mapping[str, Executor] = {
    "CopyActivity": copy_activity,
    "EmrActivity": table_steps,
    "HiveCopyActivity": hive_copy,
    "InferenceActivity": lambda task, tools: transform(task, tools) if is_transform(task) else infer(task, tools),
    "LambdaActivity": call_function,
    "GlueJobActivity": run_job(glue_job),
    "AthenaQueryActivity": run_job(athena_query),
    "RedshiftCopyActivity": redshift_copy,
    "SqlActivity": sql_activity,
    "S3KeyExists": s3_key_exists,
    "S3PrefixNotEmpty": s3_prefix_not_empty,
    "DynamoDBTableExists": table_exists,
    "DynamoDBDataExists": table_has_items,
    "Exists": data_exists,
}
"""What a function can run."""

EVERYWHERE: Mapping[str, Executor] = {
    **SERVERLESS,
    "ShellCommandActivity": shell_command,
    "ShellCommandPrecondition": shell_precondition,
    "EmrActivity": unless_native(table_steps, on_host(emr_steps)),
    "HadoopActivity": on_host(hadoop_steps),
    "HiveActivity": beside_sql(hive_steps, on_host),
    "PigActivity": beside_sql(pig_steps, on_host),
    "HiveCopyActivity": unless_native(hive_copy, hive_copy_beside(on_host)),
}
"""What a machine can run, too; Hadoop's activities where its programs are installed."""

ON_CLUSTER: Mapping[str, Executor] = {
    "EmrActivity": on_cluster(emr_steps),
    "HadoopActivity": on_cluster(hadoop_steps),
    "HiveActivity": beside_sql(hive_steps, on_cluster),
    "PigActivity": beside_sql(pig_steps, on_cluster),
    "HiveCopyActivity": hive_copy_beside(on_cluster),
    "ShellCommandActivity": on_cluster(shell_steps),
    "ShellCommandPrecondition": as_condition(on_cluster(shell_steps)),
    "Exists": data_exists,
}
"""What a function submits to the cluster of a task that has one."""


def executors_of(task: Task) -> Mapping[str, Executor]:
    """The executors for a task that is performed in a function."""
    return SERVERLESS if cluster_of(task) is None else ON_CLUSTER


CHUNKS: Mapping[str, ChunkExecutor] = {
    "CopyActivity": ChunkExecutor(copy_part, finish_copy),
    "EmrActivity": ChunkExecutor(table_step_chunk, finish_table_step),
    "HiveCopyActivity": ChunkExecutor(hive_copy_chunk, finish_hive_copy),
    "InferenceActivity": ChunkExecutor(infer_chunk, finish_inference),
}
"""Who does the chunks of what is FannedOut."""
