"""The user pool's addresses: sign-in page, OAuth 2.0 endpoints, keys. Knows HTTP and cookies, and no rule of who may.

On AWS the pages have a domain of their own and the keys another; here one address has both, and is the issuer's name.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl, urlencode

from local.cognito import pages
from local.cognito.asking import Asking, Declined, NotTold, asked, led_to
from local.cognito.directory import Directory, NewPassword, WrongPassword
from local.cognito.granting import Failed, Granting
from local.cognito.tokens import Issuer
from local.cognito.vault import Vault
from local.gateway.exchange import Answer, Incoming

COOKIE = "cognito"
SIGNED_IN_FOR = timedelta(hours=1)
HEADERS = (("Cache-Control", "no-store"), ("Access-Control-Allow-Origin", "*"))
PAGE_HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    (
        "Content-Security-Policy",
        f"default-src 'none'; style-src 'sha256-{pages.STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("Referrer-Policy", "no-referrer"),
)
Form = Mapping[str, str]


class Door:
    """Answers for one user pool at `url`. `ready`: people whom the sign-in page tells about."""

    def __init__(
        self,
        url: str,
        arn: str,
        directory: Directory,
        now: Callable[[], datetime] | None = None,
        ready: pages.ReadyMade | None = None,
    ) -> None:
        self._url = url
        self._ready = ready
        self._now = now or (lambda: datetime.now(UTC))
        self._directory = directory
        self.issuer = Issuer(f"{url}/{directory.pool}", arn, self._now)
        self._granting = Granting(directory, self.issuer, self._now)
        self._sessions: Vault[tuple[str, datetime]] = Vault(self._now)
        self._routes: Mapping[tuple[str, str], Callable[[Incoming], Answer]] = {
            ("GET", "/oauth2/authorize"): self._authorize,
            ("GET", "/login"): self._show,
            ("POST", "/login"): self._sign_in,
            ("GET", "/logout"): self._sign_out,
            ("POST", "/oauth2/token"): self._tokens,
            ("POST", "/oauth2/revoke"): self._revoke,
            ("GET", "/oauth2/userInfo"): self._about,
            ("GET", f"/{directory.pool}/.well-known/jwks.json"): lambda _: _json(self.issuer.public_keys()),
            ("GET", f"/{directory.pool}/.well-known/openid-configuration"): lambda _: _json(self._configuration()),
        }

    def answer(self, request: Incoming) -> Answer:
        """The answer to one request."""
        if request.method == "OPTIONS":
            allowed = (("Access-Control-Allow-Headers", "Authorization, Content-Type"), *HEADERS)
            return Answer(204, allowed, b"")
        run = self._routes.get((request.method, request.path))
        if run is None:
            return _page(404, pages.fault("There is no such page."))
        try:
            return run(request)
        except NotTold as error:
            return _page(400, pages.fault(error.reason))
        except Declined as error:
            return _led(error.location())
        except Failed as error:
            return _json({"error": error.error}, error.status)

    def _authorize(self, request: Incoming) -> Answer:
        asking = self._asked(request)
        known = self._sessions.find(_cookie(request))
        return self._granted(asking, *known) if known else _led(f"/login?{urlencode(request.query)}")

    def _show(self, request: Incoming) -> Answer:
        self._asked(request)
        return _page(200, pages.sign_in(f"/login?{urlencode(request.query)}", ready=self._ready))

    def _sign_in(self, request: Incoming) -> Answer:
        asking, form = self._asked(request), _form(request)
        action, username = f"/login?{urlencode(request.query)}", form.get("username", "")
        session, password = form.get("session", ""), form.get("new_password", "")
        try:
            found = self._checked(asking, form)
        except WrongPassword as error:
            again = pages.new_password(action, username, session, error.reason) if session and password else None
            return _page(200, again or pages.sign_in(action, username, error.reason, self._ready))
        if found is not None:
            return _page(200, pages.new_password(action, username, found.session))
        now = self._now()
        answer = self._granted(asking, username, now)
        kept = self._sessions.keep((username, now), SIGNED_IN_FOR)
        cookie = f"{COOKIE}={kept}; Path=/; HttpOnly; SameSite=Lax; Max-Age={int(SIGNED_IN_FOR.total_seconds())}"
        return Answer(answer.status, (*answer.headers, ("Set-Cookie", cookie)), answer.body)

    def _checked(self, asking: Asking, form: Form) -> NewPassword | None:
        if "new_password" in form:
            session = form.get("session", "")
            self._directory.renew(asking.client, form.get("username", ""), session, form["new_password"])
            return None
        return self._directory.check(asking.client, form.get("username", ""), form.get("password", ""))

    def _granted(self, asking: Asking, username: str, signed_in: datetime) -> Answer:
        code = self._granting.code(asking, username, signed_in)
        return _led(led_to(asking.address, {"code": code, "state": asking.state}))

    def _sign_out(self, request: Incoming) -> Answer:
        given = dict(request.query)
        client = self._directory.client(given.get("client_id", ""))
        if client is None:
            raise NotTold("There is no client of this client_id.")
        address = given.get("logout_uri", "")
        if address and address not in client.leave_to:
            raise NotTold("The logout_uri is none of the client's sign-out URLs.")
        self._sessions.take(_cookie(request))
        gone = ("Set-Cookie", f"{COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0")
        answer = _led(address) if address else _page(200, pages.signed_out())
        return Answer(answer.status, (*answer.headers, gone), answer.body)

    def _tokens(self, request: Incoming) -> Answer:
        return _json(self._granting.tokens(_form(request), request.headers.get("authorization", "")))

    def _revoke(self, request: Incoming) -> Answer:
        self._granting.revoke(_form(request), request.headers.get("authorization", ""))
        return Answer(200, HEADERS, b"")

    def _about(self, request: Incoming) -> Answer:
        return _json(self._granting.about(request.headers.get("authorization", "")))

    def _asked(self, request: Incoming) -> Asking:
        return asked(dict(request.query), self._directory.client)

    def _configuration(self) -> Mapping[str, object]:
        return {
            "issuer": self.issuer.url,
            "authorization_endpoint": f"{self._url}/oauth2/authorize",
            "token_endpoint": f"{self._url}/oauth2/token",
            "userinfo_endpoint": f"{self._url}/oauth2/userInfo",
            "revocation_endpoint": f"{self._url}/oauth2/revoke",
            "end_session_endpoint": f"{self._url}/logout",
            "jwks_uri": f"{self.issuer.url}/.well-known/jwks.json",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile"],
        }


def _form(request: Incoming) -> Form:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Failed("invalid_request")
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def _cookie(request: Incoming) -> str:
    found = SimpleCookie(request.headers.get("cookie", "")).get(COOKIE)
    return found.value if found is not None else ""


def _led(address: str) -> Answer:
    return Answer(302, (("Location", address), ("Cache-Control", "no-store")), b"")


def _page(status: int, html: str) -> Answer:
    return Answer(status, PAGE_HEADERS, html.encode())


def _json(value: object, status: int = 200) -> Answer:
    return Answer(status, (("Content-Type", "application/json"), *HEADERS), json.dumps(value).encode())
