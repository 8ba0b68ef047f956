"""SqlActivity: which executor runs a script on which database."""

from chalicelib.domain.run.task import Task
from chalicelib.work.outcome import Outcome
from chalicelib.work.redshift.nodes import DATABASE
from chalicelib.work.redshift.script import run_redshift_script
from chalicelib.work.sql.script import run_script
from chalicelib.work.tools import Tools


def sql_activity(task: Task, tools: Tools) -> Outcome:
    """Run the script on the activity's database."""
    linked = task.linked(task.subject, "database")
    if linked and linked[0].type == DATABASE:
        return run_redshift_script(task, tools)
    return run_script(task, tools)
