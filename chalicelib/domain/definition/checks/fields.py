"""Fields against the slots of their type: known, given, not excluded, and of the right kind."""

from collections.abc import Iterator
from functools import cache

from chalicelib.domain.definition.catalog import Group, Kind, ObjectType, Slot
from chalicelib.domain.definition.catalog.reading import EXPECTED, Typed, one_of, typed
from chalicelib.domain.definition.checks.draft import STEERING, Draft, Place
from chalicelib.domain.definition.checks.finding import Code, Finding, shown
from chalicelib.domain.definition.inherit import is_user_field
from chalicelib.domain.values import Ref

_PLACEMENT = "placement"
_LITERALS = ("startDateTime", "continueFrom")
_LITERAL = "'{}' value must be a literal datetime value. "


def known(draft: Draft) -> Iterator[Finding]:
    """Fields the type does not have, or the author may not write. Inherited ones were dropped before."""
    for place in draft.places:
        if place.own and place.key != "type":
            yield from _known(place, draft.types[place.item])


def _known(place: Place, owner: ObjectType) -> Iterator[Finding]:
    key = shown(place.key)
    if place.slot is None:
        if not is_user_field(place.key):
            sentence = f"{owner.name} has no field {key}{_meant(owner, place.key)} User fields begin with 'my'."
            yield Finding(place.item, Code.UNKNOWN_FIELD, sentence)
    elif not place.slot.settable:
        yield Finding(place.item, Code.READ_ONLY_FIELD, f"{key} is written by the service and cannot be given.")
    elif place.slot.facts.forbidden:
        yield Finding(place.item, Code.CONFLICTING_FIELDS, f"{key} is not allowed on {owner.name}.")


def _meant(owner: ObjectType, key: str) -> str:
    near = _spellings(owner).get(_bare(key))
    return f"; did you mean '{near}'?" if near else "."


@cache
def _spellings(owner: ObjectType) -> dict[str, str]:
    return {_bare(name): name for name, slot in owner.slots.items() if slot.settable}


def _bare(key: str) -> str:
    return key.lower().strip("*@").replace("_", "").replace("-", "")


def given(draft: Draft) -> Iterator[Finding]:
    """Required fields, groups of which one is required, fields that need or exclude others."""
    for item, owner in draft.types.items():
        yield from _required(draft, item, owner)
        yield from _chosen(draft, item, owner)
        yield from _together(draft, item, owner)


def _required(draft: Draft, item: str, owner: ObjectType) -> Iterator[Finding]:
    for slot in owner.slots.values():
        if slot.group is Group.REQUIRED and slot.name not in draft.lineages[item]:
            sentence = f"'{slot.name}' is required on {owner.name}: expected {expectation(slot)}."
            yield Finding(item, Code.MISSING_FIELD, sentence)


def _chosen(draft: Draft, item: str, owner: ObjectType) -> Iterator[Finding]:
    for names in _groups(owner).values():
        present = [name for name in names if name in draft.lineages[item]]
        if not (set(present) - {_PLACEMENT} or _runs_anywhere(draft, item, owner, names)):
            yield Finding(item, Code.MISSING_FIELD, f"One of {one_of(names)} is required on {owner.name}.")


def _runs_anywhere(draft: Draft, item: str, owner: ObjectType, names: tuple[str, ...]) -> bool:
    """Whether the group is of runners and the activity needs none."""
    if _PLACEMENT not in names:
        return False
    return (draft.text(item, _PLACEMENT) or owner.slots[_PLACEMENT].default) == "serverless"


@cache
def _groups(owner: ObjectType) -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for slot in owner.slots.values():
        if slot.facts.one_of:
            groups[slot.facts.one_of] = (*groups.get(slot.facts.one_of, ()), slot.name)
    return groups


def _together(draft: Draft, item: str, owner: ObjectType) -> Iterator[Finding]:
    present = draft.lineages[item]
    for slot in (owner.slots[key] for key in present if key in owner.slots):
        for other in slot.facts.excludes:
            if other in present and slot.name < other:
                yield Finding(item, Code.CONFLICTING_FIELDS, f"'{slot.name}' and '{other}' exclude each other.")
        for other in slot.facts.requires:
            if other not in present:
                yield Finding(item, Code.MISSING_FIELD, f"'{slot.name}' needs '{other}' beside it.")


