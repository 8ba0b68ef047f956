"""Video as a data node: an extension of Penstock.

Source: Kinesis Video Streams API reference, GetImages, ListFragments.
"""

from typing import Annotated, Literal

from chalicelib.domain.definition.catalog.datanodes import DataNode
from chalicelib.domain.definition.catalog.slot import Facts, catalogued
from chalicelib.domain.values import UtcTime


@catalogued
class VideoDataNode(DataNode):
    """Frames of a Kinesis video stream: stills that the service makes, or frames decoded from its fragments."""

    stream_name: Annotated[str | None, Facts("Name of the stream.", one_of="stream", excludes=("streamArn",))] = None
    stream_arn: Annotated[str | None, Facts("ARN of the stream.", one_of="stream", excludes=("streamName",))] = None
    region: Annotated[str | None, Facts("Region of the stream.", listed=())] = None
    frames: Annotated[
        Literal["stills", "decoded"] | None,
        Facts(
            "Who makes the frames: the service (`stills`, for a range of time), or whoever runs the activity. "
            "Stills where only times are given, decoded where fragments are.",
            any_case=True,
        ),
    ] = None
    sampling_interval: Annotated[
        int,
        Facts(
            "Milliseconds from one frame to the next: at least 200 for stills; 0 is every frame, when decoded.", least=0
        ),
    ] = 1000
    start_time: Annotated[
        UtcTime | None,
        Facts(
            "Begin of a range of time, UTC; in an expression to the millisecond.", one_of="range", requires=("endTime",)
        ),
    ] = None
    end_time: Annotated[
        UtcTime | None, Facts("End of the range; what is at it is not part of it.", requires=("startTime",))
    ] = None
    fragment_number: Annotated[
        tuple[str, ...],
        Facts("Numbers of single fragments.", one_of="range", excludes=("firstFragment", "startTime")),
    ] = ()
    first_fragment: Annotated[
        str | None, Facts("Number of the first fragment of a range.", one_of="range", requires=("lastFragment",))
    ] = None
    last_fragment: Annotated[
        str | None, Facts("Number of the last fragment of a range.", requires=("firstFragment",))
    ] = None
    timestamps: Annotated[
        Literal["producer", "server"], Facts("Whose clock times are of: the camera's, or the service's.", any_case=True)
    ] = "producer"
    image_format: Annotated[Literal["JPEG", "PNG"], Facts("What frames are written as.", any_case=True)] = "JPEG"
    image_quality: Annotated[int, Facts("Quality of a JPEG.", least=1, most=100)] = 80
    image_width: Annotated[
        int | None,
        Facts(
            "Width of frames, in pixels; the video's own without one.", least=1, most=3840, requires=("imageHeight",)
        ),
    ] = None
    image_height: Annotated[
        int | None, Facts("Height of frames, in pixels.", least=1, most=2160, requires=("imageWidth",))
    ] = None
