"""Stages and methods that the tests of the gateway share."""

from typing import Any

from deploy.methods import Auth, Method
from deploy.stage import Stage, parse

EVERYTHING = """
minimum_compression_bytes = 1024
validation = "all"
[endpoint]
default_address = false
source_addresses = ["203.0.113.0/24"]
[throttle]
rate = 50
burst = 100
[throttle.operations]
wire = { rate = 5, burst = 6 }
[cache]
[cache.operations]
getThing = 60
[cors]
origins = ["https://a.example.org", "https://b.example.org"]
[logs]
level = "INFO"
retention_days = 14
[domain]
name = "api.example.org"
certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef"
base_path = "penstock"
truststore = "s3://example-truststore/authorities.pem"
truststore_version = "3"
[firewall]
web_acl_arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/penstock/01234567-89ab-cdef-0123-456789abcdef"
[usage_plans.ingest]
rate = 50
burst = 100
quota = 1000
keys = ["line-1", "line-2"]
operations = { ingest = { rate = 2, burst = 3 } }
"""

THING: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 8, "pattern": "^[a-z]+$"},
        "kind": {"const": "thing"},
        "size": {"type": ["integer", "null"]},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
    },
}
METHODS = (
    Method("getThing", "GET", "/v1/things/{thingId}", Auth.TOKEN, query={"version": False}),
    Method("getThing", "GET", "/iam/v1/things/{thingId}", Auth.SIGNED, query={"version": False}),
    Method("listThings", "GET", "/v1/things", Auth.TOKEN, query={"from": True, "to": False}),
    Method("createThing", "POST", "/v1/things", Auth.TOKEN, query={}, body=THING),
    Method("watchThings", "GET", "/v1/things/live", Auth.TOKEN, query={"wait": False}),
    Method("health", "GET", "/v1/health", Auth.ANYONE, query={}),
    Method("wire", "POST", "/datapipeline", Auth.SIGNED),
    Method("ingest", "POST", "/v1/ingest/{pipeline}", Auth.ANYONE, key_required=True),
)


def stage(text: str = EVERYTHING, name: str = "test") -> Stage:
    """The stage that a file of this text describes."""
    return parse(text, name)