def kinds(draft: Draft) -> Iterator[Finding]:
    """Values that are not of their slot's kind, words or range; expressions count once parameters decide them."""
    for place in draft.places:
        slot = place.slot
        if slot is None or not slot.settable:
            continue
        if len(place.values) > 1 and not slot.multiple:
            yield _wrong(place, f"'{slot.name}' takes one value, {len(place.values)} were given")
        elif slot.facts.most_values and len(place.values) > draft.limits.step_values:
            sentence = f"'{slot.name}' takes at most {draft.limits.step_values} values, {len(place.values)} were given"
            yield _wrong(place, sentence, Code.LIMIT_EXCEEDED)
        for value in place.values:
            yield from _kind(draft, place, slot, value)


def _kind(draft: Draft, place: Place, slot: Slot, value: Ref | str) -> Iterator[Finding]:
    if isinstance(value, Ref):
        if slot.kind is not Kind.REFERENCE:
            sentence = f"'{slot.name}' expects {expectation(slot)}, {shown(value)} was given"
            yield _wrong(place, sentence, Code.INVALID_REFERENCE)
    elif slot.kind is Kind.REFERENCE:
        sentence = f'\'{slot.name}\' expects a reference, {{"ref": "id"}}; the text {shown(value)} was given'
        yield _wrong(place, sentence, Code.INVALID_REFERENCE)
    elif slot.name in _LITERALS and "#{" in value:
        yield _wrong(place, f"{_LITERAL.format(slot.name)}{shown(value)} was given")
    else:
        for text in _known_texts(draft, place, value):
            yield from _text(place, slot, text)


def _known_texts(draft: Draft, place: Place, value: str) -> tuple[str, ...]:
    """What the text will be: by parameters alone, or for what the engine reads by the whole definition."""
    if place.key not in STEERING or "#{" not in value:
        return draft.settled(value)
    known = draft.text(place.item, place.key)
    return () if known is None else (known,)


def _text(place: Place, slot: Slot, text: str) -> Iterator[Finding]:
    quoted = shown(text, secret=slot.facts.secret)
    try:
        value = typed(slot, text)
    except ValueError as expected:
        literal = _LITERAL.format(slot.name) if slot.name in _LITERALS else ""
        yield _wrong(place, f"{literal}'{slot.name}' expects {expected}, {quoted} was given")
        return
    if not within(slot, value):
        yield _wrong(place, f"'{slot.name}' expects {_range(slot)}, {quoted} was given")


def _wrong(place: Place, sentence: str, code: Code = Code.INVALID_FIELD_VALUE) -> Finding:
    return Finding(place.given.by, code, f"{sentence}.", note=place.inherited)


def expectation(slot: Slot) -> str:
    """What a slot takes, as a phrase."""
    if slot.kind is Kind.ENUMERATION:
        return one_of(slot.choices or slot.facts.listed or ("a word",))
    return EXPECTED[slot.kind]


def within(slot: Slot, value: Typed) -> bool:
    """Whether a value is in its slot's bounds; a text with bounds of a number must be one."""
    facts = slot.facts
    if facts.longest is not None and isinstance(value, str) and len(value) > facts.longest:
        return False
    if (facts.least, facts.most, facts.above, facts.below) == (None, None, None, None) or value in facts.specials:
        return True
    number = _number(value)
    if number is None:
        return False
    floor = (facts.least is None or number >= facts.least) and (facts.above is None or number > facts.above)
    return floor and (facts.most is None or number <= facts.most) and (facts.below is None or number < facts.below)


def _number(value: Typed) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    try:
        return float(str(value))
    except ValueError:
        return None


def _range(slot: Slot) -> str:
    facts = slot.facts
    bounds = [
        (facts.least, "at least {:g}"),
        (facts.above, "more than {:g}"),
        (facts.most, "at most {:g}"),
        (facts.below, "less than {:g}"),
        (facts.longest, "at most {:g} characters"),
    ]
    phrase = " and ".join(text.format(bound) for bound, text in bounds if bound is not None)
    return f"{phrase}, or {one_of(facts.specials)}" if facts.specials else phrase
