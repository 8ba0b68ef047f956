"""Which data nodes are objects in S3, whatever wrote them there."""

from chalicelib.domain.definition.model import PipelineObject


def is_object_node(node: PipelineObject) -> bool:
    """Whether it has a file or directory path. An EventBatchDataNode is the object that its run's events make."""
    return node.type in ("S3DataNode", "EventBatchDataNode")
