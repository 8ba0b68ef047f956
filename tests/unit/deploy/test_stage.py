"""Stage files: what is written is what is set; what is wrong is named, all of it at once."""

from pathlib import Path

import pytest

from deploy.declared import BadSettings
from deploy.stage import EndpointType, Rate, Unauthorised, load, parse
from tests.unit.deploy.settings import stage

STAGES = Path(__file__).parents[3] / "infra" / "stages"
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/0a"


def faults(text: str, name: str = "dev") -> dict[str, str]:
    """Expectation by key."""
    with pytest.raises(BadSettings) as raised:
        parse(text, name)
    return {fault.key: fault.expected for fault in raised.value.faults}


def test_an_empty_file_is_a_stage_with_the_defaults() -> None:
    found = parse("", "dev")
    assert found.name == "dev"
    assert (found.throttle.rate, found.throttle.burst) == (100.0, 200)
    assert found.endpoint.type is EndpointType.REGIONAL
    assert (found.cache, found.cors, found.domain, found.firewall) == (None, None, None, None)
    assert not found.usage_plans


def test_every_key_is_read() -> None:
    found = stage()
    assert found.throttle.operations == {"wire": Rate(5.0, 6)}
    assert found.cache is not None
    assert found.cache.operations == {"getThing": 60}
    assert found.cache.unauthorised is Unauthorised.WARN
    assert found.usage_plans["ingest"].keys == ("line-1", "line-2")
    assert found.usage_plans["ingest"].operations == {"ingest": Rate(2.0, 3)}


@pytest.mark.parametrize("file", sorted(STAGES.glob("*.toml")), ids=lambda file: file.stem)
def test_the_stage_files_of_the_repository_are_right(file: Path) -> None:
    assert load(file).name == file.stem


def test_all_faults_are_named_together_with_what_was_expected() -> None:
    found = faults('[throttle]\nrate = "fast"\nburst = 0\n[cors]\norigins = ["example.org"]\n[usage_plans.a]\nrate = 1')
    assert found == {
        "throttle.rate": "a number",
        "throttle.burst": "1 to 5000",
        "cors.origins[0]": "an origin like https://example.org, or *",
        "usage_plans.a.burst": "a whole number",
    }


def test_an_unknown_key_is_refused_with_the_known_ones() -> None:
    assert faults("[endpoint]\nkind = 'edge'") == {
        "endpoint.kind": "one of the keys type, vpc_endpoints, source_addresses, default_address"
    }


def test_true_is_no_number() -> None:
    assert faults("[throttle]\nrate = true\nburst = true") == {
        "throttle.rate": "a number",
        "throttle.burst": "a whole number",
    }


def test_a_table_where_a_value_belongs_and_the_reverse_are_refused() -> None:
    assert faults("throttle = 5\n[tracing]\non = true") == {"throttle": "a table", "tracing": "true or false"}


def test_what_is_no_toml_is_one_fault() -> None:
    assert faults("throttle = {") == {"(file)": "TOML"}


def test_the_message_says_key_expectation_and_what_was_found() -> None:
    with pytest.raises(BadSettings, match=r"endpoint\.type: expected one of edge, regional, private, found 'moon'"):
        parse("[endpoint]\ntype = 'moon'", "dev")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("name = 'prod'", "name"),
        ("[endpoint]\ntype = 'private'", "endpoint.vpc_endpoints"),
        ("[endpoint]\nvpc_endpoints = ['vpce-1']", "endpoint.vpc_endpoints"),
        (
            f"[endpoint]\ntype = 'edge'\n[domain]\nname = 'a.example'\ncertificate_arn = '{CERTIFICATE}'",
            "domain.certificate_arn",
        ),
        (
            f"[domain]\nname = 'a.example'\ncertificate_arn = '{CERTIFICATE}'\ntruststore = 's3://a/b'",
            "endpoint.default_address",
        ),
        ("[usage_plans]\na = {rate=1, burst=1, keys=['k']}\nb = {rate=1, burst=1, keys=['k']}", "usage_plans.b.keys"),
        ("[cors]\norigins = ['*', 'https://a.example']", "cors.origins"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(text: str, key: str) -> None:
    assert list(faults(text)) == [key]
