"""ETags and If-Match: an edit of something that changed meanwhile is refused instead of lost."""

from chalicelib.edge.rest.contract import Call, Refused


def etag(revision: int) -> str:
    """The strong validator of a revision or version."""
    return f'"{revision}"'


def check_match(call: Call, revision: int) -> None:
    """Hold the request's If-Match, if any, against what is stored. Raises Refused (412)."""
    wanted = call.headers.get("if-match", "").strip()
    if wanted and wanted != "*" and etag(revision) not in (part.strip() for part in wanted.split(",")):
        message = "If-Match names another revision than the present one: read it again, then decide again"
        raise Refused(412, "PreconditionFailed", message, field="If-Match", expected=etag(revision))
