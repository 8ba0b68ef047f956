"""Two accounts of one service, one of them played as the source, and many kinds of pipelines to move."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chalicelib.domain.definition.encoding import from_file, to_api
from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.values import render_time
from penstock_migrate.account import Account
from penstock_migrate.checkpoint import Checkpoints
from penstock_migrate.commands import Regions, perform
from penstock_migrate.options import parse
from penstock_migrate.recreate import Workshop
from penstock_migrate.secret_values import Lookups, Secrets
from penstock_migrate.steps import Sides
from penstock_migrate.switch import Surroundings
from tests.contract.wire.runs import Run

TEMPLATES = sorted((Path(__file__).parents[3] / "chalicelib" / "templates").glob("*.json"))
ROLES = {"role": "DataPipelineDefaultRole", "resourceRole": "DataPipelineDefaultResourceRole"}
Written = dict[str, Any]


@dataclass
class Move:
    """A migration with both sides in process; a wait of the switch lets the engine work."""

    source: Any
    target: Any
    home: Path
    secrets: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    waits: int = 0

    def around(self, lines: list[str], dry: bool = False) -> Surroundings:
        shop = Workshop(
            Account("target", self.target), Secrets(self.secrets, Lookups(self.environment)), "us-east-1", dry
        )
        return Surroundings(
            Account("source", self.source),
            shop,
            Checkpoints(self.home),
            Limits(),
            lambda: datetime.now(UTC) + self.waits * timedelta(minutes=20),
            self._wait,
            lines.append,
        )

    def _wait(self, _: timedelta) -> None:
        self.waits += 1
        settle()

    def run(self, *arguments: str) -> tuple[int, str]:
        """One command; exit status and what it said."""
        lines: list[str] = []
        options = parse(arguments)
        regions = Regions(
            "us-east-1", "eu-west-1", Sides("aws datapipeline", "aws --endpoint-url https://p datapipeline")
        )
        status = perform(options, self.around(lines, options.dry_run), regions)
        return status, "\n".join(lines)

    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("report", "--json")[1])
        return found


def settle() -> None:
    """Let the engine do all it can."""
    Run("").settle()


def make(client: Any, name: str, document: Mapping[str, Any], **more: Any) -> str:
    """A pipeline with its definition put; errors in it are part of the play."""
    made: str = client.create_pipeline(name=name, uniqueId=name, **more)["pipelineId"]
    client.put_pipeline_definition(pipelineId=made, **to_api(from_file(document)))
    return made


START = render_time(datetime.now(UTC) - timedelta(days=3, minutes=30))
"""Four intervals of a day have begun since, and no fifth will for most of a day."""


def scheduled(*objects: Written, period: str = "1 day", **default: object) -> Written:
    """A definition on a schedule that began some days ago."""
    base = {"id": "Default", "schedule": {"ref": "S"}, "scheduleType": "cron", **ROLES, **default}
    return {"objects": [base, schedule("S", period), *objects]}


def schedule(name: str, period: str) -> Written:
    return {"id": name, "type": "Schedule", "period": period, "startDateTime": START}


def shell(name: str = "Run", **fields: object) -> Written:
    return {"id": name, "type": "ShellCommandActivity", "command": "true", "workerGroup": "g", **fields}


def fifty() -> Iterator[tuple[str, Written]]:
    """Fifty definitions: the console's templates, and what people write, some of it wrong."""
    for number, path in enumerate(TEMPLATES):
        yield f"template-{number}", json.loads(path.read_text(encoding="utf-8"))
    for number in range(50 - len(TEMPLATES)):
        kind = list(_KINDS.values())[number % len(_KINDS)]
        document = kind()
        document["objects"][0]["myNumber"] = str(number)
        yield f"written-{number}", document


def _database(document: Written) -> Written:
    database = {
        "id": "Db",
        "type": "JdbcDatabase",
        "connectionString": "jdbc:mysql://db/x",
        "jdbcDriverClass": "com.mysql.jdbc.Driver",
        "username": "u",
        "*password": "hunter2",
    }
    return {**document, "objects": [*document["objects"], database]}


_KINDS = {
    "shell": lambda: scheduled(shell()),
    "ec2": lambda: scheduled(
        shell(workerGroup="g", runsOn={"ref": "Box"}),
        {"id": "Box", "type": "Ec2Resource", "instanceType": "m1.small", "imageId": "ami-1", "subnetId": "subnet-1"},
    ),
    "emr": lambda: scheduled(
        {"id": "Steps", "type": "EmrActivity", "step": "s3://b/j.jar,a", "runsOn": {"ref": "Cluster"}},
        {"id": "Cluster", "type": "EmrCluster", "amiVersion": "3.7", "masterInstanceType": "m3.xlarge"},
    ),
    "sql": lambda: _database(
        scheduled(
            {"id": "Sql", "type": "SqlActivity", "database": {"ref": "Db"}, "script": "select 1"}
            | {"runsOn": {"ref": "Box"}},
            {"id": "Box", "type": "Ec2Resource", "instanceType": "t3.small"},
        )
    ),
    "copy": lambda: scheduled(
        {"id": "In", "type": "S3DataNode", "directoryPath": "s3://b/in/"},
        {"id": "Out", "type": "S3DataNode", "directoryPath": "s3://b/out/"},
        {"id": "Copy", "type": "CopyActivity", "input": {"ref": "In"}, "output": {"ref": "Out"}},
        period="1 hour",
        scheduleType="timeseries",
    ),
    "ondemand": lambda: {"objects": [{"id": "Default", "scheduleType": "ondemand", **ROLES}, shell()]},
    "homeless": lambda: scheduled({"id": "Run", "type": "ShellCommandActivity", "command": "true"}),
    "unknown": lambda: scheduled(shell(), {"id": "Odd", "type": "TapeDataNode"}),
}
