"""infra/foundation.yaml makes what the adapters need."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from chalicelib.adapters.aws.dynamodb.store import TableNames
from chalicelib.adapters.messages import MAX_RECEIVES
from chalicelib.ports.queues import Queue
from chalicelib.settings import Settings
from tests.contract.ports.conftest import TEMPLATE, Foundation, Plain

ROOT = Path(__file__).parents[3]


@pytest.fixture(params=["moto", "ministack"])
def foundation(request: pytest.FixtureRequest) -> Foundation:
    found: Foundation = request.getfixturevalue(request.param)
    return found


def test_the_template_is_free_of_findings() -> None:
    linter = Path(sys.executable).with_name("cfn-lint")
    found = subprocess.run([linter, "infra/foundation.yaml"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (found.stdout, found.returncode) == ("", 0)


@pytest.mark.parametrize("queue", Queue)
def test_every_queue_gives_up_after_five_deliveries(moto: Foundation, queue: Queue) -> None:
    # ministack's CloudFormation leaves the redrive policy out.
    url = moto.outputs[f"{queue.value.title()}QueueUrl"]
    dead = moto.outputs[f"{queue.value.title()}DeadQueueUrl"]
    sqs = moto.client("sqs")
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    redrive = json.loads(attributes["RedrivePolicy"])
    assert redrive["deadLetterTargetArn"].rpartition(":")[2] == dead.rpartition("/")[2]
    assert int(redrive["maxReceiveCount"]) == MAX_RECEIVES
    assert attributes.get("FifoQueue", "false") == ("true" if queue is Queue.CONTROL else "false")


def test_the_settings_know_the_names_that_the_template_gives(foundation: Foundation) -> None:
    settings = Settings.read({"PENSTOCK_STAGE": "dev"})
    tables = TableNames(*(settings.table(part) for part in ("pipelines", "states", "history", "work", "events")))
    assert tables == foundation.tables()
    for queue in Queue:
        assert settings.queue(queue) == _last(foundation.outputs[f"{queue.value.title()}QueueUrl"])
        assert settings.queue(queue, dead=True) == _last(foundation.outputs[f"{queue.value.title()}DeadQueueUrl"])


def _last(url: str) -> str:
    return url.rpartition("/")[2]


def test_every_table_is_paid_by_request(foundation: Foundation) -> None:
    dynamodb = foundation.client("dynamodb")
    for name in ("Pipelines", "States", "History", "Work", "Events"):
        table = dynamodb.describe_table(TableName=foundation.outputs[f"{name}TableName"])["Table"]
        assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


def test_the_staging_bucket_tells_eventbridge_and_no_stranger() -> None:
    # Read from the template: neither emulator's CloudFormation gives the bucket more than its name.
    bucket = yaml.load(TEMPLATE, Plain)["Resources"]["StagingBucket"]["Properties"]
    assert bucket["NotificationConfiguration"]["EventBridgeConfiguration"] == {"EventBridgeEnabled": True}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}


def test_every_queue_has_both_alarms() -> None:
    for queue in Queue:
        assert f"{queue.value.title()}DeadAlarm:" in TEMPLATE
        assert f"{queue.value.title()}AgeAlarm:" in TEMPLATE
