"""Makes source pipelines here: created, tagged, their definition put, not activated. A repetition changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from chalicelib.domain.definition.model import Definition, PipelineObject
from penstock_migrate.account import Account, Described
from penstock_migrate.continuation import Continuation, continued
from penstock_migrate.errors import Refused
from penstock_migrate.origin import Origin
from penstock_migrate.secret_values import Secrets, filled, masked, secret_places

SOURCE_TAG = "penstock:source"
MOST_TAGS = 10
PAUSED = "PENDING"


class Outcome(Enum):
    """What became of one pipeline."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    ACTIVE = "already active here, not touched"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Made:
    """The pipeline here. `remarks`: what is still to be done before it can be activated."""

    source: str
    name: str
    target: str
    outcome: Outcome
    remarks: tuple[str, ...] = ()


def unique_id(region: str, pipeline: str) -> str:
    """What makes a repeated creation find the first one."""
    return f"migrated-{region}-{pipeline}"


def made_before(target: Account) -> Mapping[str, Described]:
    """Pipelines of the target by their unique id."""
    ids = [found for found, _ in target.pipelines()]
    return {each.fields.get("uniqueId", ""): each for each in target.described(ids)}


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where pipelines are made, and from what.

    region  the source's; part of the unique ids
    dry     say what would be done, and do nothing
    renew   put secrets again, which otherwise are taken to be what they were
    """

    target: Account
    secrets: Secrets
    region: str
    dry: bool = False
    renew: bool = False


def recreate(
    origin: Origin, shop: Workshop, existing: Described | None, continuation: Continuation | None = None
) -> Made:
    """Bring the pipeline here to what the source's is.

    existing      the one made before, if there is one
    continuation  where it goes on, once that is known
    """
    name = origin.described.name
    if existing is not None and existing.state != PAUSED:
        return Made(origin.id, name, existing.id, Outcome.ACTIVE)
    wanted, missing = wanted_definition(origin, shop.secrets, continuation)
    tags, left_out = target_tags(origin)
    remarks = (
        *(f"secret {place} is not given" for place in missing),
        *(f"tag {key} does not fit: a pipeline has at most {MOST_TAGS}" for key in left_out),
        *origin.verdict.reasons,
    )
    outcome = _outcome(shop, existing, wanted, tags)
    known = existing.id if existing is not None else "-"
    if shop.dry or outcome is Outcome.UNCHANGED:
        return Made(origin.id, name, known, outcome, remarks)
    try:
        made = _write(origin, shop, wanted, tags)
    except Refused as error:
        return Made(origin.id, name, known, Outcome.REFUSED, (*remarks, error.reason))
    return Made(origin.id, name, made, outcome, remarks)


def _outcome(shop: Workshop, existing: Described | None, wanted: Definition, tags: Mapping[str, str]) -> Outcome:
    if existing is None:
        return Outcome.CREATED
    tagged = all(existing.tags.get(key) == value for key, value in tags.items())
    secret = shop.renew and bool(secret_places(wanted))
    same = tagged and not secret and is_same(shop.target.definition(existing.id), wanted)
    return Outcome.UNCHANGED if same else Outcome.UPDATED


def wanted_definition(
    origin: Origin, secrets: Secrets, continuation: Continuation | None
) -> tuple[Definition, tuple[str, ...]]:
    """What is to be put here, and the secrets it lacks."""
    given, missing = filled(origin.definition, origin.id, secrets)
    return continued(given, continuation or Continuation(), origin.first_activation), missing


def is_same(stored: Definition | None, wanted: Definition) -> bool:
    """Whether the two say the same; secrets, which nobody shows, are taken to be."""
    return stored is not None and _comparable(stored) == _comparable(wanted)


def target_tags(origin: Origin) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """The tags here: the source's, and one that says where it comes from. Second, what does not fit."""
    tags = dict(origin.described.tags)
    if SOURCE_TAG not in tags and len(tags) >= MOST_TAGS:
        return tags, (SOURCE_TAG,)
    return {**tags, SOURCE_TAG: origin.id}, ()


def _write(origin: Origin, shop: Workshop, wanted: Definition, tags: Mapping[str, str]) -> str:
    """Each step finds what an earlier, interrupted try did."""
    described = origin.described
    made = shop.target.create(described.name, unique_id(shop.region, origin.id), described.description, tags)
    shop.target.tag(made, tags)
    shop.target.put(made, wanted)
    return made


def _comparable(definition: Definition) -> tuple[object, ...]:
    shown = masked(definition)
    return (
        {item.id: (item.name, _by_key(item)) for item in shown.objects},
        {item.id: sorted((each.key, each.value) for each in item.attributes) for item in shown.parameters},
        _grouped([(each.id, each.value) for each in shown.values]),
    )


def _by_key(item: PipelineObject) -> Mapping[str, list[object]]:
    return _grouped([(each.key, each.value) for each in item.fields])


def _grouped(pairs: list[tuple[str, object]]) -> Mapping[str, list[object]]:
    found: dict[str, list[object]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found
