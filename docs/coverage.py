"""The page that says of every field of every type of the service what becomes of it; see docs/generate.py.

What runs is found in the code (docs/readers.py); what does not run needs a reason in the domain's coverage, or the page
cannot be made.
"""

from collections.abc import Iterator, Mapping, Sequence

from chalicelib.domain.definition.catalog import Category, Slot, object_type
from chalicelib.domain.definition.coverage import Fate, reasons
from docs.readers import READERS, is_read

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
        raise LookupError(
            f"{type_name}.{slot.name}: nothing reads it, and domain/definition/coverage.py does not say why"
        )
    return (Fate.RUNS if slot.settable else Fate.SHOWN), ""


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
