"""Logs of attempts over REST: under the pipeline's own role, a part at a time, as they grow."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.domain.values import UtcTime
from chalicelib.ports.function_log import Line, Lines
from chalicelib.service.attempt_logs import FIRST_BYTES, MOST_BYTES
from tests.s3_on_moto import s3_client
from tests.unit.edge.rest.door import Door, Got
from tests.unit.edge.rest.roles import Roles
from tests.unit.edge.rest.test_runs import of_shape
from tests.unit.service.plant import ALICE, Plant

START = "2026-01-01T00:00:00"
OBJECTS = [
    {
        "id": "Default",
        "scheduleType": "ondemand",
        "role": "looker",
        "resourceRole": "rr",
        "pipelineLogUri": "s3://source/logs",
    },
    {"id": "In", "type": "S3DataNode", "filePath": "s3://source/in"},
    {"id": "Out", "type": "S3DataNode", "filePath": "s3://target/out"},
    {"id": "Copy", "type": "CopyActivity", "input": {"ref": "In"}, "output": {"ref": "Out"}},
]
ATTEMPT = f"@Copy_{START}_Attempt=1"


@pytest.fixture
def roles() -> Iterator[Roles]:
    with mock_aws():
        yield Roles(s3_client())


@pytest.fixture
def plant(roles: Roles) -> Plant:
    plant = Plant()
    plant.held.add("Copy")
    plant.put(OBJECTS)
    plant.activate()
    plant.world.ports = replace(plant.ports, reach=roles)
    return plant


def ask(plant: Plant, part: str, *query: tuple[str, str], account: str = ALICE.account) -> Got:
    path = f"/pipelines/{plant.pipeline}/instances/@Copy_{START}/attempts/{part}"
    return Door(plant.world, account).call("GET", path, query=query)


def read(plant: Plant, *query: tuple[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = of_shape(ask(plant, "1/log", *query), "readAttemptLog")
    return found


def write(plant: Plant, roles: Roles, content: bytes, name: str = "Activity.log") -> None:
    key = f"logs/{plant.pipeline}/Copy/@Copy_{START}/{ATTEMPT}/{name}"
    roles.client.put_object(Bucket="source", Key=key, Body=content)


def test_a_log_is_told_as_it_grows(plant: Plant, roles: Roles) -> None:
    first = read(plant)
    assert (first["there"], first["text"], first["growing"]) == (False, "", True)
    write(plant, roles, b"one\n")
    second = read(plant, ("cursor", first["cursor"]))
    assert (second["there"], second["text"], second["more"]) == (True, "one\n", False)
    assert read(plant, ("cursor", second["cursor"]))["text"] == ""
    write(plant, roles, b"one\ntwo\n")
    third = read(plant, ("cursor", second["cursor"]))
    assert (third["text"], third["restarted"]) == ("two\n", False)
    assert set(roles.asked) == {"looker"}


def test_a_log_that_was_written_anew_is_told_anew(plant: Plant, roles: Roles) -> None:
    write(plant, roles, b"one\n")
    cursor = read(plant)["cursor"]
    write(plant, roles, b"other\nlonger\n")
    found = read(plant, ("cursor", cursor))
    assert (found["text"], found["restarted"]) == ("other\nlonger\n", True)
    write(plant, roles, b"x\n")
    assert read(plant, ("cursor", found["cursor"]))["text"] == "x\n"


def test_of_a_line_that_is_longer_than_a_part_the_end_is_there(plant: Plant, roles: Roles) -> None:
    write(plant, roles, b"begins\n" + "\N{EURO SIGN}".encode() * FIRST_BYTES + b"ends\n")
    found = ask(plant, "1/log").body
    assert found["text"].strip("\N{EURO SIGN}") == "ends\n"
    assert found["skipped"]


def test_a_long_log_comes_in_parts_that_cut_no_character(plant: Plant, roles: Roles) -> None:
    content = "".join(f"{number} ü€😀\n" for number in range(60_000))
    write(plant, roles, content.encode())
    end = read(plant)
    assert end["skipped"]
    assert content.endswith(end["text"])
    assert len(end["text"].encode()) <= FIRST_BYTES
    part = read(plant, ("from", "start"))
    texts = [part["text"]]
    while part["more"]:
        assert len(part["text"].encode()) <= MOST_BYTES
        part = read(plant, ("cursor", part["cursor"]))
        texts.append(part["text"])
    assert "".join(texts) == content
    assert len(texts) > 2


def test_only_the_attempts_own_folder_can_be_read(plant: Plant, roles: Roles) -> None:
    roles.client.put_object(Bucket="source", Key="secret", Body=b"no")
    for name in ("../../../../secret", "/secret", "s3://source/secret"):
        assert read(plant, ("name", name))["there"] is False
    write(plant, roles, b"out", "StdOutput")
    (item,) = of_shape(ask(plant, "1/logs"), "listAttemptLogs")["items"]
    assert (item["name"], item["sizeBytes"]) == ("StdOutput", 3)
    assert read(plant, ("name", "StdOutput"))["text"] == "out"


def test_what_the_role_may_not_read_is_refused_in_words(plant: Plant, roles: Roles) -> None:
    roles.closed = "looker"
    for part in ("1/log", "1/logs"):
        got = ask(plant, part)
        assert (got.status, got.error["code"]) == (409, "NotPossible")
        assert "looker" in got.error["message"]


def test_attempts_that_are_not_there_and_foreign_cursors_are_refused(plant: Plant) -> None:
    for number in ("2", "x", "0", "99999999999"):
        assert ask(plant, f"{number}/log").status == 404
    assert ask(plant, "1/log", ("cursor", "AAAA")).error["field"] == "cursor"
    assert ask(plant, "1/log", ("source", "function"), ("cursor", "AAAA")).error["field"] == "cursor"
    assert ask(plant, "1/log", account="999999999999").error["code"] == "PipelineNotFound"


@dataclass
class Said:
    """ports/function_log.FunctionLog of what was said, in order."""

    told: list[Line] = field(default_factory=list)

    def lines(self, members: Mapping[str, str], low: UtcTime, high: UtcTime, most: int) -> Lines:
        assert set(members) == {"pipeline", "attempt"}
        return Lines(tuple(line for line in self.told if low <= line.at <= high)[:most])

    def say(self, plant: Plant, event: str, **more: Any) -> None:
        text = json.dumps({"time": "T", "level": "INFO", "event": event, "attempt": ATTEMPT, **more})
        self.told.append(Line(str(len(self.told)), plant.world.clock.now(), text))


def test_what_functions_said_of_the_attempt_is_told_once(plant: Plant) -> None:
    said = Said()
    plant.world.ports = replace(plant.world.ports, function_log=said)
    query = ("source", "function")
    first = read(plant, query)
    assert (first["there"], first["text"]) == (False, "")
    said.say(plant, "task.done", outcome="Finished", TaskTime=41.2)
    second = read(plant, query, ("cursor", first["cursor"]))
    assert second["text"] == "T INFO task.done outcome=Finished TaskTime=41.2\n"
    assert read(plant, query, ("cursor", second["cursor"]))["text"] == ""
    said.say(plant, "instance.failed")
    plant.world.clock.advance(timedelta(seconds=90))
    said.say(plant, "chunk.done")
    third = read(plant, query, ("cursor", second["cursor"]))
    assert third["text"] == "T INFO instance.failed\nT INFO chunk.done\n"
    assert read(plant, query, ("cursor", third["cursor"]))["text"] == ""
