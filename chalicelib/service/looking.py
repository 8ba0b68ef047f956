"""Looking at what an instance reads and writes, and at its logs, with the eyes of its pipeline.

Everything outside is reached under the role of the instance's own definition version, cut down to reading.
Never under the service's: who may see a pipeline sees what that pipeline may read, and nothing else.
"""

from dataclasses import dataclass

from chalicelib.domain.errors import InvalidRequest, ObjectNotFound
from chalicelib.domain.run.assemble import task_for
from chalicelib.domain.run.effects import Dispatch, Placement
from chalicelib.domain.run.state import Instance, attempt_id
from chalicelib.domain.run.task import Task
from chalicelib.domain.values import PipelineId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.errors import Denied
from chalicelib.ports.reach import Outside
from chalicelib.service.access import Caller
from chalicelib.service.evaluation import Evaluator
from chalicelib.service.views import find_objects, load_view

_WHAT = "look at data"


@dataclass(frozen=True, slots=True)
class Sight:
    """An instance, the task of its newest attempt (secrets sealed), and the way to what the task names."""

    instance: Instance
    task: Task
    ports: Ports

    def outside(self) -> Outside:
        """What the pipeline's role may read. Raises Denied, also when the definition names no role; Unavailable."""
        role = self.task.subject.text("role")
        if role is None:
            raise Denied(_WHAT, "the definition names no role, and nothing is shown under the service's own")
        return self.ports.reach.under(role)


def sight_of(pipeline_id: PipelineId, name: str, caller: Caller, ports: Ports) -> Sight:
    """The instance of that id.

    Raises   ObjectNotFound when there is none; InvalidRequest when its definition is gone; ExpressionError
    """
    view = load_view(caller, pipeline_id, ports)
    found = find_objects([name], view, ports.store).get(name)
    if found is None or found.instance is None or found.attempt is not None:
        raise ObjectNotFound(pipeline_id, f"instance {name[:300]}")
    instance = found.instance
    evaluator = Evaluator(view, ports)
    number = instance.head.number if instance.head is not None else 1
    looked = Dispatch("look", instance.id, attempt_id(instance.id, number), 0, Placement.SERVERLESS)
    source = evaluator.source_of(instance)
    if source is None:
        raise InvalidRequest(f"The definition that {instance.id} was made from is no longer kept")
    return Sight(instance, task_for(source, instance, evaluator.owner_of(instance), looked), ports)
