"""SqlActivity on Redshift: a script as one transaction. Must not know what it says."""

from collections.abc import Iterator, Sequence

from chalicelib.domain.run.task import Task
from chalicelib.domain.sql import Spelling, placeholders, statements, with_markers
from chalicelib.ports.errors import Rejected
from chalicelib.work.outcome import Finished, Outcome
from chalicelib.work.redshift.dialogue import Dialogue, converse
from chalicelib.work.redshift.nodes import NODE, database_of, redshift_node, warehouse_of
from chalicelib.work.redshift.sql import literal, query_group
from chalicelib.work.redshift.tables import ensured
from chalicelib.work.sql.script import script_of
from chalicelib.work.tools import Tools


def run_redshift_script(task: Task, tools: Tools) -> Outcome:
    """Run `script` or `scriptUri`; each scriptArgument takes the place of one `?`, as a string literal.

    Raises   Rejected for arguments that do not fit, and for more than 40 statements
    """
    warehouse = warehouse_of(database_of(task, task.subject))
    parts = statements(script_of(task.subject, tools), Spelling.REDSHIFT)
    sqls = (*query_group(task.subject.text("queue")), *_filled(parts, task.subject.texts("scriptArgument")))
    return converse(task, tools, warehouse, lambda dialogue: _run(task, sqls, len(parts), dialogue))


def _run(task: Task, sqls: Sequence[str], count: int, dialogue: Dialogue) -> Outcome:
    for number, node in enumerate(task.linked(task.subject, "output"), 1):
        if node.type == NODE and node.text("createTableSql"):
            ensured(redshift_node(task, node), dialogue, f"output {number}")
    if not count:
        return Finished((("statementsRun", "0"),))
    done = dialogue.once("script", sqls)
    return Finished((("redshiftStatementId", done.id), ("statementsRun", str(count))))


def _filled(parts: Sequence[str], arguments: Sequence[str]) -> Iterator[str]:
    counts = [placeholders(part, Spelling.REDSHIFT) for part in parts]
    if sum(counts) != len(arguments):
        raise Rejected(
            "run script", f"{len(arguments)} scriptArgument given, the script has {sum(counts)} placeholders '?'"
        )
    rest = tuple(arguments)
    for part, count in zip(parts, counts, strict=True):
        yield with_markers(part, Spelling.REDSHIFT) % tuple(map(literal, rest[:count]))
        rest = rest[count:]
