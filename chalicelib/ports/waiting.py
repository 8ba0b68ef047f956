"""What waits for the end of jobs elsewhere. Part of the store: two implementations, one contract suite."""

from typing import Protocol


class WaitingStore(Protocol):
    """Texts by job. They expire as history does, should nobody drop them."""

    def put_waiting(self, job: str, text: str) -> None:
        """Say what waits for the job, replacing what was said before."""

    def waiting(self, job: str) -> str | None:
        """What waits for it, read consistently; None when nothing does."""

    def drop_waiting(self, job: str) -> None:
        """Forget; no error when absent."""
