"""Whose work is under way."""

import threading
from contextvars import copy_context

import pytest

from chalicelib.ports import trail


def test_there_is_no_trail_outside_of_work_and_nothing_can_be_noted_there() -> None:
    trail.note({"pipeline": "df-1"})
    assert trail.current() == trail.Trail()


def test_work_inside_work_adds_to_the_trail_and_leaves_the_outer_one_as_it_was() -> None:
    with trail.along({"function": "tasks"}, correlation="c", memory_mb=512):
        with trail.along({"pipeline": "df-1"}, trace="Root=1-2-3"):
            assert trail.current() == trail.Trail("c", "Root=1-2-3", 512, ids={"function": "tasks", "pipeline": "df-1"})
        assert trail.current() == trail.Trail("c", "", 512, ids={"function": "tasks"})
    assert trail.current() == trail.Trail()


def test_what_work_turns_out_to_be_about_is_seen_by_whoever_began_it() -> None:
    with trail.along({"function": "api_handler"}) as begun:
        trail.note({"pipeline": "df-1"})
        assert begun.ids == {"function": "api_handler", "pipeline": "df-1"}


def test_a_thread_has_the_trail_only_when_it_is_started_in_a_copy_of_the_context() -> None:
    seen: list[str] = []

    def look() -> None:
        seen.append(trail.current().correlation)

    with trail.along(correlation="c"):
        for thread in (threading.Thread(target=look), threading.Thread(target=copy_context().run, args=(look,))):
            thread.start()
            thread.join()
    assert seen == ["", "c"]


@pytest.mark.parametrize("given", [None, "", "a b", "a\nb", "é", "x" * 129])
def test_what_is_no_mark_is_not_carried(given: str | None) -> None:
    assert trail.mark(given) == ""


def test_an_attempt_id_names_its_run_and_instance() -> None:
    assert trail.attempt_ids("@My_Copy_2026-01-01T00:00:00_Attempt=2") == {
        "run": "2026-01-01T00:00:00",
        "instance": "@My_Copy_2026-01-01T00:00:00",
        "attempt": "@My_Copy_2026-01-01T00:00:00_Attempt=2",
    }
    assert trail.attempt_ids("odd") == {"attempt": "odd"}
