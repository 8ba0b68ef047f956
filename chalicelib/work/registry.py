"""Type names to executors. What is not here cannot run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.run.task import Task
from chalicelib.work.copy import copy_chunk, finish_chunks
from chalicelib.work.copy_activity import copy_activity
from chalicelib.work.outcome import Finished, Outcome
from chalicelib.work.preconditions import (
    data_exists,
    s3_key_exists,
    s3_prefix_not_empty,
    table_exists,
    table_has_items,
)
from chalicelib.work.shell import shell_command, shell_precondition
from chalicelib.work.sql_script import run_script
from chalicelib.work.tools import Tools

Executor = Callable[[Task, Tools], Outcome]


@dataclass(frozen=True, slots=True)
class ChunkExecutor:
    """Does one chunk, and makes the task's outcome of the fields of all."""

    act: Callable[[Task, str, Tools], Outcome]
    finish: Callable[[Sequence[tuple[tuple[str, str], ...]]], Finished]


SERVERLESS: Mapping[str, Executor] = {
    "CopyActivity": copy_activity,
    "SqlActivity": run_script,
    "S3KeyExists": s3_key_exists,
    "S3PrefixNotEmpty": s3_prefix_not_empty,
    "DynamoDBTableExists": table_exists,
    "DynamoDBDataExists": table_has_items,
}
"""What a function can run."""

EVERYWHERE: Mapping[str, Executor] = {
    **SERVERLESS,
    "Exists": data_exists,
    "ShellCommandActivity": shell_command,
    "ShellCommandPrecondition": shell_precondition,
}
"""What a machine can run, too."""

CHUNKS: Mapping[str, ChunkExecutor] = {"CopyActivity": ChunkExecutor(copy_chunk, finish_chunks)}
"""Who does the chunks of what is FannedOut."""
