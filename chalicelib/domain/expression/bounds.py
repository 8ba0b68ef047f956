"""What one evaluation may cost at most, so that no text can hold a worker up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of one text and its evaluation, the fields it reaches included.

    depth        levels of nesting: parentheses, arguments, fields that refer to fields
    length       characters of one `#{…}`
    expressions  `#{…}` in one text
    steps        nodes evaluated and list elements made
    characters   characters of all strings made on the way, the result included
    """

    depth: int = 50
    length: int = 10_240
    expressions: int = 50_000
    steps: int = 250_000
    characters: int = 41_943_040


BOUNDS = Bounds()
"""`length`: the longest field value of the service. `characters`: twice the longest answer of EvaluateExpression."""
