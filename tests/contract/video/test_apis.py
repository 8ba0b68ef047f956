"""The embedded Kinesis Video, asked by an unmodified boto3."""

import base64
import json
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import av
import pytest
from botocore.exceptions import ClientError

from chalicelib.transfer.formats.matroska import documents
from tests.contract.video.conftest import BEGIN, Studio


def _moment(offset: float) -> datetime:
    return datetime.fromtimestamp(BEGIN + offset, UTC)


def _range(first: float, end: float) -> dict[str, Any]:
    return {"StartTimestamp": _moment(first), "EndTimestamp": _moment(end)}


def test_a_file_is_kept_as_fragments_that_begin_at_its_key_frames(studio: Studio) -> None:
    put = studio.put(studio.clip(6))
    selector = {"FragmentSelectorType": "PRODUCER_TIMESTAMP", "TimestampRange": _range(-1, 100)}
    found = studio.at("LIST_FRAGMENTS").list_fragments(StreamName=studio.name, FragmentSelector=selector)["Fragments"]
    listed = sorted(found, key=lambda item: item["ProducerTimestamp"])
    assert [item["FragmentNumber"] for item in listed] == [item.number for item in put]
    assert [item["ProducerTimestamp"].timestamp() for item in listed] == [BEGIN, BEGIN + 2, BEGIN + 4]
    assert [item["FragmentLengthInMilliseconds"] for item in listed] == [2000, 2000, 2000]


def test_fragments_are_listed_in_pages(studio: Studio) -> None:
    studio.put(studio.clip(6))
    selector = {"FragmentSelectorType": "PRODUCER_TIMESTAMP", "TimestampRange": _range(-1, 100)}
    pages = (
        studio.at("LIST_FRAGMENTS")
        .get_paginator("list_fragments")
        .paginate(StreamName=studio.name, FragmentSelector=selector, PaginationConfig={"PageSize": 2})
    )
    assert [len(page["Fragments"]) for page in pages] == [2, 1]


def test_images_come_in_pages_of_25_and_where_there_is_no_video_say_so(studio: Studio) -> None:
    studio.put(studio.clip(6))
    asked = {
        "StreamName": studio.name,
        "ImageSelectorType": "PRODUCER_TIMESTAMP",
        "SamplingInterval": 200,
        "Format": "JPEG",
        **_range(0.75, 8.75),
    }
    pages = list(studio.at("GET_IMAGES").get_paginator("get_images").paginate(**asked))
    images = [image for page in pages for image in page["Images"]]
    assert [len(page["Images"]) for page in pages] == [25, 16]
    assert [image.get("Error") for image in images] == [None] * 27 + ["NO_MEDIA"] * 14
    content = base64.b64decode(images[0]["ImageContent"])
    with av.open(BytesIO(content)) as picture:
        assert next(picture.decode(video=0)).width == 320


@pytest.mark.parametrize(
    "wrong",
    [
        {"EndTimestamp": _moment(301)},
        {"SamplingInterval": 100},
        {"WidthPixels": 100},
        {"Format": "RAW"},
    ],
)
def test_what_get_images_may_not_be_asked_is_refused(studio: Studio, wrong: dict[str, Any]) -> None:
    studio.put(studio.clip(2))
    asked = {"StreamName": studio.name, "ImageSelectorType": "SERVER_TIMESTAMP", "Format": "JPEG", **_range(0, 1)}
    with pytest.raises(ClientError) as refused:
        studio.at("GET_IMAGES").get_images(**(asked | wrong))
    assert refused.value.response["Error"]["Code"] == "InvalidArgumentException"


def test_media_of_a_list_comes_in_its_order_with_the_tags_of_service_and_producer(studio: Studio) -> None:
    put = studio.put(studio.clip(6), door="north")
    asked = [put[2].number, put[0].number]
    answer = studio.at("GET_MEDIA_FOR_FRAGMENT_LIST").get_media_for_fragment_list(
        StreamName=studio.name, Fragments=asked
    )
    found = list(documents([answer["Payload"].read()]))
    assert [item.tags["AWS_KINESISVIDEO_FRAGMENT_NUMBER"] for item in found] == asked
    assert {item.tags["door"] for item in found} == {"north"}
    assert float(found[0].tags["AWS_KINESISVIDEO_PRODUCER_SIDE_TIMESTAMP"]) == BEGIN + 4


def test_media_is_read_from_a_fragment_on_until_nothing_comes(studio: Studio) -> None:
    put = studio.put(studio.clip(6))
    answer = studio.at("GET_MEDIA", "kinesis-video-media").get_media(
        StreamName=studio.name,
        StartSelector={"StartSelectorType": "FRAGMENT_NUMBER", "AfterFragmentNumber": put[0].number},
    )
    found = list(documents([answer["Payload"].read()]))
    assert [item.tags["AWS_KINESISVIDEO_FRAGMENT_NUMBER"] for item in found] == [put[1].number, put[2].number]
    assert found[-1].tags["AWS_KINESISVIDEO_CONTINUATION_TOKEN"] == put[2].number


