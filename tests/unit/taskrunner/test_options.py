"""The Task Runner's command line."""

from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.ports.objects import Place
from taskrunner.__main__ import main
from taskrunner.options import Keys, WrongOption, parse


def test_only_the_worker_group_is_needed() -> None:
    options = parse(["--workerGroup=g"])
    assert (options.worker_group, options.region, options.tasks) == ("g", "us-east-1", 2)
    assert (options.progress, options.heartbeat) == (timedelta(seconds=60), timedelta(minutes=15))
    assert options.runner_id.endswith("-g")


def test_every_option_of_the_original_is_taken(tmp_path: Path) -> None:
    config = tmp_path / "credentials.json"
    config.write_text('{"access-id": "A", "private-key": "B"}')
    options = parse(
        [
            *("--workerGroup", "g", "--region=eu-west-1", "--endpoint=https://x/datapipeline", "--taskrunnerId=me"),
            *(f"--config={config}", f"--output={tmp_path}", "--logUri=s3://logs/here", "--tasks=5"),
            *("--proxyHost=p", "--proxyPort=81", "--proxyUsername=u", "--proxyPassword=s:e/c"),
        ]
    )
    assert (options.endpoint, options.runner_id, options.tasks) == ("https://x/datapipeline", "me", 5)
    assert options.keys == Keys("A", "B")
    assert options.log_place == Place("logs", "here/")
    assert options.proxy == "http://u:s%3Ae%2Fc@p:81"


def test_keys_on_the_command_line_beat_the_file(tmp_path: Path) -> None:
    config = tmp_path / "credentials.json"
    config.write_text('{"access-id": "A", "private-key": "B"}')
    options = parse(["--workerGroup=g", f"--config={config}", "--accessId=C", "--secretKey=D"])
    assert options.keys == Keys("C", "D")


def test_keys_show_no_secret() -> None:
    assert repr(Keys("A", "hidden")) == "Keys(A)"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--workerGroup is required"),
        (["--workerGroup="], "--workerGroup is required"),
        (["--workerGroup=g", "--tasks=many"], "--tasks: 'many' given, a whole number from 1 to 100 expected"),
        (["--workerGroup=g", "--tasks=0"], "--tasks: '0' given"),
        (["--workerGroup=g", "--bogus"], "--bogus"),
        (["--workerGroup=g", "--worker=h"], "--worker=h"),
        (["--workerGroup=g", "--accessId=A"], "--accessId and --secretKey go together"),
        (["--workerGroup=g", "--config=/nowhere.json"], "/nowhere.json cannot be read"),
        (["--workerGroup=g", "--logUri=/here"], "--logUri: '/here' given, s3://bucket/key expected"),
        (["--workerGroup=g", "--endpoint=localhost"], "--endpoint: 'localhost' given"),
        (["--workerGroup=g", "--proxyPort=80"], "--proxyHost is missing"),
        (["--workerGroup=g", "--proxyDomain=d"], "NTLM"),
    ],
)
def test_a_wrong_option_is_told_in_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(WrongOption):
        parse(arguments)
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert words in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("content", ["", "[]", '{"access-id": "A"}', '{"access-id": 1, "private-key": 2}'])
def test_a_config_file_without_keys_is_refused(tmp_path: Path, content: str) -> None:
    config = tmp_path / "credentials.json"
    config.write_text(content)
    with pytest.raises(WrongOption, match="--config"):
        parse(["--workerGroup=g", f"--config={config}"])
