"""The web console's files as the build left them beside this package, and what the console has to know of the stage.

Everything here is public: the console speaks the REST API, which asks for a token. It has no route to the store.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from chalice.app import Chalice, Response

from chalicelib.edge.identity import Scope

PAGE = "index.html"
_BUILT = Path(__file__).resolve().parent.parent / "console"
_TYPES: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
_HASHED = "public, max-age=31536000, immutable"
_FRESH = "no-cache"


@dataclass(frozen=True, slots=True)
class SignIn:
    """Where people sign in: the user pool's ARN, the address of its pages, and the console's client."""

    user_pool: str
    pages: str
    client: str

    @property
    def issuer(self) -> str:
        """As it stands in the pool's tokens."""
        region, pool = self.user_pool.split(":")[3], self.user_pool.rpartition("/")[2]
        return f"https://cognito-idp.{region}.amazonaws.com/{pool}"


def to_page(app: Chalice) -> Response:
    """To the page, beside which everything it names is found, whatever the gateway's stage is called."""
    request = app.current_request
    path = str(request.context.get("path", "/console")) if request is not None else "/console"
    # Who comes from the sign-in page brings its answer along.
    brought = urlencode(list(request.query_params.items())) if request is not None and request.query_params else ""
    place = f"{path.rstrip('/')}/{PAGE}" + (f"?{brought}" if brought else "")
    return Response("", {"Location": place, "Cache-Control": _FRESH}, 302)


def file(name: str, sign_in: SignIn) -> Response:
    """The page, its icon, or what it has to know."""
    return _told(sign_in) if name == "config.json" else _file(name, _FRESH, sign_in)


def asset(name: str, sign_in: SignIn) -> Response:
    """A script or style; their names change with what is in them."""
    return _file(f"assets/{name}", _HASHED, sign_in)


def policy(sign_in: SignIn) -> str:
    """The content security policy: own files, the REST API, the sign-in's token endpoint, and nothing else."""
    pages = urlsplit(sign_in.pages)
    talks = f"'self' {pages.scheme}://{pages.netloc}" if pages.netloc else "'self'"
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src {talks}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _told(sign_in: SignIn) -> Response:
    if not sign_in.pages or not sign_in.client:
        return _missing("This stage has no user pool for people to sign in; see docs/howto/console.md")
    body = {
        "api": "..",
        "issuer": sign_in.issuer,
        "clientId": sign_in.client,
        "authorizationEndpoint": f"{sign_in.pages}/oauth2/authorize",
        "tokenEndpoint": f"{sign_in.pages}/oauth2/token",
        "logoutEndpoint": f"{sign_in.pages}/logout",
        "scopes": [scope.value for scope in Scope],
    }
    return Response(json.dumps(body), {"Content-Type": "application/json", "Cache-Control": _FRESH}, 200)


def _file(name: str, lasting: str, sign_in: SignIn) -> Response:
    content = _files().get(name)
    if content is None:
        return _missing("There is no such file" if _files() else "The console is not built: make console")
    headers: dict[str, str | list[str]] = {
        "Content-Type": _TYPES[Path(name).suffix],
        "Cache-Control": lasting,
        "Content-Security-Policy": policy(sign_in),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return Response(content, headers, 200)


def _missing(message: str) -> Response:
    body = {"error": {"code": "NotFound", "message": message}}
    return Response(json.dumps(body), {"Content-Type": "application/json", "Cache-Control": "no-store"}, 404)


@cache
def _files() -> Mapping[str, str]:
    """What the build made, by name; names that are asked for are only ever looked up here."""
    found = (path for path in _BUILT.rglob("*") if path.suffix in _TYPES)
    return {path.relative_to(_BUILT).as_posix(): path.read_text("utf-8") for path in found}
