"""Checkpoints of a switch: kept, locked, and refused when they are damaged."""

import pytest

from chalicelib.domain.values import parse_time
from penstock_migrate.checkpoint import Checkpoint, Checkpoints, Step
from penstock_migrate.errors import Unusable
from penstock_migrate.progress import Stop

STOP = Stop(parse_time("2026-01-02T03:04:05"), frozenset({"@A_2026-01-01T00:00:00"}))


def test_a_checkpoint_is_read_as_it_was_written(tmp_path):
    kept = Checkpoint("df-1", "df-2", frozenset({Step.CREATE, Step.NOTE}), STOP)
    Checkpoints(tmp_path / "new").save(kept)
    assert Checkpoints(tmp_path / "new").load("df-1") == kept


def test_a_pipeline_without_one_begins_anew(tmp_path):
    store = Checkpoints(tmp_path)
    store.save(Checkpoint("df-1").after(Step.CREATE))
    store.forget("df-1")
    assert store.load("df-1") == Checkpoint("df-1")


@pytest.mark.parametrize(
    "text", ["{", "{}", '{"source": "x", "target": "", "done": 3, "alive": [], "stoppedAt": null}']
)
def test_a_damaged_one_is_not_guessed_at(tmp_path, text):
    (tmp_path / "df-1.json").write_text(text)
    with pytest.raises(Unusable, match="not a checkpoint"):
        Checkpoints(tmp_path).load("df-1")


def test_two_switches_of_one_pipeline_do_not_run_at_a_time(tmp_path):
    store = Checkpoints(tmp_path)
    with (
        store.alone("df-1"),
        store.alone("df-2"),
        pytest.raises(Unusable, match="another process"),
        store.alone("df-1"),
    ):
        pass
    with store.alone("df-1"):
        pass