def test_a_clip_is_an_mp4_of_all_frames(studio: Studio) -> None:
    studio.put(studio.clip(6))
    selector = {"FragmentSelectorType": "PRODUCER_TIMESTAMP", "TimestampRange": _range(-1, 100)}
    answer = studio.at("GET_CLIP").get_clip(StreamName=studio.name, ClipFragmentSelector=selector)
    with av.open(BytesIO(answer["Payload"].read())) as clip:
        assert sum(1 for _ in clip.decode(video=0)) == 60
    assert answer["ContentType"] == "video/mp4"


def test_a_stream_that_is_not_there_is_not_found(studio: Studio) -> None:
    with pytest.raises(ClientError) as refused:
        studio.at("LIST_FRAGMENTS").list_fragments(
            StreamName="nobody",
            FragmentSelector={"FragmentSelectorType": "SERVER_TIMESTAMP", "TimestampRange": _range(0, 1)},
        )
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_a_stream_without_retention_gives_no_images(studio: Studio) -> None:
    studio.clients("kinesisvideo").create_stream(StreamName=f"{studio.name}-live")
    with pytest.raises(ClientError) as refused:
        studio.at("GET_IMAGES").get_images(
            StreamName=f"{studio.name}-live", ImageSelectorType="SERVER_TIMESTAMP", Format="PNG", **_range(0, 1)
        )
    assert refused.value.response["Error"]["Code"] == "NoDataRetentionException"


def test_a_tagged_fragment_notifies_a_topic(studio: Studio) -> None:
    sns, sqs = studio.clients("sns"), studio.clients("sqs")
    topic = sns.create_topic(Name=studio.name)["TopicArn"]
    queue = sqs.create_queue(QueueName=studio.name)["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:123456789012:{studio.name}")
    studio.clients("kinesisvideo").update_notification_configuration(
        StreamName=studio.name,
        NotificationConfiguration={"Status": "ENABLED", "DestinationConfig": {"Uri": topic}},
    )
    studio.put(studio.clip(2))
    (put,) = studio.put(studio.clip(2), AWS_KINESISVIDEO_NOTIFICATION="", door="north")
    (told,) = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    envelope = json.loads(told["Body"])
    message = json.loads(envelope["Message"])
    assert envelope["Subject"] == "Kinesis Video Streams Notification"
    assert (message["StreamArn"], message["FragmentNumber"]) == (studio.arn, put.number)
    assert message["FragmentStartProducerTimestamp"] == int(BEGIN * 1000)
    assert message["NotificationPayload"] == {"door": "north"}


def test_a_fragment_tagged_for_images_puts_them_into_a_bucket(studio: Studio) -> None:
    bucket = studio.name.replace("_", "-")
    s3 = studio.clients("s3")
    s3.create_bucket(Bucket=bucket)
    studio.clients("kinesisvideo").update_image_generation_configuration(
        StreamName=studio.name,
        ImageGenerationConfiguration={
            "Status": "ENABLED",
            "ImageSelectorType": "PRODUCER_TIMESTAMP",
            "DestinationConfig": {"Uri": f"s3://{bucket}", "DestinationRegion": "us-east-1"},
            "SamplingInterval": 500,
            "Format": "JPEG",
        },
    )
    (put,) = studio.put(studio.clip(2), AWS_KINESISVIDEO_IMAGE_GENERATION="", AWS_KINESISVIDEO_IMAGE_PREFIX="yard")
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    begin = int(BEGIN * 1000)
    heads = [f"yard_123456789012_{studio.name}_{begin + offset}_" for offset in (0, 500, 1000, 1500)]
    assert [key[: len(head)] for key, head in zip(sorted(keys), heads, strict=True)] == heads
    described = s3.head_object(Bucket=bucket, Key=keys[0])
    assert described["Metadata"]["aws-kinesisvideo-fragment-number"] == put.number


def test_tags_that_the_service_keeps_for_itself_are_refused(studio: Studio) -> None:
    with pytest.raises(Exception, match="INVALID_FRAGMENT_METADATA"):
        studio.put(studio.clip(2), AWS_SOMETHING="x")


def test_retention_changes_by_a_difference_at_the_right_version(studio: Studio) -> None:
    video = studio.clients("kinesisvideo")
    change = {"StreamName": studio.name, "Operation": "DECREASE_DATA_RETENTION", "DataRetentionChangeInHours": 4}
    version = video.describe_stream(StreamName=studio.name)["StreamInfo"]["Version"]
    video.update_data_retention(CurrentVersion=version, **change)
    assert video.describe_stream(StreamName=studio.name)["StreamInfo"]["DataRetentionInHours"] == 20
    with pytest.raises(ClientError):
        video.update_data_retention(CurrentVersion=version, **change)
