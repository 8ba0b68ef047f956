"""An InferenceActivity to be tried: its storage, and models that answer as badly as a test wants."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import Ref
from chalicelib.ports.inference import Analysis, Answer, Endpoint
from chalicelib.ports.objects import Place
from chalicelib.work.inference.activity import infer
from tests.workbench import item, task, tools


class Model:
    """Says how long each line is. `trouble` may raise instead; it is told the line and how often it was asked about."""

    def __init__(self, trouble: Callable[[bytes, int], None] = lambda line, times: None) -> None:
        self.asked: Counter[bytes] = Counter()
        self.seen: list[bytes | Place] = []
        self._trouble = trouble
        self._lock = threading.Lock()

    def invoke(self, endpoint: Endpoint, content: bytes) -> Answer:
        with self._lock:
            self.asked[content] += 1
            self.seen.append(content)
        self._trouble(content, self.asked[content])
        return Answer(json.dumps({"label": "long", "score": len(content)}).encode(), f"{endpoint.name}/v1")

    def analyse(self, analysis: Analysis, image: bytes | Place) -> Answer:
        self.seen.append(image)
        face = {"Confidence": 99.5, "BoundingBox": {}}
        return Answer(json.dumps({"FaceDetails": [face]}).encode(), f"rekognition:{analysis.operation}")


def node(name: str, **fields: Any) -> PipelineObject:
    return item(name, **{"type": "S3DataNode", **fields})


IN, OUT = node("In", directoryPath="s3://source/d"), node("Out", directoryPath="s3://target/e")


def inferring(*others: PipelineObject, **fields: Any) -> Task:
    wanted = {"type": "InferenceActivity", "endpoint": "m", "items": "lines", "input": Ref("In"), "output": Ref("Out")}
    wanted |= fields
    return task(
        item("Infer", **{key: value for key, value in wanted.items() if value is not None}), *(others or (IN, OUT))
    )


def lines(count: int, first: int = 0) -> bytes:
    return b"".join(b'{"n":%d}\n' % number for number in range(first, first + count))


class Bench:
    """One activity and its storage."""

    def __init__(self, s3: Any, scratch: Path) -> None:
        self.s3 = s3
        self.scratch = scratch

    def put(self, key: str, content: bytes) -> None:
        self.s3.put_object(Bucket="source", Key=f"d/{key}", Body=content)

    def tools(self, given: Task, model: Model, **changes: Any) -> Any:
        pauses = {"pause": lambda seconds: None, "inference": model}
        return tools(given, self.s3, self.scratch, **{**pauses, **changes})

    def run(self, given: Task, model: Model, **changes: Any) -> Any:
        return infer(given, self.tools(given, model, **changes))

    def text(self, key: str) -> bytes:
        return bytes(self.s3.get_object(Bucket="target", Key=key)["Body"].read())

    def results(self, key: str = "e/results.jsonl") -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text(key).splitlines()]

    def keys(self) -> list[str]:
        return [found["Key"] for found in self.s3.list_objects_v2(Bucket="target").get("Contents", [])]

    def clear(self) -> None:
        for key in self.keys():
            self.s3.delete_object(Bucket="target", Key=key)
