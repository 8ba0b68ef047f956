"""Models as work asks them: one item in, one answer out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from chalicelib.ports.errors import PortError
from chalicelib.ports.objects import Place


class ItemRefused(PortError):
    """The model, or the service in front of it, has no answer for this very item, and will have none another time."""


class ModelFailed(PortError):
    """The model broke while it worked on this item. Another try may help; a third rarely does."""

    retryable = True


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A SageMaker endpoint and how it is asked.

    region       None is that of the credentials
    model        one of an endpoint with several models, a key below its prefix
    variant, component, attributes  see InvokeEndpoint: TargetVariant, InferenceComponentName, CustomAttributes
    """

    name: str
    region: str | None = None
    content_type: str = "application/json"
    accept: str = "application/json"
    model: str | None = None
    variant: str | None = None
    component: str | None = None
    attributes: str | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """A Rekognition image operation, spelled as the service spells it, with its parameters but for the image."""

    operation: str
    parameters: Mapping[str, object]
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said. `model` names what answered, as precisely as the service tells."""

    content: bytes
    model: str


@dataclass(frozen=True, slots=True)
class Promised:
    """Where an answer will be, and where the reason if there is none; None when nobody will say."""

    answer: Place
    failure: Place | None


@dataclass(frozen=True, slots=True)
class VideoAnalysis:
    """A Rekognition operation on stored video, with its parameters but for the video.

    operation    as the service spells it behind `Start` and `Get`
    topic, role  ARNs: where its end is told, and under which role; None tells nobody
    """

    operation: str
    parameters: Mapping[str, object]
    region: str | None = None
    topic: str | None = None
    role: str | None = None


LARGEST_VIDEO_ANSWER = 32 * 1024 * 1024
"""Bytes of JSON: what has room in a function, several times over."""


class Inference(Protocol):
    """Every method raises ItemRefused, ModelFailed, Missing (the model), Denied, Throttled or Unavailable.

    Nothing is tried twice here. Methods may be called from several threads.
    """

    def invoke(self, endpoint: Endpoint, content: bytes) -> Answer:
        """What a real-time endpoint answers."""

    def submit(self, endpoint: Endpoint, content: bytes | Place, name: str) -> Promised:
        """Ask an asynchronous endpoint, with up to 128,000 bytes, or with an object of up to 1 GB.

        name   tells the inference apart, in its notifications too
        """

    def analyse(self, analysis: Analysis, image: bytes | Place) -> Answer:
        """What Rekognition sees in an image, as JSON in its own response shape.

        image   its bytes, or where it lies in S3, in the region of the analysis
        """

    def start(self, analysis: VideoAnalysis, video: Place, token: str, tag: str) -> str:
        """Have Rekognition analyse a video that lies in S3, in the region of the analysis; the job's id.

        token   1 to 64 letters, digits, `-` and `_`: for seven days the same one begins nothing, and gives the same id
        tag     comes back with what is told of the end
        Raises  Full while as many jobs are under way as may be
        """

    def analysed(self, analysis: VideoAnalysis, job_id: str) -> Answer | None:
        """All that was found, as one JSON in the service's own response shape; None while the job is under way.

        Raises  ItemRefused when it failed, when its results are no longer kept, and when they are longer than
                LARGEST_VIDEO_ANSWER
        """
