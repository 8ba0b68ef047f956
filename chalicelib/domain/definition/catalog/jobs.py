"""Extension: activities whose work another service does.

Source: Lambda, Glue, Athena and SageMaker API references
"""

from typing import Annotated, Literal

from chalicelib.domain.definition.catalog.activities import Activity
from chalicelib.domain.definition.catalog.slot import Facts, Group, catalogued
from chalicelib.domain.values import Ref


@catalogued
class JobActivity(Activity):
    """What they share."""

    placement: Annotated[
        Literal["serverless", "resource"],
        Facts(
            "It needs no resource; `resource` insists on the one in `runsOn`.", one_of="runner", group=Group.OPTIONAL
        ),
    ] = "serverless"
    region: Annotated[str | None, Facts("Region of the service.", listed=())] = None


@catalogued
class LambdaActivity(JobActivity):
    """Calls a Lambda function."""

    function: Annotated[str, Facts("Name or ARN of the function, a version or alias behind a colon if need be.")]
    payload: Annotated[str | None, Facts("JSON that the function is given; `{}` when none is.")] = None
    wait: Annotated[bool, Facts("Whether the function's own end is the activity's; else that it was handed over.")] = (
        True
    )
    output: Annotated[
        tuple[Ref, ...], Facts("File that the answer is written to.", to=("S3DataNode",), most_values=1)
    ] = ()


@catalogued
class GlueJobActivity(JobActivity):
    """Runs a Glue job."""

    job_name: Annotated[str, Facts("Name of the job.")]
    argument: Annotated[tuple[str, ...], Facts("Arguments over the job's own, `--name=value` each.")] = ()
    worker_type: Annotated[
        str | None, Facts("Type of the workers, as in `G.1X`; the job's own when none is given.")
    ] = None
    workers: Annotated[int | None, Facts("Number of workers.", least=1)] = None


@catalogued
class AthenaQueryActivity(JobActivity):
    """Runs an SQL statement in Athena."""

    script: Annotated[str, Facts("The statement.")]
    database: Annotated[str | None, Facts("Database of the catalogue that names without one are of.")] = None
    catalog: Annotated[str | None, Facts("Data catalogue; the account's own when none is given.")] = None
    work_group: Annotated[str | None, Facts("Workgroup that runs it.")] = None
    output: Annotated[
        tuple[Ref, ...],
        Facts("Folder of the result; the workgroup's when there is none.", to=("S3DataNode",), most_values=1),
    ] = ()
