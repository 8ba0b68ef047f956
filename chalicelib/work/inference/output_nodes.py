"""Output nodes to what hands results over to them. Must not know results."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from chalicelib.domain.definition.catalog.actions import SnsAlarm
from chalicelib.domain.definition.catalog.datanodes import IotTopicDataNode, KinesisDataNode, SnsTopicDataNode
from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Rejected
from chalicelib.ports.streams import StreamName, Streams
from chalicelib.ports.topics import Topics
from chalicelib.transfer.rate import Patience, Timer
from chalicelib.work.inference.alarms import Alarms
from chalicelib.work.inference.outputs import MqttOutput, Output, StreamOutput, TableOutput, TopicOutput
from chalicelib.work.tables.lanes import Side, open_lane
from chalicelib.work.tools import Tools

_WHAT = "plan inference"
_LAST_MOMENT = timedelta(seconds=15)


def outputs_of(task: Task, owner: str, tools: Tools) -> Sequence[Output]:
    """Everything but S3 that wants the results, alarms last. Raises Rejected, and Missing for a table."""
    return tuple(_outputs(task, owner, tools))


def _outputs(task: Task, owner: str, tools: Tools) -> Iterator[Output]:
    patience = patience_of(tools)
    for node in task.linked(task.subject, "output"):
        match node.type:
            case "S3DataNode":
                pass
            case "DynamoDBDataNode":
                yield _table(node, tools)
            case "KinesisDataNode":
                kinesis = KinesisDataNode.read(node)
                name = StreamName(kinesis.stream_name, kinesis.region)
                yield StreamOutput(streams_of(tools), name, owner, patience)
            case "SnsTopicDataNode":
                yield TopicOutput(_topics(tools), SnsTopicDataNode.read(node).topic_arn, owner, patience)
            case "IotTopicDataNode":
                iot = IotTopicDataNode.read(node)
                yield MqttOutput(_topics(tools), iot.topic, iot.region, owner, patience)
            case _:
                raise Rejected(_WHAT, f"output {node.name} is a {node.type}, which takes no results")
    actions = [SnsAlarm.read(action) for action in task.linked(task.subject, "onMatch")]
    if actions:
        yield Alarms(actions, _topics(tools), owner, patience)


def _table(node: PipelineObject, tools: Tools) -> Output:
    name = node.text("tableName")
    if name is None:
        raise Rejected(_WHAT, f"output {node.name} has no tableName")
    ratio = float(node.text("writeThroughputPercent") or 1.0)
    return TableOutput(open_lane(Side(name, node.text("region"), ratio), True, 1, tools, _at_the_last_moment(tools)))


def streams_of(tools: Tools) -> Streams:
    """Raises Rejected where no streams can be reached."""
    if tools.streams is None:
        raise Rejected(_WHAT, "no streams can be reached from here")
    return tools.streams


def _topics(tools: Tools) -> Topics:
    if tools.topics is None:
        raise Rejected(_WHAT, "no topics can be reached from here")
    return tools.topics


def patience_of(tools: Tools) -> Callable[[], Patience]:
    """For one request to whoever takes or gives records."""
    timer, stopped = Timer(tools.seconds, tools.pause), _at_the_last_moment(tools)
    return lambda: Patience(timer, stopped, tools.journal.say)


def _at_the_last_moment(tools: Tools) -> Callable[[], bool]:
    """Later than items stop being asked about, so that there is time to hand over what came of them."""
    whole = tools.time_left()
    margin = _LAST_MOMENT if whole is None else min(_LAST_MOMENT, whole / 16)

    def stopped() -> bool:
        left = tools.time_left()
        return tools.cancelled() or (left is not None and left < margin)

    return stopped
