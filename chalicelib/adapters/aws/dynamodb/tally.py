"""How many living pipelines an owner has: a counter beside them, so that a limit costs one write and no reads.

Counter and record are not written as one transaction. They are written in an order in which a crash leaves the counter
too high, never too low: raised before the record is written, lowered after it is gone. A counter that says the limit is
reached is counted anew from the owner index before anybody is refused, so a wrong one refuses nobody. What is being
created at that very moment is not in the index: the limit may then be passed by as many.
"""

from contextlib import suppress

from chalicelib.adapters.aws.dynamodb.items import Item, number, text
from chalicelib.adapters.aws.dynamodb.table import Table
from chalicelib.ports.errors import Conflict, Full


class Tally:
    """The counters of one table of pipelines."""

    def __init__(self, pipelines: Table) -> None:
        self._pipelines = pipelines

    def raise_for(self, owner: str, most: int) -> None:
        """Count one more. Raises Full when the owner has `most` already."""
        if self._raised(owner, most):
            return
        self._count_anew(owner)
        if not self._raised(owner, most):
            raise Full("create_pipeline", f"{most} pipelines")

    def lower_for(self, owner: str) -> None:
        """Count one less."""
        with suppress(Conflict):  # counted anew since
            self._pipelines.update(
                _key(owner), "SET living = living - :one", "living > :none", {":one": number(1), ":none": number(0)}
            )

    def _raised(self, owner: str, most: int) -> bool:
        try:
            self._pipelines.update(
                _key(owner),
                "ADD living :one",
                "attribute_not_exists(living) OR living < :most",
                {":one": number(1), ":most": number(most)},
            )
        except Conflict:
            return False
        return True

    def _count_anew(self, owner: str) -> None:
        seen = self._pipelines.get(_key(owner))
        if seen is None:  # `most` is 0
            return
        counted = self._pipelines.count_rows(
            IndexName="owner",
            KeyConditionExpression="owner_id = :owner",
            ExpressionAttributeValues={":owner": text(owner)},
        )
        with suppress(Conflict):  # somebody else counts, too
            self._pipelines.put({**_key(owner), "living": number(counted)}, "living = :seen", {":seen": seen["living"]})


def _key(owner: str) -> Item:
    return {"id": text(f"owner#{owner}"), "part": text("tally")}
