"""The settings of one stage: everything that API Gateway is told besides the routes.

One file, `infra/stages/<stage>.toml`, feeds both roads of deployment and the embedded gateway. Owns the keys, their
defaults and which go together; does not know how a setting is applied, nor which operations exist.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from deploy.declared import BadSettings, Fault, Reader, setting

HIGHEST_RATE = 10_000
HIGHEST_BURST = 5_000
ARN = r"arn:aws[a-z-]*:"
ROLE = rf"({ARN}iam::\d{{12}}:role/)?[A-Za-z0-9+=,.@_/-]{{1,512}}\*?"
ORIGIN = r"\*|https?://[a-z0-9.-]+(:\d+)?"
ADDRESS = r"[0-9a-fA-F.:]+/\d{1,3}"
STAGE_NAME = r"[a-z][a-z0-9]{0,15}"


class EndpointType(Enum):
    """Where the API's address is."""

    EDGE = "edge"
    REGIONAL = "regional"
    PRIVATE = "private"


class Unauthorised(Enum):
    """What a caller gets who asks for a fresh answer and may not; spelled as API Gateway spells it."""

    FAIL = "FAIL_WITH_403"
    WARN = "SUCCEED_WITH_RESPONSE_HEADER"
    IGNORE = "SUCCEED_WITHOUT_RESPONSE_HEADER"


class Period(Enum):
    """What a quota counts over; every period begins at midnight UTC, a week on Sunday."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"


class Validation(Enum):
    """What API Gateway checks of a request before a function is paid for it."""

    NONE = "none"
    PARAMETERS = "parameters"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Rate:
    """A token bucket: `burst` tokens hold, `rate` flow in each second."""

    rate: float = setting(meaning="Requests per second.", least=0.01, most=HIGHEST_RATE)
    burst: int = setting(meaning="Requests that may come at once.", least=1, most=HIGHEST_BURST)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the API can be reached, and from where."""

    type: EndpointType = setting(
        EndpointType.REGIONAL,
        meaning="`edge` behind CloudFront, `regional`, or `private` inside VPCs.",
        cost="private: the VPC endpoint's hours and bytes",
    )
    vpc_endpoints: tuple[str, ...] = setting(
        (),
        meaning="The only interface endpoints that may call. A private API needs at least one.",
        pattern="vpce-[0-9a-z]+",
        form="an id vpce-…",
    )
    source_addresses: tuple[str, ...] = setting(
        (),
        meaning="The only address ranges that may call; empty lets in all.",
        pattern=ADDRESS,
        form="an address range like 203.0.113.0/24",
    )
    default_address: bool = setting(
        True, meaning="Whether the API answers at its `execute-api` address too. With mutual TLS it must not."
    )


@dataclass(frozen=True, slots=True)
class Throttle:
    """How many requests each method accepts from all callers together."""

    rate: float = setting(100.0, meaning="Requests per second, each method.", least=0.01, most=HIGHEST_RATE)
    burst: int = setting(200, meaning="Requests at once, each method.", least=1, most=HIGHEST_BURST)
    operations: Mapping[str, Rate] = setting(dict, meaning="Rates of single operations, by operation id.")


@dataclass(frozen=True, slots=True)
class Cache:
    """Answers that API Gateway keeps. The key holds the caller, so nobody is given another's answer."""

    size_gb: str = setting(
        "0.5",
        meaning="Memory of the cache.",
        among=("0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"),
        cost="by the hour, used or not: 0.5 GB $0.02, 6.1 GB $0.20, 237 GB $3.80",
    )
    encrypted: bool = setting(True, meaning="Whether kept answers are encrypted.")
    fresh_needs_permission: bool = setting(
        True, meaning="Whether `Cache-Control: max-age=0` needs `execute-api:InvalidateCache`."
    )
    unauthorised: Unauthorised = setting(
        Unauthorised.WARN, meaning="What becomes of `Cache-Control: max-age=0` without the permission."
    )
    operations: Mapping[str, int] = setting(
        dict,
        meaning="A table of the seconds that answers are kept, by operation id. What is not named is not kept.",
        least=1,
        most=3600,
    )


