"""Every command of a runbook's "How to look" is run as it is printed, by the AWS CLI, against an AWS in memory."""

import io
import json
import re
import shlex
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import boto3
import pytest
from awscli.clidriver import CLIDriver, create_clidriver
from moto import mock_aws

PAGES = sorted((Path(__file__).parents[2] / "docs" / "runbooks").glob("*.md"))
STAGE = "prod"
LOOK = re.compile(r"## How to look\n(.*?)\n## ", re.DOTALL)
KEPT = re.compile(r"(\w+)=(?:\$\((.*)\)|(\S+))", re.DOTALL)
UNREACHED = ("ResourceNotFoundException", "Not yet implemented")
"""Of functions, which come with a deployment, and of what moto lacks: that the CLI understands the command is all."""


def commands(page: Path) -> Iterator[str]:
    """Commands of a page, one a line."""
    found = LOOK.search(page.read_text())
    assert found is not None
    code = "\n".join(line[4:] for line in found[1].split("\n") if line.startswith("    "))
    yield from (line for line in code.replace("\\\n", "").split("\n") if line.strip())


class Shell:
    """As much of a shell as the pages use."""

    def __init__(self, driver: CLIDriver) -> None:
        self.driver = driver
        self.kept: dict[str, str] = {}

    def run(self, command: str) -> None:
        """One line: a name kept, or a command of the AWS CLI; greps look into a file of the embedded run."""
        kept = KEPT.fullmatch(command.strip())
        if kept is not None:
            self.kept[kept[1]] = kept[3] or self._aws(kept[2])
        elif not command.startswith("grep "):
            self._aws(command)

    def _aws(self, command: str) -> str:
        now = int(time.time())
        text = command.replace("$(($(date +%s) - 3600))", str(now - 3600)).replace("$(date +%s)", str(now))
        program, *words = shlex.split(re.sub(r"\$(\w+)", lambda name: self.kept[name[1]], text))
        assert program == "aws"
        said, complained = io.StringIO(), io.StringIO()
        with redirect_stdout(said), redirect_stderr(complained):
            status = self.driver.main(words)
        unreached = words[0] == "lambda" and any(reason in complained.getvalue() for reason in UNREACHED)
        assert status == 0 or unreached, f"{command}: {complained.getvalue()}"
        return said.getvalue().strip()


@pytest.fixture(scope="module")
def driver() -> Iterator[CLIDriver]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in {"ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b", "DEFAULT_REGION": "us-east-1"}.items():
            patch.setenv(f"AWS_{name}", value)
        yield create_clidriver()


def prepared(command: str) -> None:
    """Have the queue and the log that a command names."""
    text = command.replace("$STAGE", STAGE)
    for name in re.findall(r"--queue-name (\S+)", text):
        ordered = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        boto3.client("sqs").create_queue(QueueName=name, Attributes=ordered)
    for name in re.findall(r"--log-group-name (\S+)", text):
        logs = boto3.client("logs")
        found = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        if name not in {group["logGroupName"] for group in found}:
            logs.create_log_group(logGroupName=name)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_says_to_look_at_can_be_looked_at_as_printed(page: Path, driver: CLIDriver) -> None:
    shell = Shell(driver)
    for command in commands(page):
        prepared(command)
        shell.run(command)


def test_looking_changes_nothing() -> None:
    words = [shlex.split(re.sub(r"\w+=\$\(|\$\(\(.*?\)\)", "", line))[:3] for page in PAGES for line in commands(page)]
    verbs = {verb.partition("-")[0] for _, _, verb in (each for each in words if each[0] == "aws")}
    assert verbs <= {"get", "list", "describe", "filter", "receive", "start"}, json.dumps(sorted(verbs))
