"""Rekognition's analyses of stored video through boto3's own client; only the wire is made up."""

import json
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from chalicelib.adapters.aws import inference
from chalicelib.adapters.aws.inference import AwsInference
from chalicelib.ports.errors import Full, Throttled
from chalicelib.ports.inference import ItemRefused, VideoAnalysis
from chalicelib.ports.objects import Place

LABELS = VideoAnalysis("LabelDetection", {"MinConfidence": 80}, topic="arn:aws:sns:us-east-1:123456789012:t", role="r")
VIDEO = Place("bucket", "a b.mp4")


@pytest.fixture
def client() -> Any:
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    return boto3.client("rekognition", region_name="us-east-1", **keys)


def adapter(client: Any) -> AwsInference:
    return AwsInference(lambda service, region: client)


def page(*labels: str, **more: Any) -> dict[str, Any]:
    found = [{"Timestamp": 0, "Label": {"Name": name}} for name in labels]
    return {"JobStatus": "SUCCEEDED", "VideoMetadata": {"Codec": "h264"}, "Labels": found, **more}


def test_a_job_is_begun_with_its_token_and_where_its_end_is_told(client: Any) -> None:
    with Stubber(client) as stub:
        expected = {
            "Video": {"S3Object": {"Bucket": "bucket", "Name": "a b.mp4"}},
            "ClientRequestToken": "token",
            "JobTag": "tag",
            "NotificationChannel": {"SNSTopicArn": LABELS.topic, "RoleArn": LABELS.role},
            "MinConfidence": 80,
        }
        stub.add_response("start_label_detection", {"JobId": "j"}, expected)
        assert adapter(client).start(LABELS, VIDEO, "token", "tag") == "j"


def test_all_pages_of_an_answer_are_one(client: Any) -> None:
    with Stubber(client) as stub:
        first = {"JobId": "j", "MaxResults": 1000}
        stub.add_response("get_label_detection", page("a", "b", NextToken="n"), first)
        stub.add_response("get_label_detection", page("c", LabelModelVersion="3.0"), {**first, "NextToken": "n"})
        answer = adapter(client).analysed(LABELS, "j")
    assert answer is not None
    found = json.loads(answer.content)
    assert [each["Label"]["Name"] for each in found["Labels"]] == ["a", "b", "c"]
    assert found["VideoMetadata"] == {"Codec": "h264"}
    assert "NextToken" not in found
    assert answer.model == "rekognition:LabelDetection/3.0"


def test_a_job_that_is_under_way_has_no_answer_yet(client: Any) -> None:
    with Stubber(client) as stub:
        stub.add_response("get_label_detection", {"JobStatus": "IN_PROGRESS"})
        assert adapter(client).analysed(LABELS, "j") is None


def test_a_job_that_failed_refuses_its_item_with_the_services_reason(client: Any) -> None:
    with Stubber(client) as stub:
        stub.add_response("get_label_detection", {"JobStatus": "FAILED", "StatusMessage": "no such codec"})
        with pytest.raises(ItemRefused, match="AnalysisFailed: no such codec"):
            adapter(client).analysed(LABELS, "j")


def test_results_that_are_no_longer_kept_refuse_their_item(client: Any) -> None:
    with Stubber(client) as stub:
        stub.add_client_error("get_label_detection", "ResourceNotFoundException", "Could not find JobId")
        with pytest.raises(ItemRefused, match="Could not find JobId"):
            adapter(client).analysed(LABELS, "j")


def test_an_answer_without_end_refuses_its_item(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference, "LARGEST_VIDEO_ANSWER", 100)
    with Stubber(client) as stub:
        stub.add_response("get_label_detection", page("a" * 200))
        with pytest.raises(ItemRefused, match="AnswerTooLarge: job j"):
            adapter(client).analysed(LABELS, "j")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("LimitExceededException", Full),
        ("ProvisionedThroughputExceededException", Throttled),
        ("VideoTooLargeException", ItemRefused),
        ("InvalidS3ObjectException", ItemRefused),
    ],
)
def test_what_begins_no_job_says_whether_it_is_the_videos_fault(client: Any, code: str, kind: type[Exception]) -> None:
    with Stubber(client) as stub:
        stub.add_client_error("start_label_detection", code)
        with pytest.raises(kind):
            adapter(client).start(LABELS, VIDEO, "token", "tag")
