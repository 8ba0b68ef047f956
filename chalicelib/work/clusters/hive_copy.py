"""HiveCopyActivity with scripts around it: they run where Hadoop is, and the copy itself without it.

With `"placement": "resource"` the copy is Hive's, too. Must not know how items move.
"""

from collections.abc import Callable, Sequence

from chalicelib.domain.run.task import Task
from chalicelib.ports.clusters import Step
from chalicelib.work.clusters.activities import scripts
from chalicelib.work.clusters.hive_tables import hive_copy_steps
from chalicelib.work.clusters.task import Cluster
from chalicelib.work.phases import Phase, in_phases
from chalicelib.work.tables.hive_copy import hive_copy
from chalicelib.work.tools import Tools

Plan = Callable[[Task, Cluster, Tools], Sequence[Step]]


def hive_copy_beside(place: Callable[[Plan, str], Phase]) -> Phase:
    """The executor where `place` runs steps; its second argument tells those before from those behind."""

    def phases(task: Task, _: Tools) -> Sequence[Phase]:
        if task.subject.text("placement") == "resource":
            return [place(hive_copy_steps, "")]
        return [place(_before, ""), hive_copy, place(_behind, "after")]

    return in_phases(phases)


def _before(task: Task, cluster: Cluster, _: Tools) -> Sequence[Step]:
    return list(scripts(task, cluster, "preActivityTaskConfig"))


def _behind(task: Task, cluster: Cluster, _: Tools) -> Sequence[Step]:
    return list(scripts(task, cluster, "postActivityTaskConfig"))
