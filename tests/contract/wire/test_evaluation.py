"""Expressions over the wire: EvaluateExpression, and DescribeObjects with evaluateExpressions."""

from typing import Any

import pytest

from tests.contract.wire.runs import Run
from tests.contract.wire.samples import DATABASE, put


def evaluated(client: Any, run: Run, expression: str, component: str = "Shell", suffix: str = "") -> str:
    answer = client.evaluate_expression(
        pipelineId=run.pipeline, objectId=run.instance(component) + suffix, expression=expression
    )
    text: str = answer["evaluatedExpression"]
    return text


def test_text_is_evaluated_in_the_context_of_an_instance(client: Any, run: Run) -> None:
    text = "select '#{mySecretFree}' from t where day > '#{format(@scheduledStartTime, 'YYYY')}' -- ${kept}"
    assert evaluated(client, run, text).startswith("select 'hello' from t where day > '2")
    assert evaluated(client, run, text).endswith("-- ${kept}")


def test_an_attempt_sees_what_its_instance_sees(client: Any, run: Run) -> None:
    assert evaluated(client, run, "#{parent.@id}", suffix="_Attempt=1") == "Shell"


def test_a_component_sees_its_own_fields(client: Any, run: Run) -> None:
    answer = client.evaluate_expression(pipelineId=run.pipeline, objectId="Shell", expression="#{workerGroup}")
    assert answer["evaluatedExpression"] == "g"


@pytest.mark.parametrize("expression", ["#{", "#{noSuchThing}", "#{1 +}", "#{1/0}"])
def test_a_faulty_expression_is_refused_with_the_place(client: Any, run: Run, expression: str) -> None:
    with pytest.raises(client.exceptions.InvalidRequestException, match=r"\^"):
        evaluated(client, run, expression)


def test_an_unknown_object_is_refused(client: Any, run: Run) -> None:
    with pytest.raises(client.exceptions.InvalidRequestException, match="Nobody"):
        client.evaluate_expression(pipelineId=run.pipeline, objectId="Nobody", expression="x")


def test_an_expression_cannot_read_a_secret(client: Any, pipeline: str) -> None:
    put(client, pipeline, DATABASE)
    answer = client.evaluate_expression(pipelineId=pipeline, objectId="Db", expression="p=#{*password}")
    assert answer["evaluatedExpression"] == "p=*****"


def test_describing_shows_values_when_asked_and_expressions_otherwise(client: Any, run: Run) -> None:
    def command(evaluate: bool) -> str:
        answer = client.describe_objects(
            pipelineId=run.pipeline, objectIds=[run.instance("Shell")], evaluateExpressions=evaluate
        )
        fields = {field["key"]: field.get("stringValue") for field in answer["pipelineObjects"][0]["fields"]}
        assert fields["@status"] == "WAITING_FOR_RUNNER"
        return str(fields["command"])

    assert command(evaluate=True) == "echo hello"
    assert command(evaluate=False) == "echo #{mySecretFree}"
