"""What distinguishes one kept answer from another.

API Gateway leaves path, query and caller out of the key unless they are named, and would then give one caller what
another asked for. Everything that an answer depends on is named here: the path, the query, the caller's token, and the
headers that the application looks at. Callers with AWS credentials sign each request anew, so that no header stands
for them: what they read is never kept. Nor is what anybody may read: errors are kept too, so that anybody could have
one kept for all, by a parameter that is refused and stands in no key.
"""

from deploy.methods import Auth, Method
from deploy.stage import Stage

READS = ("If-None-Match", "Origin")
"""Headers of a request that change the answer."""
CALLER = "Authorization"


def kept_seconds(stage: Stage, method: Method) -> int | None:
    """How long answers of the method are kept; None when they are not."""
    if stage.cache is None or method.verb != "GET" or method.auth is not Auth.TOKEN:
        return None
    return stage.cache.operations.get(method.operation)


def key_headers(method: Method) -> tuple[str, ...]:
    """Names of the request headers in the key."""
    return (*([CALLER] if method.auth is Auth.TOKEN else []), *READS)


def key_parameters(method: Method) -> tuple[str, ...]:
    """The key's parts, as API Gateway names them."""
    return (
        *(f"method.request.path.{name}" for name in method.path_parameters),
        *(f"method.request.querystring.{name}" for name in method.query or {}),
        *(f"method.request.header.{name}" for name in key_headers(method)),
    )
