"""The gateway's authorizers, for the routes that app.py declares. What they let through is in identity.py."""

from chalice.app import Authorizer, CognitoUserPoolAuthorizer, IAMAuthorizer

from chalicelib.edge.identity import Scope


def signed() -> IAMAuthorizer:
    """Requests signed with AWS credentials."""
    return IAMAuthorizer()


def tokens(user_pool: str) -> CognitoUserPoolAuthorizer:
    """Access tokens of the user pool with this ARN; through `scoped`, since without scopes ID tokens are wanted."""
    return CognitoUserPoolAuthorizer("people", provider_arns=[user_pool])


def scoped(authorizer: CognitoUserPoolAuthorizer, scope: Scope) -> Authorizer:
    """The same authorizer for a route that needs `scope`."""
    return authorizer.with_scopes([scope.value])
