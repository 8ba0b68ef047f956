"""Whether a stage's settings and the API's methods agree: what is named exists, and what is kept may be kept."""

from collections.abc import Iterable, Iterator, Sequence

from deploy.declared import BadSettings, Fault
from deploy.methods import Auth, Method
from deploy.stage import Stage

WAITING = frozenset({"wait"})
"""Query parameters of operations whose answer is awaited: one that is kept would never hold anything new."""
MOST_PLAN_RATES = 20
"""Source: API Gateway quotas, "Throttle settings per method in a usage plan"."""


def check(stage: Stage, methods: Sequence[Method]) -> None:
    """Raise BadSettings when the stage names what is not there, or would keep what it must not."""
    faults = [*_names(stage, methods), *_keepable(stage, methods), *_plans(stage, methods)]
    if faults:
        raise BadSettings(f"stage {stage.name}", faults)


def _names(stage: Stage, methods: Sequence[Method]) -> Iterator[Fault]:
    yield from _known("throttle.operations", stage.throttle.operations, methods)
    if stage.cache is not None:
        yield from _known("cache.operations", stage.cache.operations, methods)
    for name, plan in stage.usage_plans.items():
        with_keys = [method for method in methods if method.key_required]
        yield from _known(f"usage_plans.{name}.operations", plan.operations, with_keys)


def _known(key: str, named: Iterable[str], methods: Sequence[Method]) -> Iterator[Fault]:
    ids = sorted({method.operation for method in methods})
    for name in named:
        if name not in ids:
            yield Fault(f"{key}.{name}", f"one of {', '.join(ids)}", "an unknown operation")


def _keepable(stage: Stage, methods: Sequence[Method]) -> Iterator[Fault]:
    for name in stage.cache.operations if stage.cache else ():
        served = [method for method in methods if method.operation == name]
        if served and not any(_may_be_kept(method) for method in served):
            yield Fault(
                f"cache.operations.{name}",
                "an operation that reads for holders of tokens, and does not wait",
                served[0].name,
            )


def _may_be_kept(method: Method) -> bool:
    return method.verb == "GET" and method.auth is Auth.TOKEN and not WAITING & set(method.query or {})


def _plans(stage: Stage, methods: Sequence[Method]) -> Iterator[Fault]:
    for name, plan in stage.usage_plans.items():
        count = sum(method.operation in plan.operations for method in methods)
        if count > MOST_PLAN_RATES:
            yield Fault(f"usage_plans.{name}.operations", f"at most {MOST_PLAN_RATES} methods", str(count))
