"""Steps of EmrActivity: splitting, and which of them we do ourselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.definition.model import Field, PipelineObject
from chalicelib.domain.run.native import is_native
from chalicelib.domain.steps import BadStep, TableStep, is_table_step, read_step, split_step
from chalicelib.domain.values import Ref

TOOLS = "org.apache.hadoop.dynamodb.tools."
EXPORT = (
    "s3://dynamodb-emr-#{myDDBRegion}/emr-ddb-storage-handler/2.1.0/emr-ddb-2.1.0.jar,"
    f"{TOOLS}DynamoDbExport,#{{myOutput}}/#{{format(@scheduledStartTime, 'YYYY-MM-dd')}},#{{input.tableName}},0.25"
)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a.jar,b,c", ("a.jar", "b", "c")),
        ("a.jar, --key ,x", ("a.jar", "--key", "x")),
        (r"a.jar,a\\,b\\,c", ("a.jar", "a,b,c")),
        (r"a.jar,File\\\\.gz", ("a.jar", r"File\.gz")),
        ("a.jar,,", ("a.jar", "", "")),
    ],
)
def test_a_step_is_split_at_commas_that_are_not_escaped(text: str, parts: tuple[str, ...]) -> None:
    assert split_step(text) == parts


@given(st.text("a,\\#{} ", max_size=20))
def test_any_text_splits_and_is_judged(text: str) -> None:
    assert split_step(text)
    assert not is_table_step(text)
    with pytest.raises(BadStep):
        read_step(text)


@given(st.lists(st.text("a,\\b", min_size=1, max_size=6), min_size=2, max_size=4))
def test_escaped_arguments_come_back(arguments: list[str]) -> None:
    once = [argument.replace("\\", "\\\\").replace(",", "\\,") for argument in arguments]
    assert split_step(",".join(once).replace("\\", "\\\\")) == tuple(arguments)


@pytest.mark.parametrize(
    "jar",
    [
        "s3://dynamodb-emr-us-east-1/emr-ddb-storage-handler/2.1.0/emr-ddb-2.1.0.jar",
        "s3://dynamodb-dpl-eu-west-1/emr-ddb-storage-handler/4.11.0/tools-4.11.0-SNAPSHOT-jar-with-dependencies.jar",
        "/usr/share/aws/emr/ddb/lib/emr-dynamodb-tools.jar",
    ],
)
@pytest.mark.parametrize("name", ["DynamoDbExport", "DynamoDBExport"])
def test_every_published_jar_and_spelling_is_known(jar: str, name: str) -> None:
    step = f"{jar},{TOOLS}{name},s3://b/d,t,0.25,8"
    assert is_table_step(step)
    assert read_step(step) == TableStep(True, "s3://b/d", "t", 0.25, 8)


def test_without_a_ratio_half_the_capacity_is_used() -> None:
    assert read_step(f"a.jar,{TOOLS}DynamoDbImport,s3://b/d,t") == TableStep(False, "s3://b/d", "t", 0.5, None)


@pytest.mark.parametrize("ratio", ["0", "-1", "much", "nan", "inf"])
def test_a_ratio_has_to_be_a_number_above_zero(ratio: str) -> None:
    with pytest.raises(BadStep, match="ratio"):
        read_step(f"a.jar,{TOOLS}DynamoDbImport,s3://b/d,t,{ratio}")


def activity(*fields: tuple[str, str | Ref], kind: str = "EmrActivity") -> PipelineObject:
    return PipelineObject("A", "A", (Field("type", kind), *(Field(key, value) for key, value in fields)))


def test_an_activity_of_known_steps_only_is_native() -> None:
    assert is_native(activity(("step", EXPORT)))
    assert is_native(activity(("step", EXPORT), ("step", EXPORT.replace("Export", "Import"))))


@pytest.mark.parametrize(
    "others",
    [
        [],
        [("step", EXPORT), ("step", "command-runner.jar,spark-submit,x.py")],
        [("step", EXPORT), ("preStepCommand", "ls")],
        [("step", EXPORT), ("postStepCommand", "ls")],
        [("step", EXPORT.replace("Export,", "Export,-Ddynamodb.throughput.read=5,"))],
        [("step", EXPORT + ",1,2")],
        [("step", "#{myStep}")],
    ],
)
def test_anything_else_needs_its_cluster(others: list[tuple[str, str]]) -> None:
    assert not is_native(activity(*others))


def test_a_hive_copy_is_native_unless_scripts_go_with_it() -> None:
    assert is_native(activity(kind="HiveCopyActivity"))
    assert not is_native(activity(("preActivityTaskConfig", Ref("S")), kind="HiveCopyActivity"))
    assert not is_native(activity(kind="HiveActivity"))
