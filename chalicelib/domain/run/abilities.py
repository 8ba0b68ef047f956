"""Which types can be performed where. Tests hold it against the executors themselves, which it must not import."""

from chalicelib.domain.run.effects import Placement

FUNCTION = frozenset(
    {
        "CopyActivity",
        "EmrActivity",
        "HiveCopyActivity",
        "InferenceActivity",
        "LambdaActivity",
        "GlueJobActivity",
        "AthenaQueryActivity",
        "RedshiftCopyActivity",
        "SqlActivity",
        "S3KeyExists",
        "S3PrefixNotEmpty",
        "DynamoDBTableExists",
        "DynamoDBDataExists",
        "Exists",
    }
)
MACHINE = FUNCTION | {
    "ShellCommandActivity",
    "ShellCommandPrecondition",
    "HadoopActivity",
    "HiveActivity",
    "PigActivity",
}
CLUSTER = frozenset(
    {
        "EmrActivity",
        "HadoopActivity",
        "HiveActivity",
        "PigActivity",
        "HiveCopyActivity",
        "ShellCommandActivity",
        "ShellCommandPrecondition",
        "Exists",
    }
)


def can_run(type_name: str, placement: Placement | None, *, on_cluster: bool = False) -> bool:
    """Whether there is an executor for the type where it is placed."""
    if on_cluster:
        return type_name in CLUSTER
    return type_name in (FUNCTION if placement is Placement.SERVERLESS else MACHINE)
