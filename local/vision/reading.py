"""What is written in a picture, read by PP-OCRv6, whose models lie in the package that runs them.

They are large: they are imported when the first picture is to be read, and then one is read at a time.
"""

import importlib
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from local.vision.images import Picture

Corners = tuple[tuple[float, float], ...]
_LONGEST_SIDE = 960
"""Pixels: text is looked for in this size, and read as large as it is."""

_SETTINGS = {
    "Global.log_level": "critical",
    "Global.use_cls": False,
    "Global.return_word_box": True,
    "Det.limit_type": "max",
    "Det.limit_side_len": _LONGEST_SIDE,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}
_turn = threading.Lock()


@dataclass(frozen=True, slots=True)
class Writing:
    """A word or a line. Four corners, from the left upper one clockwise, as shares of the picture; 0 to 100 sure."""

    text: str
    confidence: float
    corners: Corners


@dataclass(frozen=True, slots=True)
class Line:
    """A line and its words from left to right."""

    whole: Writing
    words: tuple[Writing, ...]


def lines(picture: Picture) -> list[Line]:
    """The lines of a picture from its top down."""
    with _turn:
        found = _reader()(picture)
    if found.txts is None:
        return []
    wholes = zip(found.txts, found.scores, found.boxes, strict=True)
    return [
        Line(_writing(picture, whole), tuple(_writing(picture, word) for word in words))
        for whole, words in zip(wholes, found.word_results, strict=True)
    ]


@cache
def _reader() -> Any:
    return importlib.import_module("rapidocr").RapidOCR(params=_SETTINGS)


def _writing(picture: Picture, found: tuple[str, float, Iterable[Any]]) -> Writing:
    text, score, corners = found
    height, width = picture.shape[:2]
    shares = np.clip(np.asarray(corners, float) / (width, height), 0, 1)
    return Writing(text, float(score) * 100, tuple((float(x), float(y)) for x, y in shares))
