"""Fields that are accepted and not acted on, and why. The page about every field, docs/coverage.py, is made from it.

That every other field is acted on is checked against the code when that page is made.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum


class Fate(Enum):
    """What becomes of a field that somebody gives, or that the service is to write."""

    RUNS = "runs"
    IGNORED = "accepted and ignored"
    REFUSED = "refused"
    SHOWN = "shown"
    NEVER = "not shown"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a field does not run. `namesake`: the type's modules have the name all the same, for something else."""

    types: tuple[str, ...]
    fields: tuple[str, ...]
    fate: Fate
    why: str
    namesake: bool = False


_ANY = ("*",)
REASONS: Sequence[Reason] = (
    Reason(
        _ANY,
        ("attemptStatus",),
        Fate.IGNORED,
        "Workers report it; what an author writes is not looked at, and the attempt shows its own.",
        namesake=True,
    ),
    Reason(
        ("DynamoDBDataNode", "MySqlDataNode", "RedshiftDataNode", "S3DataNode", "SqlDataNode"),
        ("pipelineLogUri",),
        Fate.IGNORED,
        "A data node does no work that could be logged; the activity's own counts.",
        namesake=True,
    ),
    Reason(("JdbcDatabase",), ("jdbcDriverClass",), Fate.IGNORED, "The driver follows from the connection string."),
    Reason(("JdbcDatabase", "RdsDatabase"), ("jdbcDriverJarUri",), Fate.IGNORED, "No Java driver is loaded."),
    Reason(("RedshiftDatabase",), ("jdbcProperties",), Fate.IGNORED, "The Data API makes no JDBC connection."),
    Reason(
        ("Ec2Resource",),
        ("instanceCount", "minInstanceCount"),
        Fate.IGNORED,
        "It is always one machine, as the guide says of the service.",
    ),
    Reason(
        ("Ec2Resource", "EmrCluster"),
        ("retryTimeout",),
        Fate.IGNORED,
        "Named in examples only, without a meaning; `maximumRetries` and `attemptTimeout` bound the attempts.",
    ),
    Reason(("EmrCluster",), ("httpProxy",), Fate.IGNORED, "It is for a Task Runner, and clusters have none."),
    Reason(
        ("EmrCluster",),
        ("EbsBlockDeviceConfig", "VolumeSpecification"),
        Fate.IGNORED,
        "A volume belongs to an EbsConfiguration, where both run; a cluster's own page of the guide lists them, too.",
        namesake=True,
    ),
    Reason(
        ("HttpProxy",),
        ("windowsDomain", "windowsWorkgroup"),
        Fate.REFUSED,
        "NTLM proxies are not supported: the launch fails and says so.",
    ),
    Reason(
        _ANY,
        ("emrStepLog", "hadoopJobLog"),
        Fate.NEVER,
        "Only steps of a cluster have such logs, and this type is no step.",
    ),
)


def reasons(type_name: str, field: str) -> Iterator[Reason]:
    """What is said of a field of a type."""
    return (each for each in REASONS if field in each.fields and (type_name in each.types or each.types == _ANY))
