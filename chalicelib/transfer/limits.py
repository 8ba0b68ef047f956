"""Limits of S3 copies, and the sizes we choose within them.

Source: S3 API reference, CopyObject and UploadPartCopy; S3 User Guide, "Multipart upload limits".
"""

from dataclasses import dataclass
from sys import maxsize

MIB = 1024 * 1024
GIB = 1024 * MIB


@dataclass(frozen=True, slots=True)
class CopyLimits:
    """Bytes and counts. Tests choose smaller ones; nobody may choose larger ones than S3's.

    single        largest object that one CopyObject copies
    part          part size to use when the source's own cannot be kept
    parts         most parts of an upload
    parallel      requests under way at once in one process
    inline        most objects that are copied without handing chunks over
    inline_bytes  most bytes of them
    chunked       most objects that one planner keeps in memory to cut them into chunks
    range_size, range_rows  bytes of a table in one range, about, and the fewest rows
    ranges        most ranges of a table
    chunk_objects, chunk_text  most objects, and characters of keys, in one chunk
    """

    single: int = 5 * GIB
    part: int = 512 * MIB
    parts: int = 10_000
    parallel: int = 32
    inline: int = 500
    inline_bytes: int = maxsize
    chunked: int = 1_000_000
    chunk_objects: int = 250
    chunk_text: int = 100_000
    range_size: int = 128 * MIB
    range_rows: int = 10_000
    ranges: int = 1_000
