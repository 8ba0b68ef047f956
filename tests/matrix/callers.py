"""Every kind of caller, with real tokens and real signatures."""

import base64
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

os.environ.setdefault("PENSTOCK_CONTROL", "sqlite")
os.environ.setdefault("PENSTOCK_DATABASE", ":memory:")
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from chalicelib import bootstrap
from local.cognito.tokens import Issuer, Person, Session
from local.gateway.exchange import Incoming
from local.identity import DEFAULT_ACCOUNT, EmbeddedKeys, Key
from tests.matrix.rules import ROLES, Identity, Owner, Proof
from tests.signing import HOST, signed

API_KEY = "penstock-local"
STRANGER = "999900001111"
OWNERS = (
    Owner("account", DEFAULT_ACCOUNT),
    Owner("red", DEFAULT_ACCOUNT, "red"),
    Owner("blue", DEFAULT_ACCOUNT, "blue"),
    Owner("other", STRANGER),
)
SCOPES = ("read", "write", "operate")
EVERY_SCOPE = tuple(f"penstock/{scope}" for scope in SCOPES)
POOL = Issuer("https://cognito.invalid/us-east-1_ours", bootstrap.settings().user_pool)
OTHER_POOL = Issuer("https://cognito.invalid/us-east-1_other", "arn:aws:cognito-idp:us-east-1:1:userpool/other")
IMPOSTOR = Issuer(POOL.url, POOL.arn)
HOUR = timedelta(hours=1)
VERBS: tuple[tuple[str, ...], ...] = ((), ("GET",), ("POST", "PUT"))
SESSION = Session("origin", datetime.now(UTC))
Send = Callable[[str, str, bytes], Incoming]


def pools(arn: str) -> Issuer | None:
    """The pools that exist, as the gateway is told of them."""
    return {POOL.arn: POOL, OTHER_POOL.arn: OTHER_POOL}.get(arn)


def bearing(token: str) -> Send:
    """Sends a bearer token."""
    return _with({"authorization": f"Bearer {token}"})


def person(*groups: str, issuer: Issuer = POOL, scopes: tuple[str, ...] = EVERY_SCOPE, lasts: timedelta = HOUR) -> str:
    """The access token of somebody in these groups."""
    return issuer.access_token("console", scopes, lasts, Person("6a-b7", "ann", groups=groups), SESSION)


def identities() -> Iterator[Identity]:
    """All of them."""
    yield from _nobodies()
    for scope in SCOPES:
        yield _machine(f"machine with {scope}", scope)
    yield _machine("machine of red", "read", "write", "operate", groups=("red",))
    for role in ROLES:
        yield _person(f"one of {role}", (role,))
    yield _person("nobody's member", ())
    yield _person("red reader", ("readers",), ("red",))
    yield _person("red all-rounder", ("writers", "operators"), ("red",))
    yield _person("blue all-rounder", ("writers", "operators"), ("blue",))
    yield _person("admin who asked for read", ("admins",), scopes=("read",))
    yield _signer("signer of the account", DEFAULT_ACCOUNT)
    yield _signer("signer of another", STRANGER)
    for verbs in VERBS:
        yield _user(*verbs)


def _nobodies() -> Iterator[Identity]:
    identity = POOL.id_token("console", Person("6a-b7", "ann", groups=("admins",)), SESSION, HOUR)
    ours = person("admins")
    yield Identity("nobody", _with({}))
    yield Identity("junk", bearing("junk"))
    yield Identity("altered token", bearing(f"{ours[:-9]}AAAA{ours[-5:]}"))
    yield Identity("unsigned token", bearing(_unsigned(ours)))
    yield Identity("expired token", bearing(person("admins", lasts=-timedelta(seconds=1))))
    yield Identity("other pool's token", bearing(person("admins", issuer=OTHER_POOL)))
    yield Identity("impostor's token", bearing(person("admins", issuer=IMPOSTOR)))
    yield Identity("ID token", bearing(identity))
    yield Identity("wrong secret", _signing(DEFAULT_ACCOUNT, "not its own"))
    yield Identity("old signature", _signing(DEFAULT_ACCOUNT, at=-HOUR))
    yield Identity("wrong API key", _with({"x-api-key": "not the key"}))
    yield Identity("API key", _with({"x-api-key": API_KEY}), Proof.KEY, DEFAULT_ACCOUNT, frozenset())


def _machine(name: str, *scopes: str, groups: tuple[str, ...] = ()) -> Identity:
    named = (*(f"penstock/{scope}" for scope in scopes), *(f"penstock-groups/{group}" for group in groups))
    send = bearing(POOL.access_token("robot", named, HOUR))
    return Identity(name, send, Proof.TOKEN, DEFAULT_ACCOUNT, frozenset(groups), None, frozenset(scopes))


def _person(
    name: str, roles: tuple[str, ...], groups: tuple[str, ...] = (), scopes: tuple[str, ...] = SCOPES
) -> Identity:
    token = person(*roles, *groups, scopes=tuple(f"penstock/{scope}" for scope in scopes))
    kinds = (frozenset(groups), frozenset(roles), frozenset(scopes))
    return Identity(name, bearing(token), Proof.TOKEN, DEFAULT_ACCOUNT, *kinds)


def _signer(name: str, account: str) -> Identity:
    return Identity(name, _signing(account), Proof.SIGNATURE, account)


def _user(*verbs: str) -> Identity:
    key = USERS[verbs]
    send = _signing(key.access_key, key.secret)
    name = f"IAM user who may {'/'.join(verbs) or 'nothing'}"
    return Identity(name, send, Proof.SIGNATURE, DEFAULT_ACCOUNT, verbs=frozenset(verbs))


def _allowing(number: int, *verbs: str) -> Key:
    resources = [f"arn:aws:execute-api:us-east-1:*:*/*/{verb}/*" for verb in verbs]
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resources}
    arn = f"arn:aws:iam::{DEFAULT_ACCOUNT}:user/u"
    return Key(f"AKIA{number:A>16}", "s3cret", DEFAULT_ACCOUNT, arn, policies=({"Statement": [statement]},))


def _signing(key: str, secret: str | None = None, at: timedelta = timedelta(0)) -> Send:
    def send(method: str, target: str, body: bytes) -> Incoming:
        return signed(method, target, body, _headers(target), key=key, secret=secret, at=at)

    return send


def _with(headers: dict[str, str]) -> Send:
    def send(method: str, target: str, body: bytes) -> Incoming:
        path, _, query = target.partition("?")
        parts = (part.partition("=") for part in query.split("&") if part)
        pairs = tuple((name, unquote(value)) for name, _, value in parts)
        sent = {name.lower(): value for name, value in _headers(target).items()}
        return Incoming(method, path, pairs, {"host": HOST, **sent, **headers}, body, target)

    return send


def _headers(target: str) -> dict[str, str]:
    if target in ("/datapipeline", "/"):
        return {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "DataPipeline.GetPipelineDefinition"}
    return {"Content-Type": "application/json"}


def _unsigned(token: str) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    return f"{head}.{token.split('.')[1]}."


USERS = {verbs: _allowing(number + 2, *verbs) for number, verbs in enumerate(VERBS)}
KEYS = EmbeddedKeys({key.access_key: key for key in USERS.values()}.get)
