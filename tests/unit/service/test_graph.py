"""The graph of a definition: inherited references count."""

from typing import Any

from chalicelib.domain.definition.catalog import Category
from chalicelib.domain.definition.encoding import from_file
from chalicelib.service.definitions import Version
from chalicelib.service.graph import Graph, graph_of, pipeline_graph
from tests.unit.service.plant import ALICE, Plant, hourly


def graph(*objects: dict[str, Any]) -> Graph:
    return graph_of(from_file({"objects": list(objects)}), 7)


def told(found: Graph) -> set[tuple[str, str, str, str]]:
    return {(each.owner, each.field, each.target, each.given_by) for each in found.edges}


def test_references_that_come_from_a_parent_or_default_count_where_the_type_knows_them() -> None:
    found = graph(
        {"id": "Default", "schedule": {"ref": "Daily"}, "onFail": {"ref": "Alarm"}},
        {"id": "Daily", "type": "Schedule", "period": "1 day"},
        {"id": "Alarm", "type": "SnsAlarm"},
        {"id": "Copies", "input": {"ref": "In"}, "parent": {"ref": "Default"}},
        {"id": "Copy", "type": "CopyActivity", "parent": {"ref": "Copies"}, "output": {"ref": "Out"}},
        {"id": "In", "type": "S3DataNode"},
        {"id": "Out", "type": "S3DataNode"},
    )
    assert {node.id for node in found.nodes} == {"Daily", "Alarm", "Copy", "In", "Out"}
    assert {edge for edge in told(found) if edge[0] == "Copy"} == {
        ("Copy", "output", "Out", "Copy"),
        ("Copy", "input", "In", "Copies"),
        ("Copy", "schedule", "Daily", "Default"),
        ("Copy", "onFail", "Alarm", "Default"),
    }
    assert not [edge for edge in told(found) if edge[0] in ("Daily", "Alarm")]


def test_references_to_nothing_and_types_that_are_not_known_do_no_harm() -> None:
    found = graph(
        {"id": "A", "type": "Novelty", "input": [{"ref": "Nobody"}, {"ref": "B"}]}, {"id": "B", "type": "CSV"}
    )
    assert [(node.id, node.category) for node in found.nodes] == [("A", None), ("B", Category.DATAFORMAT)]
    assert told(found) == {("A", "input", "B", "A")}


def test_the_active_definition_is_shown_unless_the_latest_is_asked_for() -> None:
    plant = Plant()
    assert pipeline_graph(plant.pipeline, Version.ACTIVE, ALICE, plant.ports) == Graph(0)
    plant.put(hourly("2026-01-01T00:00:00", 3))
    assert len(pipeline_graph(plant.pipeline, Version.ACTIVE, ALICE, plant.ports).nodes) == 6
    plant.activate()
    plant.put([*hourly("2026-01-01T00:00:00", 3), {"id": "Alarm", "type": "SnsAlarm", "role": "r"} | _ALARM])
    assert len(pipeline_graph(plant.pipeline, Version.ACTIVE, ALICE, plant.ports).nodes) == 6
    assert len(pipeline_graph(plant.pipeline, Version.LATEST, ALICE, plant.ports).nodes) == 7


_ALARM = {"topicArn": "arn:aws:sns:us-east-1:111122223333:t", "subject": "s", "message": "m"}
