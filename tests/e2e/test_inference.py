"""Models asked about real data, end to end: by a program with boto3 alone, and by pipelines."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any

from local.models.catalogue import MODELS
from tests.e2e.definitions import Object, default
from tests.e2e.plane import Pipeline, Plane, eventually
from tests.video_clips import clip_bytes


def infer(bucket: str, **fields: Any) -> list[Object]:
    """Ask the iris model about every line of `in/`."""
    return [
        default(),
        {"id": "In", "type": "S3DataNode", "directoryPath": f"s3://{bucket}/in"},
        {"id": "Out", "type": "S3DataNode", "directoryPath": f"s3://{bucket}/out"},
        {
            "id": "Infer",
            "type": "InferenceActivity",
            "endpoint": "penstock-iris",
            "items": "lines",
            "input": {"ref": "In"},
            "output": {"ref": "Out"},
            **fields,
        },
    ]


def flowers(times: int) -> tuple[list[bytes], list[str]]:
    """Lines that the model can be sent, and what they are."""
    table = MODELS["iris"]()
    lines = [json.dumps(dict(zip(table.features, row, strict=True))).encode() for row in table.rows]
    return lines * times, list(table.labels) * times


def test_an_endpoint_answers_a_program_that_has_only_boto3(plane: Plane, name: str) -> None:
    lines, _ = flowers(1)
    answer = plane.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="penstock-iris", ContentType="application/json", Body=lines[0]
    )
    found = json.loads(answer["Body"].read())
    assert found["label"] == "setosa"
    assert found["score"] > 0.8
    assert answer["InvokedProductionVariant"] == "AllTraffic"


def test_every_line_has_one_result_in_its_order_and_a_poison_one_its_error(plane: Plane, name: str) -> None:
    s3, bucket = plane.client("s3"), plane.bucket(f"{name}-{plane.control}"[:63])
    lines, species = flowers(4)
    lines[321] = b"no flower"
    s3.put_object(Bucket=bucket, Key="in/a.jsonl", Body=b"\n".join(lines[:500]))
    s3.put_object(Bucket=bucket, Key="in/b.jsonl", Body=b"\n".join(lines[500:]) + b"\n")
    pipeline = Pipeline(plane, name, infer(bucket)).activate()
    pipeline.until("Infer", "FINISHED", seconds=120)
    results = [json.loads(line) for line in s3.get_object(Bucket=bucket, Key="out/results.jsonl")["Body"].iter_lines()]
    places = [f"s3://{bucket}/in/a.jsonl#{line}" for line in range(1, 501)]
    places += [f"s3://{bucket}/in/b.jsonl#{line}" for line in range(1, len(lines) - 499)]
    assert [result["item"] for result in results] == places
    (failed,) = [result for result in results if "error" in result]
    assert failed["item"].endswith("#322")
    right = [
        result["output"] and result["output"]["label"] == kind for result, kind in zip(results, species, strict=True)
    ]
    assert sum(map(bool, right)) > 0.9 * len(right)
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix="out/")["Contents"]]
    assert keys == ["out/errors.jsonl", "out/results.jsonl"]
    (attempt,) = pipeline.of("Infer", "ATTEMPT")
    assert (attempt["itemsInferred"], attempt["itemsFailed"]) == ("600", "1")
    assert int(attempt["modelCalls"]) >= 600


def test_faces_are_found_in_the_images_of_a_folder_and_what_is_no_image_says_so(plane: Plane, name: str) -> None:
    s3, bucket = plane.client("s3"), plane.bucket(f"{name}-{plane.control}"[:63])
    pictures = files("skimage").joinpath("data")
    for key, file in (("a face+1 ü%20.png", "astronaut.png"), ("coffee.png", "coffee.png")):
        s3.put_object(Bucket=bucket, Key=f"in/{key}", Body=pictures.joinpath(file).read_bytes())
    s3.put_object(Bucket=bucket, Key="in/notes.txt", Body=b"no image")
    topic = plane.client("sns").create_topic(Name=name)["TopicArn"]
    queue = plane.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    plane.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:123456789012:{name}")
    objects = infer(bucket, analysis="faces", minConfidence="90", onMatch={"ref": "Tell"})
    alarm = {
        "subject": "#{node.@label}",
        "message": "#{node.@item} for #{node.name}",
        "role": "DataPipelineDefaultRole",
    }
    objects.insert(0, {"id": "Tell", "type": "SnsAlarm", "topicArn": topic, **alarm})
    del objects[-1]["endpoint"], objects[-1]["items"]
    pipeline = Pipeline(plane, name, objects).activate()
    pipeline.until("Infer", "FINISHED", seconds=120)
    body = s3.get_object(Bucket=bucket, Key="out/results.jsonl")["Body"]
    results = {json.loads(line)["item"].rpartition("/in/")[2]: json.loads(line) for line in body.iter_lines()}
    assert len(results["a face+1 ü%20.png"]["output"]["FaceDetails"]) == 1
    assert results["coffee.png"]["output"]["FaceDetails"] == []
    assert results["notes.txt"]["error"]["code"] == "InvalidImageFormatException"
    assert results["coffee.png"]["model"] == "rekognition:DetectFaces"
    (told,) = plane.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    body = json.loads(told["Body"])
    assert (body["Subject"], body["Message"]) == ("Face", f"s3://{bucket}/in/a face+1 ü%20.png for Infer")


def test_an_asynchronous_endpoint_answers_in_storage_and_tells_of_it(plane: Plane, name: str) -> None:
    s3, bucket, sagemaker = plane.client("s3"), plane.bucket(f"{name}-{plane.control}"[:63]), plane.client("sagemaker")
    stack = plane.client("cloudformation").describe_stacks(StackName="penstock-local-foundation")["Stacks"][0]
    topic = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}["CompletionsTopicArn"]
    queue = plane.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    plane.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:123456789012:{name}")
    variant = {"VariantName": "AllTraffic", "ModelName": "penstock-iris", "InitialInstanceCount": 1}
    topics = {"SuccessTopic": topic, "ErrorTopic": topic}
    output = {"S3OutputPath": f"s3://{bucket}/later", "NotificationConfig": topics}
    sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[variant | {"InstanceType": "ml.t2.medium"}],
        AsyncInferenceConfig={"OutputConfig": output},
    )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    lines, _ = flowers(1)
    s3.put_object(Bucket=bucket, Key="in/a.jsonl", Body=b"\n".join([*lines[:3], b"no flower"]))
    objects = infer(bucket, asyncEndpoint=name)
    del objects[-1]["endpoint"]
    pipeline = Pipeline(plane, name, objects).activate()
    pipeline.until("Infer", "FINISHED", seconds=120)
    body = s3.get_object(Bucket=bucket, Key="out/results.jsonl")["Body"]
    results = [json.loads(line) for line in body.iter_lines()]
    assert [result["output"] and result["output"]["label"] for result in results] == ["setosa"] * 3 + [None]
    assert results[3]["error"]["code"] == "ModelError"
    told: set[str] = set()

    def both_were_told() -> bool:
        for message in plane.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", ()):
            told.add(json.loads(json.loads(message["Body"])["Message"])["invocationStatus"])
        return told == {"Completed", "Failed"}

    eventually(both_were_told, what=lambda: told)
    (attempt,) = pipeline.of("Infer", "ATTEMPT")
    assert (attempt["itemsInferred"], attempt["itemsFailed"], attempt["modelCalls"]) == ("4", "1", "4")


def test_faces_are_found_in_stored_videos_and_what_is_no_video_says_so(plane: Plane, name: str) -> None:
    s3, bucket = plane.client("s3"), plane.bucket(f"{name}-{plane.control}"[:63])
    s3.put_object(Bucket=bucket, Key="in/a door+1.mp4", Body=clip_bytes(2))
    s3.put_object(Bucket=bucket, Key="in/notes.mp4", Body=b"no video")
    stack = plane.client("cloudformation").describe_stacks(StackName="penstock-local-foundation")["Stacks"][0]
    topic = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}["CompletionsTopicArn"]
    told = {
        "notificationTopic": topic,
        "notificationRole": "arn:aws:iam::123456789012:role/DataPipelineDefaultRole",
    }
    objects = infer(bucket, videoAnalysis="faces", minConfidence="50", **told)
    del objects[-1]["endpoint"], objects[-1]["items"]
    Pipeline(plane, name, objects).activate().until("Infer", "FINISHED", seconds=180)
    body = s3.get_object(Bucket=bucket, Key="out/results.jsonl")["Body"]
    film, notes = (json.loads(line) for line in body.iter_lines())
    assert film["item"] == f"s3://{bucket}/in/a door+1.mp4"
    assert film["output"]["Faces"][0]["Timestamp"] == 0
    assert film["matches"][0]["label"] == "Face"
    assert notes["error"]["code"] == "AnalysisFailed"


def test_a_batch_transform_answers_for_every_line_and_fails_with_its_reason(plane: Plane, name: str) -> None:
    s3, bucket = plane.client("s3"), plane.bucket(f"{name}-{plane.control}"[:63])
    lines, _ = flowers(1)
    for key, part in (("a", lines[:20]), ("b", lines[20:50])):
        s3.put_object(Bucket=bucket, Key=f"in/{key}.jsonl", Body=b"\n".join(part) + b"\n")
    objects = infer(bucket, transformModel="penstock-iris", maximumRetries="0")
    del objects[-1]["endpoint"]
    pipeline = Pipeline(plane, name, objects).activate()
    pipeline.until("Infer", "FINISHED", seconds=120)
    body = s3.get_object(Bucket=bucket, Key="out/results.jsonl")["Body"]
    results = [json.loads(line) for line in body.iter_lines()]
    assert [result["item"].rpartition("/")[2] for result in results] == [
        *(f"a.jsonl#{line}" for line in range(1, 21)),
        *(f"b.jsonl#{line}" for line in range(1, 31)),
    ]
    assert {result["output"]["label"] for result in results} == {"setosa"}
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix="out/")["Contents"]]
    assert keys == ["out/results.jsonl"]
    s3.put_object(Bucket=bucket, Key="in/c.jsonl", Body=b"no flower")
    failing = Pipeline(plane, f"{name}-2", objects).activate()
    failing.until("Infer", "FAILED", seconds=120)
    (attempt,) = failing.of("Infer", "ATTEMPT")
    assert "the model answered 400 for a record of in/c.jsonl" in attempt["errorMessage"]


def test_a_users_own_container_answers_under_the_name_and_its_garbage_is_an_error(plane: Plane, name: str) -> None:
    class Container(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = 500 if b"break" in body else 200
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"<html>" if b"garbage" in body else b'{"score":1}')

    server = ThreadingHTTPServer(("127.0.0.1", 0), Container)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    s3, bucket, sagemaker = plane.client("s3"), plane.bucket(f"{name}-{plane.control}"[:63]), plane.client("sagemaker")
    container = {"Image": "mine", "Environment": {"PENSTOCK_URL": f"http://127.0.0.1:{server.server_port}"}}
    role = "arn:aws:iam::123456789012:role/DataPipelineDefaultRole"
    sagemaker.create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=role)
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": name,
        "InitialInstanceCount": 1,
        "InstanceType": "ml.t2.medium",
    }
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    s3.put_object(Bucket=bucket, Key="in/a.jsonl", Body=b'"fine"\n"garbage"\n"break"\n')
    Pipeline(plane, name, infer(bucket, endpoint=name)).activate().until("Infer", "FINISHED", seconds=120)
    server.shutdown()
    body = s3.get_object(Bucket=bucket, Key="out/results.jsonl")["Body"]
    results = [json.loads(line) for line in body.iter_lines()]
    assert results[0]["output"] == {"score": 1}
    assert [result["error"]["code"] for result in results[1:]] == ["BadAnswer", "ModelError"]


def test_an_endpoint_that_does_not_exist_fails_the_attempt_with_its_name(plane: Plane, name: str) -> None:
    s3, bucket = plane.client("s3"), plane.bucket(f"{name}-{plane.control}"[:63])
    s3.put_object(Bucket=bucket, Key="in/a.jsonl", Body=b"1\n")
    pipeline = Pipeline(plane, name, infer(bucket, endpoint="gone", maximumRetries="0")).activate()
    pipeline.until("Infer", "FAILED", seconds=120)
    (attempt,) = pipeline.of("Infer", "ATTEMPT")
    assert attempt["errorId"] == "Missing"
    assert "gone" in attempt["errorMessage"]
