"""What a line of the log holds, and when it is a metric."""

import io
import json
import logging
from datetime import UTC, datetime

from chalicelib.adapters.log_lines import JsonLines
from chalicelib.domain.measures import NAMESPACE, Measure, Reading
from chalicelib.ports import trail
from tests.log_reading import STAGE, listening

log = logging.getLogger("chalicelib.somewhere")


def test_a_line_has_its_event_its_fields_and_the_trails_ids() -> None:
    with listening() as heard, trail.along({"pipeline": "df-1", "function": "tasks"}, correlation="c-1"):
        log.info("thing.done", extra={"count": 3})
    (line,) = heard.lines
    assert datetime.fromisoformat(line.pop("time")).tzinfo is UTC
    assert line == {
        "level": "INFO",
        "event": "thing.done",
        "logger": "chalicelib.somewhere",
        "stage": STAGE,
        "pipeline": "df-1",
        "function": "tasks",
        "correlation": "c-1",
        "count": 3,
    }


def test_a_traced_line_names_the_trace_and_not_its_segment() -> None:
    with listening() as heard, trail.along(trace="Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c;Sampled=1"):
        log.info("thing.done")
    assert heard.lines[0]["trace"] == "1-5759e988-bd862e3fe1be46a994272793"


def test_an_exception_is_told_by_type_and_place_and_never_by_its_text() -> None:
    with listening() as heard:
        try:
            int("hunter2")
        except ValueError:
            log.exception("thing.failed")
    (line,) = heard.lines
    assert line["error"] == "ValueError"
    assert "test_log_lines.py" in line["places"][0]
    assert "hunter2" not in heard.text


def test_a_line_stays_one_line_whatever_it_holds() -> None:
    with listening() as heard:
        log.info(
            "thing.done", extra={"called": 'a\nb\r"\u2028 ☃', "when": datetime(2026, 1, 1, tzinfo=UTC), "ids": {"x"}}
        )
    assert len(heard.text.splitlines()) == 1
    assert heard.lines[0]["called"] == 'a\nb\r"\u2028 ☃'


def test_a_reading_makes_the_line_metrics_grouped_by_their_dimensions() -> None:
    values = {Measure.RUNS_FINISHED: 2, Measure.LATENESS: 0.5, Measure.RECORDS_FAILED: 1}
    with listening() as heard, trail.along({"function": "control", "pipeline": "df-1"}):
        log.info("thing.done", extra={"reading": Reading(values)})
    (line,) = heard.lines
    assert (line["RunsFinished"], line["Lateness"], line["RecordsFailed"]) == (2, 0.5, 1)
    assert "reading" not in line
    assert line["_aws"]["CloudWatchMetrics"] == [
        {
            "Namespace": NAMESPACE,
            "Dimensions": [["stage"]],
            "Metrics": [{"Name": "RunsFinished", "Unit": "Count"}, {"Name": "Lateness", "Unit": "Seconds"}],
        },
        {
            "Namespace": NAMESPACE,
            "Dimensions": [["stage", "function"]],
            "Metrics": [{"Name": "RecordsFailed", "Unit": "Count"}],
        },
    ]
    assert (
        datetime.fromtimestamp(line["_aws"]["Timestamp"] / 1000, UTC).isoformat(timespec="milliseconds")[:-6]
        in (line["time"][:-1])
    )


def test_a_metric_whose_dimension_is_unknown_is_left_out_and_so_is_an_empty_one() -> None:
    with listening() as heard:
        log.info("thing.done", extra={"reading": Reading({Measure.RECORDS_FAILED: 1})})
        log.info("thing.done", extra={"reading": Reading({})})
    assert all("_aws" not in line for line in heard.lines)


def test_no_dimension_grows_with_the_number_of_pipelines() -> None:
    assert {name for measure in Measure for name in measure.by} == {"stage", "function"}
    assert all(measure.meaning.endswith(".") for measure in Measure)


def test_the_formatter_serves_a_stream_of_ones_own() -> None:
    stream = io.StringIO()
    lines = logging.StreamHandler(stream)
    lines.setFormatter(JsonLines("prod"))
    lines.emit(logging.makeLogRecord({"msg": "hello", "levelname": "INFO", "name": "x"}))
    assert json.loads(stream.getvalue())["stage"] == "prod"
