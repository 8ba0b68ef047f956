"""The page that says of every field of every type of the service what becomes of it; see docs/generate.py.

What runs is found in the code (docs/readers.py); what does not run needs a reason here, or the page cannot be made.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from chalicelib.domain.definition.catalog import Category, Slot, object_type
from docs.readers import READERS, is_read


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

_INTRO = """What becomes of every field that the service documents, and of our own on its types:

- **runs**: code that works for the type reads the field by name; a test looks for it;
- **ignored**: accepted, without effect;
- **refused**: validation or the attempt fails and says so;
- **shown**: the service writes it when there is something to write;
- **not shown**: never written for this type;
- a dot: the type has no such field.

The reasons stand below each table.
"""
_SHORT = {Fate.IGNORED: "ignored"}


def fate(type_name: str, slot: Slot) -> tuple[Fate, str]:
    """What becomes of a field, and why where it does not run. Raises LookupError when nobody reads or explains it."""
    if slot.facts.forbidden:
        return Fate.REFUSED, slot.facts.says
    read = is_read(type_name, slot.name)
    for reason in reasons(type_name, slot.name):
        if not read or reason.namesake or reason.fate is Fate.REFUSED:
            return reason.fate, reason.why
    if not read:
        raise LookupError(f"{type_name}.{slot.name}: nothing reads it, and docs/coverage.py does not say why")
    return (Fate.RUNS if slot.settable else Fate.SHOWN), ""


def reasons(type_name: str, field: str) -> Iterator[Reason]:
    """What is said of a field."""
    return (each for each in REASONS if field in each.fields and (type_name in each.types or each.types == _ANY))


def coverage_page(made: str, titles: Mapping[Category, str]) -> str:
    """The page; `made` says that it is generated."""
    lines = ["# Fields, and what becomes of them", "", made, _INTRO]
    for category, title in titles.items():
        names = [name for name in READERS if _slots(name) and _category(name) is category]
        if names:
            lines += [f"## {title}", "", *_tables(names)]
    return "\n".join(lines)


def _category(name: str) -> Category | None:
    known = object_type(name)
    return known.category if known else None


def _slots(name: str) -> Mapping[str, Slot]:
    known = object_type(name)
    return known.slots if known else {}


def _tables(names: Sequence[str]) -> Iterator[str]:
    fields = sorted({field for name in names for field in _slots(name)}, key=_order)
    yield f"| field | {' | '.join(names)} |"
    yield "|---" * (len(names) + 1) + "|"
    whys: dict[tuple[str, str], list[str]] = {}
    for field in fields:
        cells = []
        for name in names:
            cells.append(_cell(name, field, whys))
        yield f"| `{field}` | {' | '.join(cells)} |"
    yield ""
    for (field, why), owners in whys.items():
        everywhere = "" if len(owners) == len(names) else f" of {', '.join(owners)}"
        yield f"- `{field}`{everywhere}: {why}"
    if whys:
        yield ""


def _order(field: str) -> tuple[bool, str, str]:
    return field.startswith("@"), field.lower(), field


def _cell(name: str, field: str, whys: dict[tuple[str, str], list[str]]) -> str:
    slot = _slots(name).get(field)
    if slot is None:
        return "·"
    found, why = fate(name, slot)
    if why:
        whys.setdefault((field, why), []).append(name)
    return _SHORT.get(found, found.value)
