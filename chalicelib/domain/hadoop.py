"""Arguments of EMR steps and bootstrap actions as they stand in one field: `jar,argument,…`.

Pure text; must not know what is run. Source: developer guide, EmrActivity and EmrCluster: two backslashes in the stored
text (four in a JSON file) before a comma keep it in its argument, and four before any other character leave one.
"""

import re

_PIECE = re.compile(r"(?P<slashes>\\*)(?P<next>[^\\]|$)", re.DOTALL)


def split_arguments(text: str) -> tuple[str, ...]:
    """The arguments, blanks around each removed; empty ones in between stay, an empty text has none.

    Expressions must have been evaluated: they may hold commas of their own. One backslash before a comma counts like
    two: whoever wrote it wants the comma.
    """
    arguments: list[str] = []
    current = ""
    for piece in _PIECE.finditer(text):
        count, following = len(piece["slashes"]), piece["next"]
        current += "\\" * (count // 4)
        if following == "," and not _is_kept(count):
            arguments.append(current.strip())
            current = ""
        else:
            current += following
    if current.strip() or arguments:
        arguments.append(current.strip())
    return tuple(arguments)


def _is_kept(slashes: int) -> bool:
    """Whether a comma after so many backslashes belongs to its argument."""
    return slashes == 1 or slashes // 2 % 2 == 1
