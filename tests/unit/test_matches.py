"""What counts as a match in the answers of models."""

import pytest

from chalicelib.domain.inference.matches import Match, matches_of
from chalicelib.domain.inference.sightings import Sighting, sightings_of

REKOGNITION = [
    (
        {"Labels": [{"Name": "Cat", "Confidence": 91.5}, {"Name": "Dog", "Confidence": 12}]},
        [("Cat", 91.5), ("Dog", 12)],
    ),
    ({"FaceDetails": [{"Confidence": 90}, {"Confidence": 99}]}, [("Face", 99)]),
    ({"TextDetections": [{"DetectedText": "STOP", "Confidence": 80}]}, [("STOP", 80)]),
    ({"ModerationLabels": [{"Name": "Violence", "Confidence": 70}]}, [("Violence", 70)]),
    ({"CustomLabels": [{"Name": "Scratch", "Confidence": 60}]}, [("Scratch", 60)]),
    ({"CelebrityFaces": [{"Name": "A. B.", "MatchConfidence": 98}], "UnrecognizedFaces": [{}]}, [("A. B.", 98)]),
    ({"FaceMatches": [{"Similarity": 97, "Face": {"FaceId": "f", "ExternalImageId": "ann"}}]}, [("ann", 97)]),
    (
        {"Persons": [{"BodyParts": [{"EquipmentDetections": [{"Type": "HEAD_COVER", "Confidence": 88}]}]}]},
        [("HEAD_COVER", 88)],
    ),
]
_VIDEO: dict[str, object] = {"VideoMetadata": {"DurationMillis": 2000}}
STORED_VIDEO = [
    (
        {
            **_VIDEO,
            "Labels": [
                {"Timestamp": 0, "Label": {"Name": "Cat", "Confidence": 91}},
                {"Timestamp": 500, "Label": {"Name": "Cat", "Confidence": 95}},
            ],
        },
        [("Cat", 95)],
    ),
    ({**_VIDEO, "Faces": [{"Timestamp": 0, "Face": {"Confidence": 99, "BoundingBox": {}}}]}, [("Face", 99)]),
    ({**_VIDEO, "TextDetections": [{"TextDetection": {"DetectedText": "STOP", "Confidence": 80}}]}, [("STOP", 80)]),
    ({**_VIDEO, "ModerationLabels": [{"ModerationLabel": {"Name": "Smoking", "Confidence": 7}}]}, [("Smoking", 7)]),
    ({**_VIDEO, "Celebrities": [{"Celebrity": {"Name": "A. B.", "Confidence": 98}}]}, [("A. B.", 98)]),
    (
        {
            **_VIDEO,
            "Persons": [
                {"Person": {"Index": 0}},
                {"FaceMatches": [{"Similarity": 97, "Face": {"ExternalImageId": "ann"}}]},
            ],
        },
        [("ann", 97)],
    ),
    (
        {
            "VideoMetadata": [{}],
            "Segments": [
                {"Type": "SHOT", "ShotSegment": {"Index": 0, "Confidence": 90}},
                {"Type": "TECHNICAL_CUE", "TechnicalCueSegment": {"Type": "EndCredits", "Confidence": 85}},
                {"Type": "NEW"},
            ],
        },
        [("Shot", 90), ("EndCredits", 85)],
    ),
    ({**_VIDEO, "Labels": [{"Timestamp": 0}, 17]}, []),
]
SAGEMAKER = [
    ({"label": "rain", "score": 0.9}, [("rain", 0.9)]),
    ({"predictions": [{"predicted_label": "a", "score": "0.5"}, {"score": 0.7}]}, [("a", 0.5), ("", 0.7)]),
    ([{"label": "x", "probability": 0.1}, {"label": "x", "probability": 0.3}], [("x", 0.3)]),
    (0.25, [("", 0.25)]),
    ("0.25", [("", 0.25)]),
    ("rain,0.9", [("rain", 0.9)]),
    ("rain", [("rain", None)]),
]
NOTHING = [None, {}, [], {"Labels": []}, {"Labels": [17]}, {"FaceMatches": [{"Face": None}]}, True, {"a": {"b": 1}}]


@pytest.mark.parametrize(("output", "expected"), [*REKOGNITION, *STORED_VIDEO, *SAGEMAKER])
def test_every_label_of_an_answer_is_found_with_its_best_confidence(output: object, expected: list[object]) -> None:
    assert [(match.label, match.confidence) for match in matches_of(output, (), None)] == expected


@pytest.mark.parametrize("output", NOTHING)
def test_an_answer_without_labels_matches_nothing(output: object) -> None:
    assert matches_of(output, (), None) == ()


def test_only_labels_that_were_looked_for_and_are_sure_enough_match() -> None:
    output = {"Labels": [{"Name": "Cat", "Confidence": 91}, {"Name": "Dog", "Confidence": 95}]}
    assert matches_of(output, ("cat",), 90) == (Match("Cat", 91),)
    assert matches_of(output, ("cat",), 92) == ()
    assert matches_of("rain", (), 0.1) == ()


def test_a_label_of_a_video_is_seen_once_where_it_is_surest() -> None:
    boxed = {"Name": "Cat", "Confidence": 95, "Instances": [{"BoundingBox": {"Left": 0}}]}
    seen = [{"Label": {"Name": "Cat", "Confidence": 91}}, {"Label": boxed}]
    assert sightings_of({"VideoMetadata": {}, "Labels": seen}) == (Sighting("Cat", 95.0),)
