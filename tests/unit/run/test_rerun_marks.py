"""What a task tells of earlier runs of its instance."""

from chalicelib.domain.definition.limits import Limits
from chalicelib.domain.definition.model import Definition
from chalicelib.domain.run.assemble import blueprint, task_for
from chalicelib.domain.run.compile import compile_plan
from chalicelib.domain.run.status import Command
from chalicelib.domain.values import PipelineId
from tests.unit.run.world import START, World
from tests.workbench import item

DEFINITION = Definition(
    (item("Default", scheduleType="ondemand"), item("Sql", type="SqlActivity", script="SELECT 1", maximumRetries="1"))
)


def test_a_retry_belongs_to_its_run_and_a_rerun_after_success_is_another() -> None:
    plan = compile_plan(DEFINITION, Limits(), START)
    world = World(plan)
    marks: list[str | None] = []

    def look() -> None:
        instance = world.instance("Sql")
        effect = world.dispatched()[-1]
        task = task_for(blueprint(PipelineId("df-1"), DEFINITION, plan), instance, None, effect)
        marks.append(task.subject.text("@timesFinished"))

    world.activate()
    look()
    world.fail("Sql")
    world.later(plan.components[world.instance("Sql").component].retry_delay)
    look()
    world.finish("Sql")
    world.command(Command.RERUN, world.name("Sql"))
    look()
    assert marks == [None, None, "1"]
