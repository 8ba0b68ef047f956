"""The samples are valid definitions and are followed until every run they ask for has ended."""

from datetime import UTC, datetime

import pytest

from chalicelib.domain.definition.encoding import from_file
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.definition.validate import activation_findings, validate
from local.follow import Sample, over
from local.show import NAMES, activity_runs, prepared

NOW = datetime(2026, 1, 2, 3, 45, tzinfo=UTC)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_has_nothing_to_complain_about(name: str) -> None:
    definition = from_file(prepared(name, NOW))
    found = validate(definition, limits=Limits(), now=NOW)
    assert (found.fatal, dict(found.errors)) == ((), {})
    assert not activation_findings(definition, limits=Limits(), now=NOW, first_activation=None).errors


def test_all_occurrences_of_a_backfill_lie_before_now() -> None:
    definition = prepared("backfill", NOW)
    starts = [item["startDateTime"] for item in definition["objects"] if "startDateTime" in item]
    assert starts == ["2026-01-01T23:00:00"]
    assert activity_runs(definition) == 4


def test_a_sample_is_over_when_every_run_it_asks_for_is_there_and_has_ended() -> None:
    sample = Sample("backfill", "df-1", activity_runs=2)
    ended = {"type": "CopyActivity", "@status": "FINISHED"}
    assert not over(sample, [])
    assert not over(sample, [ended])
    assert not over(sample, [ended, ended, {"type": "S3DataNode", "@status": "RUNNING"}])
    assert over(sample, [ended, {"type": "CopyActivity", "@status": "FAILED"}])
