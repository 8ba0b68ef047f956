"""Templates are read with their short functions written out, and cut down to what the embedded AWS makes."""

import moto.cloudformation.parsing
import pytest

from deploy.site import REPOSITORY
from deploy.template import INLINE_BYTES, minified, parse, read
from local.deployment.reach import REACHED, reachable

TEMPLATES = sorted((REPOSITORY / "infra").glob("*.yaml"))


def test_short_functions_are_written_out() -> None:
    text = "{a: !Ref X, b: !GetAtt X.Arn.Y, c: !Sub ['${Z}', {Z: !Ref X}], d: !Join [',', [a]], e: !Condition C}"
    assert parse(text) == {
        "a": {"Ref": "X"},
        "b": {"Fn::GetAtt": ["X", "Arn.Y"]},
        "c": {"Fn::Sub": ["${Z}", {"Z": {"Ref": "X"}}]},
        "d": {"Fn::Join": [",", ["a"]]},
        "e": {"Condition": "C"},
    }


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_minified_template_says_the_same(path: object) -> None:
    template = read(path)  # type: ignore[arg-type]  # pytest's ids want an object
    assert parse(minified(template)) == template
    assert len(minified(template)) < 20 * INLINE_BYTES


def test_what_the_embedded_cloudformation_makes_is_what_moto_makes() -> None:
    known = set(moto.cloudformation.parsing.get_model_map())
    assert known >= REACHED
    used = {item["Type"] for path in TEMPLATES for item in read(path)["Resources"].values()}
    assert used & known <= REACHED


def test_what_is_not_made_is_told_and_nothing_refers_to_it() -> None:
    template = parse(
        """
        Resources:
          Pool: {Type: "AWS::Cognito::UserPool"}
          Topic:
            Type: AWS::SNS::Topic
            DependsOn: [Pool, Queue]
            Properties: {TopicName: !Sub "a-${Pool.Arn}-${Queue}"}
          Queue: {Type: "AWS::SQS::Queue", DependsOn: Pool}
        Outputs: {A: {Value: !Ref Pool}, B: {Value: !GetAtt Pool.Arn}, C: {Value: !Ref Queue}}
        """
    )
    found = reachable(template)
    assert found.unreached == {"AWS::Cognito::UserPool": ("Pool",)}
    assert found.template == {
        "Resources": {
            "Topic": {
                "Type": "AWS::SNS::Topic",
                "DependsOn": ["Queue"],
                "Properties": {"TopicName": {"Fn::Sub": "a-Pool-${Queue}"}},
            },
            "Queue": {"Type": "AWS::SQS::Queue"},
        },
        "Outputs": {"A": {"Value": "Pool"}, "B": {"Value": "Pool"}, "C": {"Value": {"Ref": "Queue"}}},
    }
