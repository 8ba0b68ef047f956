"""ETags and If-Match: an edit of something that changed meanwhile is refused instead of lost."""

import re

from chalicelib.edge.rest.contract import Call

_STRONG = re.compile(r'(?<!W/)"([0-9]{1,18})"')


def etag(revision: int) -> str:
    """The strong validator of a revision or version."""
    return f'"{revision}"'


def matched(call: Call) -> frozenset[int] | None:
    """The revisions that If-Match names; None when any will do. Validators that are not ours match nothing."""
    wanted = call.headers.get("if-match", "*").strip()
    return None if wanted == "*" else frozenset(int(number) for number in _STRONG.findall(wanted))
