"""No secret in what a worker says."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.aws.s3 import S3Objects
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import Ref
from chalicelib.work.execute import execute, run_logged
from chalicelib.work.journal import Journal, log_folder
from chalicelib.work.masking import MASK, Masker, Overheard, secrets_of
from chalicelib.work.outcome import Failed, Finished, NotSatisfied, Outcome, Unfinished
from chalicelib.work.registry import EVERYWHERE
from tests.workbench import ATTEMPT, NOW, databases, item, task, tools

SECRET = 'hunter2 & "Söhne"'
LOGS = f"logs/df-1/Work/@Work_2026-02-03T04:00:00/{ATTEMPT}/"


def run(s3: Any, scratch: Path, given: Task) -> Outcome:
    masker = Masker(secrets_of(given))
    journal = Journal(S3Objects(s3), log_folder(given), lambda: NOW, masker.text)
    used = tools(given, s3, scratch, masker=masker, journal=journal, databases=Overheard(databases(), masker))
    return run_logged(given, used, lambda found: execute(EVERYWHERE, given, found))


def test_a_command_that_echoes_its_secret_shows_the_mask_everywhere(s3: Any, tmp_path: Path) -> None:
    command = item(
        "Shell",
        type="ShellCommandActivity",
        command='echo "out $0"; echo "login failed for $1" >&2; exit 1',
        scriptArgument=SECRET,
        stderr="s3://target/err.txt",
        pipelineLogUri="s3://target/logs",
        **{"*secrets": SECRET},
    )
    outcome = run(s3, tmp_path, task(command))
    assert outcome == Failed("ActivityFailed", "the command failed: exit code 1", f"login failed for {MASK}\n")
    for key in ("err.txt", LOGS + "StdError", LOGS + "StdOutput", LOGS + "Activity.log"):
        assert SECRET.encode() not in s3.get_object(Bucket="target", Key=key)["Body"].read()
    assert s3.get_object(Bucket="target", Key="err.txt")["Body"].read().decode() == f"login failed for {MASK}\n"


def test_a_drivers_error_with_the_password_is_masked(s3: Any, tmp_path: Path) -> None:
    database = item(
        "Db",
        type="JdbcDatabase",
        connectionString="jdbc:postgresql://127.0.0.1:1/topsecret",
        username="me",
        **{"*password": "topsecret"},
    )
    activity = item("Sql", type="SqlActivity", script="SELECT 1", database=Ref("Db"))
    outcome = run(s3, tmp_path, task(activity, database))
    assert isinstance(outcome, Failed)
    assert outcome.message.startswith(f"connect to PostgreSQL 127.0.0.1:1/{MASK}: ")
    assert "topsecret" not in outcome.message + outcome.stack_trace


def test_all_kinds_of_outcomes_are_masked() -> None:
    masker = Masker(["secret"])
    assert masker.outcome(Finished((("a", "my secret"),))) == Finished((("a", "my *****"),))
    assert masker.outcome(NotSatisfied("no secret")) == NotSatisfied("no *****")
    assert masker.outcome(Unfinished("secret", progress=(("a", "secret"),))) == Unfinished(
        "secret", progress=(("a", "*****"),)
    )
    assert masker.outcome(Failed("E", "secret", "at secret")) == Failed("E", "*****", "at *****")


@pytest.mark.parametrize("said", ["p%40ss%2Fword%22+x", "p%40ss%2Fword%22%20x", 'p@ss/word\\" x', 'p@ss/word" x'])
def test_a_secret_is_known_in_other_spellings(said: str) -> None:
    assert Masker(['p@ss/word" x']).text(f"<{said}>") == "<*****>"


def test_nothing_is_masked_for_words_too_short_to_be_secrets() -> None:
    assert Masker(["", "a", "  ", "ab"]).text("a cab") == "a cab"


@given(
    st.lists(st.sampled_from(["secret", "sec", "ret", "x", "\n"]), max_size=30).map("".join),
    st.integers(1, 9),
)
def test_a_file_is_masked_as_its_whole_text_is(text: str, chunk: int) -> None:
    masker = Masker(["secret"])
    content = text.encode()
    chunks = iter([content[at : at + chunk] for at in range(0, len(content), chunk)])
    assert masker._pattern is not None
    pieces = b"".join(piece for piece, _ in masker._pieces(chunks, masker._pattern))
    assert pieces.decode() == masker.text(text)


def test_a_file_without_secrets_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"\xff plain\n")
    before = path.stat().st_ino
    Masker(["secret"]).file(path)
    assert (path.read_bytes(), path.stat().st_ino) == (b"\xff plain\n", before)
    assert [found.name for found in tmp_path.iterdir()] == ["log"]
