"""Sealing of secret field values (`*password` and the like)."""

from typing import Protocol


class Sealer(Protocol):
    """Encrypts text so that only this deployment can read it back.

    `context` (the pipeline id) must be the same both ways.
    """

    def seal(self, text: str, context: str) -> str:
        """Ciphertext as printable text."""

    def unseal(self, sealed: str, context: str) -> str:
        """The text again. Raises Rejected when `sealed` was not made by `seal` with this context."""
