"""CopyActivity from a table into another. Must not know servers.

A table gets all rows at once, with a note that they are there: repeating a copy changes nothing. Only a function that
runs out of time commits what it has, at the end of a range of the input's key, and the next one goes on from there.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.dialect import CSV
from chalicelib.domain.run.task import Task
from chalicelib.ports.databases import Session, Span, Table
from chalicelib.transfer.formats.delimited import Delimited
from chalicelib.transfer.formats.reading import Reading
from chalicelib.work.outcome import Finished, Outcome, Unfinished
from chalicelib.work.sql.ledger import Ledger, Progress
from chalicelib.work.sql.load import Sink
from chalicelib.work.sql.nodes import SqlNode, connected, keeps_notes, sql_node, target_table
from chalicelib.work.sql.ranges import key_of, short_of_time, source_of, spans
from chalicelib.work.sql.rows import Rows
from chalicelib.work.tools import Tools


def copy_tables(
    task: Task, source_nodes: Sequence[PipelineObject], target_node: PipelineObject, tools: Tools
) -> Outcome:
    """Add the inputs' rows to the output's table. Raises BadRecord, and what the servers raise."""
    target = sql_node(task, target_node, tools.databases)
    with connected(target.address, tools.databases) as writing:
        table = target_table(writing, target)
        ledger = Ledger(writing, task, table.schema if table is not None else target.schema)
        noted = keeps_notes(target.address) and ledger.prepare()
        if not noted:
            tools.journal.say(
                f"{target.address}: may not create penstock_loads; a repeated copy may add its rows again"
            )
        sink = Sink(writing, target, table, Delimited(CSV))
        progress = ledger.claim()
        if not progress.done:
            progress = _copied(task, source_nodes, progress, _Run(sink, ledger, tools, noted, short_of_time(tools)))
    if not progress.done:
        return Unfinished("resume")
    tools.journal.say(f"copied {progress.rows} rows to {target.label}")
    return Finished((("rowsCopied", str(progress.rows)),))


@dataclass(frozen=True, slots=True)
class _Run:
    """One function's, or machine's, share of a copy."""

    sink: Sink
    ledger: Ledger
    tools: Tools
    noted: bool
    is_short: Callable[[], bool]

    def kept(self, progress: Progress) -> Progress:
        self.ledger.note(progress)
        self.sink.session.commit()
        return progress


def _copied(task: Task, source_nodes: Sequence[PipelineObject], progress: Progress, run: _Run) -> Progress:
    """How far the copy is, committed."""
    for number, source_node in list(enumerate(source_nodes))[progress.input :]:
        node = sql_node(task, source_node, run.tools.databases)
        with connected(node.address, run.tools.databases) as reading:
            progress = _Copy(reading, source_of(reading, node), node, run).go_on(progress)
        if progress.key is not None:
            return run.kept(progress)
        progress = Progress(progress.rows, input=number + 1)
    return run.kept(replace(progress, done=True))


@dataclass(frozen=True, slots=True)
class _Copy:
    reading: Session
    source: Table | str
    node: SqlNode
    run: _Run

    def go_on(self, progress: Progress) -> Progress:
        """The input to its end, or to a key where it has to be left."""
        for span in self._spans(progress):
            progress = self._add(span, progress)
            if progress.key is not None and self.run.noted and self.run.is_short():
                return progress
        return replace(progress, key=None)

    def _spans(self, progress: Progress) -> Iterator[Span | None]:
        key = key_of(self.reading, self.source, self.run.tools)
        if key is None or isinstance(self.source, str):
            yield None
        else:
            yield from spans(self.reading, self.source, key, self.run.tools.copy_limits, progress.key)

    def _add(self, span: Span | None, progress: Progress) -> Progress:
        rows = Rows(self.source, self.node, self.reading, self.run.tools, progress.rows)
        content = Reading(
            rows.blocks(CSV.separator, (span,)), Delimited(CSV), self.node.label, stopped=bool, lines=progress.rows
        )
        added = self.run.sink.add(content, self.node.label)
        return replace(progress, rows=progress.rows + added, key=None if span is None else span.stop)
