"""Pictures of the samples' results, as PNG files."""

import io
from pathlib import Path
from typing import Any

import av
import cv2
from matplotlib.figure import Figure


def draw_kinds(results: list[dict[str, Any]], file: Path) -> None:
    """A PNG: highest temperature of each day, coloured by the kind of weather that the model sees."""
    ordered = sorted(results, key=lambda result: str(result["input"]["id"]))
    kinds = [result["output"]["label"] if result["output"] else "?" for result in ordered]
    figure = Figure(figsize=(10, 4), layout="constrained")
    axes = figure.subplots()
    for kind in sorted(set(kinds)):
        places = [place for place, found in enumerate(kinds) if found == kind]
        warmth = [ordered[place]["input"]["temp_max"] for place in places]
        axes.scatter(places, warmth, s=14, label=f"{kind} ({len(places)})")
    axes.set_xlabel("day")
    axes.set_ylabel("highest temperature, °C")
    axes.set_title("Seattle's weather, by a model that a topic rule's messages were sent to")
    axes.legend()
    figure.savefig(file)


def draw_faces(media: bytes, offset_ms: int, faces: list[Any], file: Path) -> None:
    """A PNG of the frame so many milliseconds into a fragment, with a box around every face."""
    with av.open(io.BytesIO(media), "r") as source:
        frames = list(source.decode(video=0))
    first = frames[0].time or 0.0
    frame = min(frames, key=lambda each: abs((each.time or 0.0) - first - offset_ms / 1000))
    picture = frame.to_ndarray(format="bgr24")
    height, width = picture.shape[:2]
    for face in faces:
        box = face["BoundingBox"]
        left, top = round(box["Left"] * width), round(box["Top"] * height)
        right, bottom = left + round(box["Width"] * width), top + round(box["Height"] * height)
        cv2.rectangle(picture, (left, top), (right, bottom), (0, 220, 0), 2)
        text = f"face {face['Confidence']:.0f}"
        cv2.putText(picture, text, (left, bottom + 16), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 220, 0), 1, cv2.LINE_AA)
    cv2.imwrite(str(file), picture)
