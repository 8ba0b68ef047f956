"""Compressed bodies: requests are unpacked before the application sees them, answers packed when the caller likes it.

Source: API Gateway Developer Guide, "Payload compression for REST APIs in API Gateway"
"""

import gzip
import zlib
from dataclasses import replace

from local.gateway.exchange import Answer, Incoming

CODINGS = ("gzip", "deflate", "identity")
UNPACKING = {"gzip": 31, "deflate": 15}
"""Window bits for zlib: with gzip's header, with zlib's."""


class NotUnpacked(Exception):
    """The body is not what Content-Encoding says, or that coding is unknown."""


class Unpacked(Exception):
    """The body is larger than allowed once it is unpacked."""


def unpacked(request: Incoming, most: int) -> Incoming:
    """The request with its body unpacked. Raises NotUnpacked, or Unpacked when it would hold more than `most` bytes."""
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding == "identity":
        return request
    if coding not in UNPACKING:
        raise NotUnpacked(coding)
    headers = {name: value for name, value in request.headers.items() if name != "content-encoding"}
    return replace(request, body=_unpacked(request.body, UNPACKING[coding], most), headers=headers)


def _unpacked(body: bytes, window: int, most: int) -> bytes:
    unpacking = zlib.decompressobj(window)
    try:
        found = unpacking.decompress(body, most + 1)
    except zlib.error as error:
        raise NotUnpacked(str(error)) from error
    if len(found) > most:
        raise Unpacked
    if not unpacking.eof:
        raise NotUnpacked("the body ends too early")
    return found


def packed(answer: Answer, accepted: str, minimum: int | None) -> Answer:
    """The answer, packed when it is at least `minimum` bytes and the coding liked best is a known one."""
    coding = _liked_best(accepted)
    if minimum is None or coding is None or not answer.body or len(answer.body) < minimum:
        return answer
    if any(name.lower() == "content-encoding" for name, _ in answer.headers):
        return answer
    body = gzip.compress(answer.body, mtime=0) if coding == "gzip" else zlib.compress(answer.body)
    return Answer(answer.status, (*answer.headers, ("Content-Encoding", coding), ("Vary", "Accept-Encoding")), body)


def _liked_best(accepted: str) -> str | None:
    """The first of the best-rated codings; None when it is none of gzip and deflate, or none is named."""
    rated = sorted(_rated(accepted), key=lambda pair: -pair[1])
    best = rated[0][0] if rated and rated[0][1] > 0 else None
    return best if best in UNPACKING else None


def _rated(accepted: str) -> list[tuple[str, float]]:
    found = []
    for part in accepted.lower().split(","):
        coding, _, rating = part.partition(";")
        if coding.strip():
            found.append((coding.strip(), _number(rating.strip().removeprefix("q="))))
    return found


def _number(text: str) -> float:
    try:
        return float(text or "1")
    except ValueError:
        return 0.0