@dataclass(frozen=True, slots=True)
class Cors:
    """Which web pages may call `/v1` from a browser."""

    origins: tuple[str, ...] = setting(
        meaning="Origins of the pages.", pattern=ORIGIN, form="an origin like https://example.org, or *"
    )
    max_age_seconds: int = setting(600, meaning="How long a browser keeps a preflight's answer.", least=0, most=86_400)


@dataclass(frozen=True, slots=True)
class Logs:
    """What is written down."""

    access: bool = setting(True, meaning="One JSON line per request.", cost="$0.50 per GB taken in")
    level: str = setting(
        "ERROR",
        meaning="API Gateway's own log of each step of a request.",
        among=("OFF", "ERROR", "INFO"),
        cost="INFO writes several KB per request",
    )
    metrics: bool = setting(
        False,
        meaning="CloudWatch metrics for each method, besides those for the whole API.",
        cost="$0.30 a month for each metric of each method that is called: $100 and more when all are",
    )
    retention_days: int = setting(
        30,
        meaning="How long the lines of the access log are kept.",
        among=(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
    )


@dataclass(frozen=True, slots=True)
class Domain:
    """A name of your own."""

    name: str = setting(meaning="The domain name.", pattern=r"([a-z0-9-]+\.)+[a-z]{2,}", form="a domain name")
    certificate_arn: str = setting(
        meaning="The certificate in ACM; in us-east-1 for an edge endpoint.",
        pattern=ARN + r"acm:[a-z0-9-]+:\d{12}:certificate/[\w-]+",
        form="the ARN of an ACM certificate",
    )
    base_path: str = setting(
        "",
        meaning="The path under which the API stands; empty for the root.",
        pattern=r"[A-Za-z0-9$_.+!*'()-]*",
        form="one path segment",
    )
    security_policy: str = setting("TLS_1_2", meaning="The oldest TLS that is accepted.", among=("TLS_1_0", "TLS_1_2"))
    truststore: str = setting(
        "",
        meaning="Mutual TLS: the S3 address of the PEM file with the authorities whose clients are let in.",
        pattern=r"(s3://[^/]+/.+)?",
        form="an address s3://bucket/key",
    )
    truststore_version: str = setting(
        "", meaning="The version of that S3 object; name it so that a change is a change."
    )


@dataclass(frozen=True, slots=True)
class Firewall:
    """AWS WAF in front of everything else."""

    web_acl_arn: str = setting(
        meaning="The regional web ACL that sees each request first.",
        pattern=ARN + r"wafv2:[a-z0-9-]+:\d{12}:regional/webacl/[\w-]+/[\w-]+",
        form="the ARN of a regional web ACL",
        cost="$5 a month and $0.60 per million requests",
    )


@dataclass(frozen=True, slots=True)
class UsagePlan:
    """What the holder of one of the plan's keys may ask for."""

    rate: float = setting(meaning="Requests per second, each key.", least=0.01, most=HIGHEST_RATE)
    burst: int = setting(meaning="Requests at once, each key.", least=1, most=HIGHEST_BURST)
    quota: int | None = setting(
        None, meaning="Requests per period, each key; absent for no quota.", least=1, most=2**31
    )
    period: Period = setting(Period.DAY, meaning="What the quota counts over.")
    keys: tuple[str, ...] = setting(
        (),
        meaning="Names of the plan's keys. Their values are made by API Gateway and stand in no file.",
        pattern=r"[A-Za-z0-9_-]{1,64}",
        form="up to 64 letters, digits, - and _",
    )
    operations: Mapping[str, Rate] = setting(dict, meaning="Lower rates for single operations, each key.")


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that is set of one stage."""

    name: str = setting(
        meaning="The stage. It is the file's name, and need not be written.",
        pattern=STAGE_NAME,
        form="up to 16 small letters and digits, a letter first",
    )
    minimum_compression_bytes: int | None = setting(
        None, meaning="Answers of at least this size are compressed; absent for none.", least=0, most=10_485_760
    )
    tracing: bool = setting(
        True, meaning="X-Ray traces of the API and the functions.", cost="$5 per million traces taken"
    )
    validation: Validation = setting(
        Validation.PARAMETERS,
        meaning="What is checked before a function runs: `none`, required `parameters`, or `all`, with bodies.",
    )
    roles: tuple[str, ...] = setting(
        ("DataPipelineDefaultRole",),
        meaning="Roles that definitions may name in `role`: names, which may end in `*`, or ARNs in other accounts. "
        "[What they have to allow](../howto/roles.md).",
        pattern=ROLE,
        form="a role's name or ARN",
    )
    machine_roles: tuple[str, ...] = setting(
        ("DataPipelineDefaultResourceRole",),
        meaning="Roles that definitions may name in `resourceRole`, for machines and clusters.",
        pattern=r"[A-Za-z0-9+=,.@_-]{1,64}\*?",
        form="a role's name",
    )
    endpoint: Endpoint = setting(Endpoint, meaning="Where the API is reached.")
    throttle: Throttle = setting(Throttle, meaning="Rates per method.")
    cache: Cache | None = setting(None, meaning="Kept answers; absent for no cache.")
    cors: Cors | None = setting(None, meaning="Browsers' access; absent for none.")
    logs: Logs = setting(Logs, meaning="Logs and metrics.")
    domain: Domain | None = setting(None, meaning="A name of your own; absent for none.")
    firewall: Firewall | None = setting(None, meaning="AWS WAF; absent for none.")
    usage_plans: Mapping[str, UsagePlan] = setting(
        dict, meaning="Plans by name, for the operations that ask for an API key."
    )


def load(path: Path) -> Stage:
    """The settings in a file. Raises BadSettings, which names every key that is wrong and what was expected."""
    return parse(path.read_text(encoding="utf-8"), path.stem, str(path))


def parse(text: str, name: str, file: str = "stage file") -> Stage:
    """The settings in a stage file's text; `name` is the stage's. Raises BadSettings."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(file, [Fault("(file)", "TOML", str(error))]) from error
    reader = Reader()
    stage = reader.read(Stage, {"name": name} | table)
    faults = reader.faults if stage is None else [*_conflicts(stage, name)]
    if stage is None or faults:
        raise BadSettings(file, faults)
    return stage


def _conflicts(stage: Stage, name: str) -> Iterator[Fault]:
    if stage.name != name:
        yield Fault("name", f"{name}, as the file is called", stage.name)
    yield from _endpoint_conflicts(stage.endpoint)
    if stage.domain is not None:
        yield from _domain_conflicts(stage.domain, stage.endpoint)
    yield from _key_conflicts(stage.usage_plans)
    if stage.cors is not None and "*" in stage.cors.origins and len(stage.cors.origins) > 1:
        yield Fault("cors.origins", "either * or a list of origins", ", ".join(stage.cors.origins))


def _endpoint_conflicts(endpoint: Endpoint) -> Iterator[Fault]:
    private = endpoint.type is EndpointType.PRIVATE
    if private and not endpoint.vpc_endpoints:
        yield Fault("endpoint.vpc_endpoints", "at least one, as endpoint.type is private", "none")
    if endpoint.vpc_endpoints and not private:
        yield Fault(
            "endpoint.vpc_endpoints", "none, as endpoint.type is not private", ", ".join(endpoint.vpc_endpoints)
        )
    if private and endpoint.source_addresses:
        yield Fault(
            "endpoint.source_addresses", "none, as endpoint.type is private", ", ".join(endpoint.source_addresses)
        )


def _domain_conflicts(domain: Domain, endpoint: Endpoint) -> Iterator[Fault]:
    region = domain.certificate_arn.split(":")[3]
    if endpoint.type is EndpointType.EDGE and region != "us-east-1":
        yield Fault("domain.certificate_arn", "a certificate in us-east-1, as endpoint.type is edge", region)
    if endpoint.type is EndpointType.PRIVATE:
        yield Fault("domain", "none, as endpoint.type is private", domain.name)
    if domain.truststore and endpoint.type is not EndpointType.REGIONAL:
        yield Fault("domain.truststore", "endpoint.type regional with mutual TLS", endpoint.type.value)
    if domain.truststore and endpoint.default_address:
        yield Fault("endpoint.default_address", "false, as it would answer without mutual TLS", "true")


def _key_conflicts(plans: Mapping[str, UsagePlan]) -> Iterator[Fault]:
    """API Gateway takes a key in one plan of a stage only."""
    owners: dict[str, str] = {}
    for plan, settings in plans.items():
        for key in settings.keys:
            if owners.setdefault(key, plan) != plan:
                yield Fault(f"usage_plans.{plan}.keys", "a key of no other plan", f"{key}, also in {owners[key]}")
