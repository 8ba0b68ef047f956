"""Copies between SQL tables and S3 beside the servers' own bulk tools and a plain driver loop, on the same servers.

A tool copies between a table and a local file; then the AWS SDK carries the file to S3, or brings it: that is
what one would do without us, and `tool + S3` is what we are held against. `tool` alone is the floor.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.report import Figure, Goal, Report
from bench.storage import Storage, storage
from chalicelib.adapters.sql.databases import SqlDatabases
from chalicelib.domain.definition.model import PipelineObject
from chalicelib.domain.run.codec import encode_task
from chalicelib.domain.values import Ref
from chalicelib.ports.databases import Address, Engine, Session
from tests.servers import mariadb, postgresql
from tests.workbench import item, task

ROWS = 2_000_000
ROUNDS = 3
ROOT = Path(__file__).resolve().parent.parent
BUCKET = "bench"
SHAPE = {
    Engine.POSTGRESQL: "(id INT, name VARCHAR(30), score DECIMAL(12,1), at TIMESTAMP(0), note VARCHAR(10))",
    Engine.MYSQL: "(id INT, name VARCHAR(30), score DECIMAL(12,1), at DATETIME, note VARCHAR(10))",
}
FILL = {
    Engine.POSTGRESQL: "INSERT INTO rows_in SELECT i, 'name ' || i, i * 1.5,"
    " '2026-01-01'::timestamp + i * interval '1 s',"
    " CASE WHEN i % 7 = 0 THEN NULL ELSE 'x,y' END FROM generate_series(1, {}) i",
    Engine.MYSQL: "INSERT INTO rows_in SELECT seq, concat('name ', seq), seq * 1.5, '2026-01-01' + INTERVAL seq SECOND,"
    " if(seq % 7 = 0, NULL, 'x,y') FROM seq_1_to_{}",
}


@dataclass(frozen=True, slots=True)
class Took:
    """One run: wall seconds, and the most memory of the process that did it, where it can be told."""

    seconds: float
    peak_mb: float | None = None


def run(arguments: Sequence[str]) -> Report:
    """`[ROWS]`: measure both directions on both servers; our memory at a hundredth, a tenth and all of the rows."""
    rows = int(arguments[0]) if arguments else ROWS
    table: list[tuple[Figure, ...]] = []
    figures: dict[str, Figure] = {"rows": rows}
    goals: list[Goal] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        s3 = stack.enter_context(storage())
        for server in (postgresql, mariadb):
            address = stack.enter_context(server())
            bench = _Bench(address, s3, folder, rows)
            for way, measured in bench.measure():
                name = f"{address.engine.name.lower()}_{way}"
                table += [(f"{name} {peer}", took.seconds, took.peak_mb) for peer, took in measured.items()]
                figures |= {f"{name}_{peer}_s".replace(" ", "_"): took.seconds for peer, took in measured.items()}
                figures[f"{name}_ratio"] = measured["tool + S3"].seconds / measured["ours"].seconds
                figures[f"{name}_growth"] = (measured["ours"].peak_mb or 0) / (measured["ours 1/10"].peak_mb or 1)
                goals += [Goal(f"{name}_ratio", at_least=0.9), Goal(f"{name}_growth", at_most=1.5)]
    notes = (
        f"{rows:,} rows of 5 columns; S3 is {s3.name}; servers and clients share this machine.",
        f"ratio: tool + S3 over ours, best of {ROUNDS} in turns; growth: our peak memory at all rows over a tenth.",
    )
    return Report("copy", ("copy", "seconds", "peak MB"), tuple(table), figures, tuple(goals), notes)


class _Bench:
    """One server with its rows."""

    def __init__(self, address: Address, s3: Storage, folder: Path, rows: int) -> None:
        self._address = address
        self._s3 = s3
        self._file = folder / "rows.txt"
        self._rows = rows
        self._client = s3.client()

    def measure(self) -> Iterator[tuple[str, dict[str, Took]]]:
        """Both directions: who took how much."""
        out: dict[str, Took] = {}
        into: dict[str, Took] = {}
        for share in (100, 10):
            self._fill(self._rows // share)
            out[f"ours 1/{share}"] = self._program("ours", self._unload())
            self._empty()
            into[f"ours 1/{share}"] = self._program("ours", self._load())
        self._fill(self._rows)
        self._rounds(out, self._one_out)
        out["loop"] = self._program("loop", self._unload("looped"))
        self._rounds(into, self._one_in)
        self._empty()
        into["loop"] = self._program("loop", self._load())
        yield "unload", out
        yield "load", into

    def _rounds(self, best: dict[str, Took], once: Callable[[], dict[str, Took]]) -> None:
        """In turns, so that what else the machine does meets all alike."""
        for _ in range(ROUNDS):
            for name, took in once().items():
                known = best.get(name, took)
                peak = max(known.peak_mb, took.peak_mb) if known.peak_mb and took.peak_mb else None
                best[name] = Took(min(known.seconds, took.seconds), peak)

    def _one_out(self) -> dict[str, Took]:
        ours = self._program("ours", self._unload())
        tool = self._tool(self._tool_out())
        return {
            "ours": ours,
            "tool": tool,
            "tool + S3": self._with_s3(tool, lambda: self._client.upload_file(str(self._file), BUCKET, "t")),
        }

    def _one_in(self) -> dict[str, Took]:
        self._empty()
        ours = self._program("ours", self._load())
        self._empty()
        tool = self._tool(self._tool_in())
        return {
            "ours": ours,
            "tool": tool,
            "tool + S3": self._with_s3(tool, lambda: self._client.download_file(BUCKET, "t", str(self._file))),
        }

    def _fill(self, rows: int) -> None:
        with self._session() as session:
            for name in ("rows_in", "rows_out"):
                session.run(f"DROP TABLE IF EXISTS {name}")
                session.run(f"CREATE TABLE {name} {SHAPE[self._address.engine]}")
            session.run(FILL[self._address.engine].format(rows))
            session.commit()

    def _empty(self) -> None:
        with self._session() as session:
            session.run("TRUNCATE TABLE rows_out")
            session.run("DROP TABLE IF EXISTS penstock_loads")
            session.commit()

    @contextmanager
    def _session(self) -> Iterator[Session]:
        session = SqlDatabases(lambda *_: None).open(self._address)
        yield session
        session.close()

    def _unload(self, key: str = "rows") -> str:
        return self._task(_table("In", "rows_in"), item("Out", type="S3DataNode", filePath=f"s3://{BUCKET}/{key}"))

    def _load(self) -> str:
        return self._task(item("In", type="S3DataNode", filePath=f"s3://{BUCKET}/rows"), _table("Out", "rows_out"))

    def _task(self, source: PipelineObject, target: PipelineObject) -> str:
        found = self._address
        scheme = "postgresql" if found.engine is Engine.POSTGRESQL else "mysql"
        url = f"jdbc:{scheme}://{found.host}:{found.port}/{found.database}"
        database = item("Db", type="JdbcDatabase", connectionString=url, username=found.user, **{"*password": ""})
        copy = item("Copy", type="CopyActivity", input=Ref("In"), output=Ref("Out"))
        path = self._file.with_suffix(".task")
        path.write_text(encode_task(task(copy, source, target, database)))
        return str(path)

    def _program(self, way: str, path: str) -> Took:
        return self._tool([sys.executable, "-m", "bench.programs.sql_copy", way, path, self._s3.endpoint], tells=True)

    def _tool(self, command: list[str], *, tells: bool = False) -> Took:
        """Run a command. `tells`: it prints its seconds, which leave its start-up out, and its peak."""
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=self._s3.environment())
        said = process.stdout.read() if process.stdout else ""
        if process.wait():
            raise RuntimeError(f"{command[0]} failed")
        return Took(*map(float, said.split())) if tells else Took(time.perf_counter() - began)

    def _with_s3(self, tool: Took, carry: Callable[[], Any]) -> Took:
        began = time.perf_counter()
        carry()
        return Took(tool.seconds + time.perf_counter() - began)

    def _tool_out(self) -> list[str]:
        if self._address.engine is Engine.POSTGRESQL:
            return self._psql(f"\\copy rows_in to '{self._file}' (delimiter ',')")
        return ["sh", "-c", f'{self._mariadb()} --quick -N -B -e "SELECT * FROM rows_in" > {self._file}']

    def _tool_in(self) -> list[str]:
        if self._address.engine is Engine.POSTGRESQL:
            return self._psql(f"\\copy rows_out from '{self._file}' (delimiter ',')")
        return ["sh", "-c", f"{self._mariadb()} -e \"LOAD DATA LOCAL INFILE '{self._file}' INTO TABLE rows_out\""]

    def _psql(self, command: str) -> list[str]:
        found = self._address
        where = ["-h", found.host, "-p", str(found.port), "-U", found.user, "-d", found.database]
        return [_needed("psql"), *where, "-q", "-c", command]

    def _mariadb(self) -> str:
        found = self._address
        return f"{_needed('mariadb')} -h {found.host} -P {found.port} -u {found.user} --local-infile=1 {found.database}"


def _table(name: str, of: str) -> PipelineObject:
    return item(name, type="SqlDataNode", table=of, database=Ref("Db"))


def _needed(tool: str) -> str:
    found = shutil.which(tool)
    if found is None:
        raise RuntimeError(f"this bench compares with {tool}: install postgresql-client and mariadb-client-core")
    return found
