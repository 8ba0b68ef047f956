"""SqlActivity: a script on a database. Must not know what it says.

The statements run in order in one transaction, which is committed behind the last: a script that fails or is cut off
leaves nothing behind, but for what its server commits by itself (MySQL: every CREATE, ALTER, DROP, TRUNCATE). A script
may run twice, when its worker is killed between commit and report.
"""

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.task import Task
from chalicelib.domain.sql import placeholders, statements
from chalicelib.ports.databases import Session
from chalicelib.ports.errors import PortError, Rejected
from chalicelib.ports.objects import parse_place
from chalicelib.work.outcome import Failed, Finished, Outcome
from chalicelib.work.sql.addresses import address_of
from chalicelib.work.sql.nodes import SQL_NODES, connected, spelling_of, sql_node, target_table
from chalicelib.work.tools import Tools

_WHAT = "run script"


def run_script(task: Task, tools: Tools) -> Outcome:
    """Run `script` or `scriptUri`; each scriptArgument takes the place of one `?`, in order over the whole script.

    Raises   Rejected naming field and expectation, or the statement's number and the server's reason
    """
    address = address_of(task, task.subject, tools.databases)
    script = script_of(task.subject, tools)
    parts = statements(script, spelling_of(address))
    arguments = task.subject.texts("scriptArgument")
    counts = [placeholders(part, spelling_of(address)) for part in parts]
    if sum(counts) != len(arguments):
        raise Rejected(_WHAT, f"{len(arguments)} scriptArgument given, the script has {sum(counts)} placeholders '?'")
    _create_output(task, tools)
    with connected(address, tools.databases) as session:
        for number, (part, count) in enumerate(zip(parts, counts, strict=True), 1):
            if tools.cancelled():
                return Failed("Canceled", f"canceled before statement {number}")
            affected = _run(session, part, arguments[:count], f"statement {number} of {len(parts)}")
            arguments = arguments[count:]
            tools.journal.say(f"statement {number} of {len(parts)}: {affected} rows")
        session.commit()
    return Finished((("statementsRun", str(len(parts))),))


def script_of(subject: PipelineObject, tools: Tools) -> str:
    """The text of `script`, or of the object `scriptUri`. Raises Rejected unless there is exactly one of them."""
    script, uri = subject.text("script"), subject.text("scriptUri")
    if (script is None) == (uri is None):
        raise Rejected(_WHAT, f"{subject.name} needs either script or scriptUri")
    if uri is None:
        return script or ""
    content = tools.objects.read(parse_place(uri))
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise Rejected(_WHAT, f"{uri} is no UTF-8 text: byte {error.start}") from error


def _create_output(task: Task, tools: Tools) -> None:
    """An output's createTableSql is all that SqlActivity uses of it."""
    for node in task.linked(task.subject, "output"):
        if node.type in SQL_NODES and node.text("createTableSql"):
            found = sql_node(task, node, tools.databases)
            with connected(found.address, tools.databases) as session:
                target_table(session, found)


def _run(session: Session, statement: str, arguments: tuple[str, ...], where: str) -> int:
    try:
        return session.run(statement, arguments)
    except PortError as error:
        raise type(error)(f"{_WHAT}, {where}", error.reason) from error
