"""Size and limits to parts. Pure."""

from chalicelib.domain.errors import DataPipelineError
from chalicelib.transfer.limits import CopyLimits


class ObjectTooLarge(DataPipelineError):
    """More parts would be needed than an upload may have."""


def part_size(size: int, kept: int, limits: CopyLimits) -> int:
    """The part size, in bytes, to copy an object of `size` bytes with.

    kept   the source's own first part: with the same parts the copy gets the same ETag, so it is used where it can be
    """
    fitting = -(-size // limits.parts)
    return kept if fitting <= kept < size and kept <= limits.single else max(limits.part, fitting)


def part_ranges(size: int, part: int, limits: CopyLimits) -> tuple[tuple[int, int], ...]:
    """Cover [0, size) with parts, as (first byte, last byte), both included.

    Returns  parts in order, no gap, no overlap; none when size is 0
    Raises   ObjectTooLarge when there would be too many
    """
    ranges = tuple((first, min(first + part, size) - 1) for first in range(0, size, part))
    if len(ranges) > limits.parts:
        raise ObjectTooLarge(f"{size} bytes need {len(ranges)} parts of {part}, {limits.parts} are allowed")
    return ranges
