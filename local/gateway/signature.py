"""Signature Version 4: is a request signed, by whom, and is the signature right? In headers or in a presigned query.

Recomputed with botocore's signer from what was sent: method, path, query, the headers named as signed, and the body.
Not imitated: the Region is taken as it comes, and a policy is not asked.
Source: IAM User Guide, "Elements of an AWS API request signature"; messages as API Gateway gives them
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from urllib.parse import quote, unquote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.gateway.exchange import Incoming, Refusal
from local.identity import Key, Keys

ALGORITHM = "AWS4-HMAC-SHA256"
SERVICES = ("execute-api", "datapipeline")
"""A deployed API takes the first; the second is what the AWS CLI signs for unless told otherwise."""
SKEW = timedelta(minutes=5)
LONGEST_PRESIGNED = timedelta(days=7)
_STAMP = "%Y%m%dT%H%M%SZ"
_PARTS = ("Credential", "SignedHeaders", "Signature")


@dataclass(unsafe_hash=True)
class BadSignature(Exception):
    """Somebody signed, and not well."""

    error: str
    message: str

    def refusal(self) -> Refusal:
        """How the gateway says so."""
        kind = "EXPIRED_TOKEN" if self.error == "ExpiredTokenException" else "INVALID_SIGNATURE"
        return Refusal(403, kind, self.message, self.error)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says of its signature.

    expires  None for a signature in headers, which is good for five minutes
    query    as it is signed: without the signature itself
    """

    access_key: str
    day: str
    region: str
    service: str
    signed: tuple[str, ...]
    signature: str
    stamp: str
    token: str
    query: str
    expires: timedelta | None = None


class _Signer(SigV4Auth):  # type: ignore[misc]  # botocore has no types
    """botocore's, except that the client has decided which headers are signed."""

    def headers_to_sign(self, request: AWSRequest) -> Mapping[str, str]:
        found: Mapping[str, str] = request.headers
        return found


def verified(request: Incoming, keys: Keys, now: datetime) -> Key | None:
    """Whoever signed the request; None when nobody did. Raises BadSignature."""
    claim = _claim(request)
    if claim is None:
        return None
    _check_scope(claim)
    _check_time(claim, now)
    key = keys.find(claim.access_key)
    if key is None or not hmac.compare_digest(key.token.encode(), claim.token.encode()):
        raise BadSignature("UnrecognizedClientException", "The security token included in the request is invalid.")
    _check_signature(claim, request, key)
    if key.expires and datetime.fromisoformat(key.expires).replace(tzinfo=UTC) < now:
        raise BadSignature("ExpiredTokenException", "The security token included in the request is expired")
    return key


def _claim(request: Incoming) -> Claim | None:
    header = request.headers.get("authorization", "")
    if header:
        return _claim_of_header(header, request)
    query = dict(_pairs(request.sent[1]))
    return _claim_of_query(query, request) if "X-Amz-Algorithm" in query else None


def _claim_of_header(header: str, request: Incoming) -> Claim:
    algorithm, _, rest = header.partition(" ")
    if algorithm != ALGORITHM:
        raise BadSignature("IncompleteSignatureException", f"Unsupported AWS 'algorithm': {algorithm[:64]!r}.")
    given = {name.strip(): value.strip() for name, _, value in (part.partition("=") for part in rest.split(","))}
    stamp = request.headers.get("x-amz-date") or _stamp_of_date(request.headers.get("date", ""))
    missing = [f"Authorization header requires '{part}' parameter." for part in _PARTS if not given.get(part)]
    if not stamp:
        missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if missing:
        raise BadSignature("IncompleteSignatureException", " ".join(missing))
    token = request.headers.get("x-amz-security-token", "")
    return _made(given, stamp, token, _canonical(request.sent[1]), None)


