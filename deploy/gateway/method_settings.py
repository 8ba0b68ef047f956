"""What a stage's API is set to for each method: rate, cache, log and metrics; `/*` holds for the rest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deploy.gateway.caching import kept_seconds
from deploy.methods import Method
from deploy.stage import Cache, Rate, Stage, UsagePlan

Value = str | int | float | bool
EVERY = "*/*"
"""The key of the settings for every method that has none of its own."""
TRANSLATED: Mapping[str, tuple[str, str]] = {
    "throttling/rateLimit": ("throttlingRateLimit", "ThrottlingRateLimit"),
    "throttling/burstLimit": ("throttlingBurstLimit", "ThrottlingBurstLimit"),
    "caching/enabled": ("cachingEnabled", "CachingEnabled"),
    "caching/ttlInSeconds": ("cacheTtlInSeconds", "CacheTtlInSeconds"),
    "caching/dataEncrypted": ("cacheDataEncrypted", "CacheDataEncrypted"),
    "caching/requireAuthorizationForCacheControl": ("requireAuthorizationForCacheControl", ""),
    "caching/unauthorizedCacheControlHeaderStrategy": ("unauthorizedCacheControlHeaderStrategy", ""),
    "logging/loglevel": ("loggingLevel", "LoggingLevel"),
    "logging/dataTrace": ("dataTraceEnabled", "DataTraceEnabled"),
    "metrics/enabled": ("metricsEnabled", "MetricsEnabled"),
}
"""Path of a patch of the stage: name in the API's answers, name in CloudFormation (none where it has none)."""


@dataclass(frozen=True, slots=True)
class MethodSetting:
    """The settings of one method, by the path of a patch. `path` and `verb` are `/*` and `*` for the rest."""

    path: str
    verb: str
    values: Mapping[str, Value]

    @property
    def key(self) -> str:
        """How a stage's `methodSettings` call it."""
        if self.path == "/*":
            return EVERY
        return f"{escaped(self.path.removeprefix('/'))}/{self.verb}"

    @property
    def prefix(self) -> str:
        """What the paths of its patches begin with."""
        return "/*/*" if self.path == "/*" else f"/{escaped(self.path)}/{self.verb}"


def escaped(path: str) -> str:
    """The path within a JSON pointer."""
    return path.replace("/", "~1")


def method_settings(stage: Stage, methods: Iterable[Method]) -> tuple[MethodSetting, ...]:
    """The rest first, then each method that differs from it."""
    rest = MethodSetting("/*", "*", _common(stage, Rate(stage.throttle.rate, stage.throttle.burst)))
    single = [_single(stage, method) for method in methods]
    return (rest, *(each for each in single if each is not None and each.values != rest.values))


def _single(stage: Stage, method: Method) -> MethodSetting | None:
    rate = stage.throttle.operations.get(method.operation)
    kept = kept_seconds(stage, method)
    if rate is None and kept is None:
        return None
    default = Rate(stage.throttle.rate, stage.throttle.burst)
    return MethodSetting(method.path, method.verb, _common(stage, rate or default, kept))


def _common(stage: Stage, rate: Rate, kept: int | None = None) -> dict[str, Value]:
    found: dict[str, Value] = {
        "throttling/rateLimit": rate.rate,
        "throttling/burstLimit": rate.burst,
        "caching/enabled": kept is not None,
        "logging/loglevel": stage.logs.level,
        "logging/dataTrace": False,
        "metrics/enabled": stage.logs.metrics,
    }
    return found if stage.cache is None else found | _caching(stage.cache, kept)


def _caching(cache: Cache, kept: int | None) -> dict[str, Value]:
    common: dict[str, Value] = {
        "caching/dataEncrypted": cache.encrypted,
        "caching/requireAuthorizationForCacheControl": cache.fresh_needs_permission,
        "caching/unauthorizedCacheControlHeaderStrategy": cache.unauthorised.value,
    }
    return common if kept is None else common | {"caching/ttlInSeconds": kept}


def plan_rates(plan: UsagePlan, methods: Iterable[Method]) -> dict[str, Rate]:
    """A plan's rates for single methods, by path and verb as usage plans write them: `/v1/ingest/{pipeline}/POST`."""
    return {
        f"{method.path}/{method.verb}": plan.operations[method.operation]
        for method in methods
        if method.operation in plan.operations
    }
