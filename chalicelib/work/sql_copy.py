"""CopyActivity from a table into another. Must not know servers.

A table gets all rows at once, with a note that they are there: repeating a copy changes nothing. Only a function that
runs out of time commits what it has, at the end of a range of the input's key, and the next one goes on from there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.dialect import CSV
from chalicelib.domain.run.task import Task
from chalicelib.ports.databases import Session, Span, Table
from chalicelib.transfer.formats.delimited import Delimited
from chalicelib.transfer.formats.reading import Reading
from chalicelib.work.ledger import Ledger, Progress
from chalicelib.work.outcome import Finished, Outcome, Unfinished
from chalicelib.work.sql_load import Sink
from chalicelib.work.sql_nodes import SqlNode, connected, keeps_notes, sql_node, target_table
from chalicelib.work.sql_ranges import key_of, short_of_time, source_of, spans
from chalicelib.work.sql_rows import Rows
from chalicelib.work.tools import Tools


def copy_table(task: Task, source_node: PipelineObject, target_node: PipelineObject, tools: Tools) -> Outcome:
    """Add the input's rows to the output's table. Raises BadRecord, and what the servers raise."""
    source, target = (sql_node(task, node, tools.databases) for node in (source_node, target_node))
    with connected(source.address, tools.databases) as reading, connected(target.address, tools.databases) as writing:
        table = target_table(writing, target)
        ledger = Ledger(writing, task, table.schema if table is not None else target.schema)
        noted = keeps_notes(target.address) and ledger.prepare()
        if not noted:
            tools.journal.say(
                f"{target.address}: may not create penstock_loads; a repeated copy may add its rows again"
            )
        sink = Sink(writing, target, table, Delimited(CSV))
        copied = _Copy(reading, source_of(reading, source), source, sink, ledger, tools, noted).run()
    if not copied.done:
        return Unfinished("resume")
    tools.journal.say(f"copied {copied.rows} rows from {source.label} to {target.label}")
    return Finished((("rowsCopied", str(copied.rows)),))


@dataclass(frozen=True, slots=True)
class _Copy:
    reading: Session
    source: Table | str
    node: SqlNode
    sink: Sink
    ledger: Ledger
    tools: Tools
    noted: bool

    def run(self) -> Progress:
        """How far the copy is, committed."""
        progress = self.ledger.claim()
        is_short = short_of_time(self.tools)
        if progress.done:
            return progress
        for span in self._spans(progress):
            progress = self._add(span, progress)
            if progress.key is not None and self.noted and is_short():
                return self._kept(progress)
        return self._kept(replace(progress, key=None, done=True))

    def _spans(self, progress: Progress) -> Iterator[Span | None]:
        key = key_of(self.reading, self.source, self.tools)
        if key is None or isinstance(self.source, str):
            yield None
        else:
            yield from spans(self.reading, self.source, key, self.tools.copy_limits, progress.key)

    def _add(self, span: Span | None, progress: Progress) -> Progress:
        rows = Rows(self.source, self.node, self.reading, self.tools, progress.rows)
        content = Reading(
            rows.blocks(CSV.separator, (span,)), Delimited(CSV), self.node.label, stopped=bool, lines=progress.rows
        )
        added = self.sink.add(content, self.node.label)
        return Progress(rows=progress.rows + added, key=None if span is None else span.stop)

    def _kept(self, progress: Progress) -> Progress:
        self.ledger.note(progress)
        self.sink.session.commit()
        return progress
