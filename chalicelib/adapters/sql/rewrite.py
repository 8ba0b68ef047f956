"""Between the dialect, where an escape takes the next character literally, and the servers' own bulk text.

Servers write and read a backslash before a letter as a control character: `\\n` is a line feed to them, an n to us;
everything else is the same. Blocks hold whole records, so that no escape is cut in two.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

_WRITTEN: Mapping[bytes, bytes] = {
    b"b": b"\b",
    b"f": b"\f",
    b"n": b"\\\n",
    b"r": b"\\\r",
    b"t": b"\t",
    b"v": b"\v",
}
_FROM_POSTGRESQL = re.compile(rb"\\(?:\\|([bfnrtv]))")


def to_server(letters: bytes) -> Callable[[Iterable[bytes]], Iterator[bytes]]:
    """A rewriting of blocks for a server that gives these letters a meaning of its own.

    A bare CR gets an escape: PostgreSQL refuses it otherwise.
    """
    special = re.compile(rb"\\(?:[\\\r]|([" + letters + rb"]))|(\r)")

    def rewritten(match: re.Match[bytes]) -> bytes:
        return match[1] or (b"\\\r" if match[2] else match[0])

    def rewrite(content: Iterable[bytes]) -> Iterator[bytes]:
        for block in content:
            yield special.sub(rewritten, block) if b"\\" in block or b"\r" in block else block

    return rewrite


def from_postgresql(block: bytes, separator: bytes) -> bytes:
    """A block of PostgreSQL's text format in the dialect."""
    if b"\\" not in block:
        return block

    def rewritten(match: re.Match[bytes]) -> bytes:
        letter = match[1]
        if letter is None:
            return match[0]
        written = _WRITTEN[letter]
        return b"\\" + written if written == separator else written

    return _FROM_POSTGRESQL.sub(rewritten, block)
