"""SqlActivity on Redshift, on a real PostgreSQL that plays it."""

import pytest

from chalicelib.domain.run.task import Task
from chalicelib.domain.values import Ref
from chalicelib.work.outcome import Failed, Finished
from tests.contract.redshift.conftest import Lab
from tests.workbench import item


def activity(lab: Lab, script: str, *arguments: str, **fields: str) -> Task:
    given = item("Run", type="SqlActivity", database=Ref("Db"), script=script, scriptArgument=list(arguments), **fields)
    return lab.task(given, lab.redshift())


def test_a_script_is_one_transaction(lab: Lab) -> None:
    script = "CREATE TABLE t (id INT); INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)"
    outcome = lab.run(activity(lab, script))
    assert isinstance(outcome, Finished), outcome
    assert dict(outcome.fields)["statementsRun"] == "3"
    assert lab.table("t") == [(1,), (2,)]


def test_a_script_that_fails_leaves_nothing(lab: Lab) -> None:
    lab.sql("CREATE TABLE t (id INT)")
    outcome = lab.run(activity(lab, "INSERT INTO t VALUES (1); INSERT INTO nowhere VALUES (2)"))
    assert isinstance(outcome, Failed)
    assert 'relation "nowhere" does not exist' in outcome.message
    assert lab.table("t") == []


def test_arguments_are_strings_wherever_they_come_from(lab: Lab) -> None:
    lab.sql("CREATE TABLE t (a VARCHAR(90), b VARCHAR(90))")
    arguments = ("it's '; DROP TABLE t; --", "back\\slash ? %s")
    outcome = lab.run(activity(lab, "INSERT INTO t VALUES (?, ?); SELECT '100% ?'", *arguments, queue="slow"))
    assert isinstance(outcome, Finished), outcome
    assert lab.table("t") == [arguments]


@pytest.mark.parametrize(("script", "says"), [("SELECT ?", "0 scriptArgument given"), ("SELECT 1;" * 41, "41 given")])
def test_a_script_that_cannot_be_handed_in_says_why(lab: Lab, script: str, says: str) -> None:
    outcome = lab.run(activity(lab, script))
    assert isinstance(outcome, Failed)
    assert says in outcome.message


def test_a_script_runs_again_in_no_retry(lab: Lab) -> None:
    lab.sql("CREATE TABLE t (id INT)")
    for resumed in (False, True):
        assert isinstance(lab.run(activity(lab, "INSERT INTO t VALUES (1)"), resumed=resumed), Finished)
    assert lab.table("t") == [(1,)]
