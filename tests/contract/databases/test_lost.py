"""A server that goes away while its rows are copied: named, and the target as it was."""

from contextlib import suppress
from typing import Any

import pytest

from chalicelib.ports.databases import Engine
from chalicelib.ports.errors import Rejected
from chalicelib.work.outcome import Failed
from tests.contract.databases.test_copies import Bench, bench, s3_in, s3_out, shop, sql, storage

__all__ = ["bench", "shop", "storage"]

pytestmark = pytest.mark.xdist_group("databases")  # in one worker: each server starts once

ROWS = b"".join(b"%d,%s\n" % (number, b"x" * 40) for number in range(60_000))


def end_others(shop: Bench) -> None:
    """Every other connection to the server, as its restart would."""
    shop.session.rollback()
    if shop.address.engine is Engine.POSTGRESQL:
        shop.session.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        return
    for (number,) in shop.session.rows(
        "SELECT id FROM information_schema.processlist WHERE id <> connection_id() AND user = 'root'"
    ):
        with suppress(Rejected):  # one of a test before may go by itself meanwhile
            shop.session.run(f"KILL {number}")


def filled(shop: Bench) -> None:
    shop.session.load(shop.session.table("things", None), ("id", "name"), [ROWS], ",")
    shop.session.commit()


def lost(outcome: Any) -> None:
    assert isinstance(outcome, Failed)
    assert outcome.error_id == "Unavailable"
    assert outcome.stack_trace == ""


def test_a_load_whose_server_goes_away_adds_nothing(shop: Bench) -> None:
    for key in ("in/a", "in/b"):
        shop.put(key, ROWS.replace(b"\n", b",1\n") if key == "in/a" else b"60000,last,1\n")
    lost(shop.run(s3_in(), sql("Out"), report=lambda _: end_others(shop)))
    assert shop.rows("SELECT count(*) FROM things") == [("0",)]


def test_an_unload_whose_server_goes_away_keeps_the_old_object(shop: Bench) -> None:
    filled(shop)
    shop.s3.put_object(Bucket="target", Key="out.csv", Body=b"old")
    query = "SELECT a.* FROM things a JOIN (SELECT id FROM things WHERE id < 20) b ON 1 = 1"
    lost(shop.run(sql("In", selectQuery=query), s3_out(), report=lambda _: end_others(shop)))
    assert shop.stored("out.csv") == b"old"
    assert "Uploads" not in shop.s3.list_multipart_uploads(Bucket="target")


def test_a_table_dropped_before_it_is_exported_is_named_and_the_old_object_kept(shop: Bench) -> None:
    shop.s3.put_object(Bucket="target", Key="out.csv", Body=b"old")
    shop.session.run("DROP TABLE things")
    shop.session.commit()
    outcome = shop.unload()
    assert isinstance(outcome, Failed)
    assert (outcome.error_id, "things" in outcome.message) == ("Missing", True)
    assert shop.stored("out.csv") == b"old"
