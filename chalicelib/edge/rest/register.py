"""The table's routes on the application: every operation twice, since API Gateway has one authorizer per method.

/v1/…      tokens of the user pool, with the operation's scope
/iam/v1/…  AWS credentials (Signature Version 4)

Public operations are served once, below /v1, without an authorizer.
"""

from collections.abc import Callable

from chalice.app import Authorizer, Chalice, CognitoUserPoolAuthorizer, Response

from chalicelib.edge.authorizers import scoped
from chalicelib.edge.rest.answer import answer
from chalicelib.edge.rest.contract import Operation
from chalicelib.edge.rest.table import OPERATIONS
from chalicelib.ports.bundle import Ports

TOKENS = "/v1"
SIGNED = "/iam/v1"


def register(app: Chalice, ports: Callable[[], Ports], tokens: CognitoUserPoolAuthorizer, signed: Authorizer) -> None:
    """Add every route. `ports` is called at a request, not now; `tokens` is narrowed to each operation's scope."""
    for operation in OPERATIONS:
        if operation.scope is None:
            _add(app, ports, operation, TOKENS, None)
        else:
            _add(app, ports, operation, TOKENS, scoped(tokens, operation.scope))
            _add(app, ports, operation, SIGNED, signed)


def _add(
    app: Chalice, ports: Callable[[], Ports], operation: Operation, prefix: str, authorizer: Authorizer | None
) -> None:
    def view(**_path: str) -> Response:
        return answer(app, operation, ports())

    view.__name__ = operation.id
    route = app.route(prefix + operation.path, methods=[operation.method], content_types=["*/*"], authorizer=authorizer)
    route(view)
