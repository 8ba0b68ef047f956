"""The operations of the wire API: name, use case, reply. Decoders are in requests.py under the same names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.edge import replies
from chalicelib.edge.replies import Body
from chalicelib.ports.bundle import Ports
from chalicelib.service import activation, definitions, evaluation, objects, pipelines, queries, runners, tasks
from chalicelib.service.access import Caller


@dataclass(frozen=True, slots=True)
class Operation:
    """`run` decides and acts; `render` makes its result a wire body."""

    run: Callable[[Any, Caller, Ports], Any]
    render: Callable[[Any], Body]


OPERATIONS: Mapping[str, Operation] = {
    "ActivatePipeline": Operation(activation.activate_pipeline, replies.nothing),
    "AddTags": Operation(pipelines.add_tags, replies.nothing),
    "CreatePipeline": Operation(pipelines.create_pipeline, replies.pipeline_id),
    "DeactivatePipeline": Operation(activation.deactivate_pipeline, replies.nothing),
    "DeletePipeline": Operation(pipelines.delete_pipeline, replies.nothing),
    "DescribeObjects": Operation(objects.describe_objects, replies.pipeline_objects),
    "DescribePipelines": Operation(pipelines.describe_pipelines, replies.pipeline_descriptions),
    "EvaluateExpression": Operation(evaluation.evaluate_expression, replies.evaluated),
    "GetPipelineDefinition": Operation(definitions.get_definition, replies.definition),
    "ListPipelines": Operation(pipelines.list_pipelines, replies.pipeline_list),
    "PollForTask": Operation(tasks.poll_for_task, replies.task),
    "PutPipelineDefinition": Operation(definitions.put_definition, replies.findings),
    "QueryObjects": Operation(queries.query_objects, replies.ids),
    "RemoveTags": Operation(pipelines.remove_tags, replies.nothing),
    "ReportTaskProgress": Operation(tasks.report_task_progress, replies.canceled),
    "ReportTaskRunnerHeartbeat": Operation(runners.report_heartbeat, replies.terminate),
    "SetStatus": Operation(objects.set_status, replies.nothing),
    "SetTaskStatus": Operation(tasks.set_task_status, replies.nothing),
    "ValidatePipelineDefinition": Operation(definitions.validate_definition, replies.findings),
}