def _claim_of_query(query: Mapping[str, str], request: Incoming) -> Claim:
    given = {part: query.get(f"X-Amz-{part}", "") for part in _PARTS}
    seconds = query.get("X-Amz-Expires", "")
    if query["X-Amz-Algorithm"] != ALGORITHM or not all(given.values()) or not query.get("X-Amz-Date"):
        wanted = "X-Amz-Algorithm, X-Amz-Credential, X-Amz-Date, X-Amz-SignedHeaders and X-Amz-Signature"
        raise BadSignature("IncompleteSignatureException", f"A presigned request has {wanted} in its query.")
    if not re.fullmatch(r"\d{1,6}", seconds) or timedelta(seconds=int(seconds)) > LONGEST_PRESIGNED:
        raise BadSignature("IncompleteSignatureException", "X-Amz-Expires has to be at most 604800 seconds.")
    token, canonical = query.get("X-Amz-Security-Token", ""), _canonical(request.sent[1])
    return _made(given, query["X-Amz-Date"], token, canonical, timedelta(seconds=int(seconds)))


def _made(given: Mapping[str, str], stamp: str, token: str, query: str, expires: timedelta | None) -> Claim:
    scope = given["Credential"].split("/")
    if len(scope) != 5 or scope[4] != "aws4_request":
        wanted = "<access key id>/<yyyymmdd>/<region>/<service>/aws4_request"
        raise BadSignature("IncompleteSignatureException", f"Credential must be {wanted}, got {given['Credential']!r}.")
    signed = tuple(name.strip().lower() for name in given["SignedHeaders"].split(";"))
    return Claim(scope[0], scope[1], scope[2], scope[3], signed, given["Signature"], stamp, token, query, expires)


def _check_scope(claim: Claim) -> None:
    if claim.service not in SERVICES:
        raise _wrong(f"Credential should be scoped to correct service: '{SERVICES[0]}'.")
    if claim.day != claim.stamp[:8]:
        raise _wrong(f"Date in Credential scope does not match YYYYMMDD from the request's date: {claim.stamp!r}.")
    if "host" not in claim.signed:
        raise _wrong("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")


def _check_time(claim: Claim, now: datetime) -> None:
    try:
        signed_at = datetime.strptime(claim.stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError as error:
        raise _wrong(f"Date must be in ISO-8601 'basic format', got {claim.stamp!r}.") from error
    latest = signed_at + (SKEW if claim.expires is None else claim.expires)
    if now > latest:
        raise _wrong(f"Signature expired: {claim.stamp} is now earlier than {now - (latest - signed_at):{_STAMP}}.")
    if signed_at - SKEW > now:
        raise _wrong(f"Signature not yet current: {claim.stamp} is still later than {now + SKEW:{_STAMP}}.")


def _check_signature(claim: Claim, request: Incoming, key: Key) -> None:
    digest = sha256(request.body).hexdigest()
    if request.headers.get("x-amz-content-sha256", digest) != digest:
        raise _wrong("The provided 'x-amz-content-sha256' header does not match what was computed.")
    signer = _Signer(Credentials(key.access_key, key.secret), claim.service, claim.region)
    made = _as_signed(claim, request)
    canonical = signer.canonical_request(made)
    to_sign = signer.string_to_sign(made, canonical)
    if not hmac.compare_digest(signer.signature(to_sign, made).encode(), claim.signature.encode()):
        raise _wrong(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            "Access Key and signing method. Consult the service documentation for details.\n\n"
            f"The Canonical String for this request should have been\n'{canonical}'\n\n"
            f"The String-to-Sign should have been\n'{to_sign}'\n"
        )


def _as_signed(claim: Claim, request: Incoming) -> AWSRequest:
    headers = {name: request.headers[name] for name in claim.signed if name in request.headers}
    url = f"http://{request.headers.get('host', 'localhost')}{request.sent[0]}?{claim.query}"
    made = AWSRequest(request.method, url, headers, request.body)
    made.context["timestamp"] = claim.stamp
    return made


def _pairs(query: str) -> list[tuple[str, str]]:
    parts = (part.partition("=") for part in query.split("&") if part)
    return [(unquote(name), unquote(value)) for name, _, value in parts]


def _canonical(query: str) -> str:
    """Encoded the one way in which it is signed, whatever way it was sent."""
    kept = [pair for pair in _pairs(query) if pair[0] != "X-Amz-Signature"]
    return "&".join(sorted(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in kept))


def _stamp_of_date(header: str) -> str:
    try:
        return f"{parsedate_to_datetime(header).astimezone(UTC):{_STAMP}}"
    except ValueError:
        return ""


def _wrong(message: str) -> BadSignature:
    return BadSignature("InvalidSignatureException", message)
