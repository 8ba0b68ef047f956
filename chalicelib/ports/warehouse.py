"""Statements on a data warehouse that runs them by itself: handed in, asked about later, never waited for long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Protocol

Row = tuple[str | None, ...]

MOST_STATEMENTS = 40
"""Statements of one transaction. Source: BatchExecuteStatement."""


@dataclass(frozen=True, slots=True)
class Warehouse:
    """One database and who asks.

    cluster, workgroup  a provisioned cluster or a serverless workgroup; one of them
    user                database user; with a workgroup, or a secret, None: the caller's own identity, or the secret's
    secret              ARN of a secret with user and password
    region              None is the service's own
    """

    cluster: str | None
    workgroup: str | None
    database: str
    user: str | None
    secret: str | None
    region: str | None

    def __str__(self) -> str:
        return f"{self.cluster or self.workgroup}/{self.database}"


class StatementStatus(Enum):
    """How far statements have got. FAILED and ABORTED ones have changed nothing."""

    RUNNING = "RUNNING"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    ABORTED = "ABORTED"


@dataclass(frozen=True, slots=True)
class Statement:
    """What is known of a statement, or of several that were handed in together.

    rows   rows that each of them returned or changed, -1 where that means nothing; empty unless FINISHED
    error  the warehouse's sentence when FAILED
    """

    id: str
    status: StatementStatus
    rows: tuple[int, ...] = ()
    error: str = ""


class Warehouses(Protocol):
    """Every method raises Denied, Missing, Rejected, Throttled or Unavailable."""

    def submit(self, warehouse: Warehouse, sqls: Sequence[str], name: str, token: str) -> str:
        """Hand in 1 to 40 statements, several as one transaction, and return the id they have together.

        name   to `find` them by, at most 500 printable characters
        token  at most 64 characters; within 8 hours the same one gets the same id again, and nothing runs twice
        """

    def status(self, warehouse: Warehouse, statement: str, patience: timedelta) -> Statement:
        """How far it has got; does not answer RUNNING before `patience` has passed, at most 30 seconds."""

    def result(self, warehouse: Warehouse, statement: str) -> Sequence[Row]:
        """The rows that a single statement returned, values as text; kept for 24 hours."""

    def find(self, warehouse: Warehouse, name: str) -> Sequence[Statement]:
        """The statements of the last 24 hours that were handed in with exactly this name, in no order."""

    def cancel(self, warehouse: Warehouse, statement: str) -> None:
        """Ask that it be aborted. No error when it has ended."""
