"""ports/secrets for the embedded run: a key in a file beside the database, the standard library and nothing else.

Encrypt then authenticate: HMAC-SHA256 in counter mode under a fresh nonce, then HMAC-SHA256 over nonce, text and
context. The deployed system uses KMS; this keeps secrets out of the database file, not from who may read the key file.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from chalicelib.ports.errors import Rejected

_NONCE = 16
_TAG = 32


class KeySealer:
    """ports/secrets.Sealer under one 32-byte key."""

    def __init__(self, key: bytes) -> None:
        self._cipher_key = hmac.digest(key, b"encrypt", hashlib.sha256)
        self._tag_key = hmac.digest(key, b"authenticate", hashlib.sha256)

    def seal(self, text: str, context: str) -> str:
        """See ports/secrets."""
        nonce = secrets.token_bytes(_NONCE)
        hidden = self._masked(nonce, text.encode())
        return base64.urlsafe_b64encode(nonce + hidden + self._tag(nonce + hidden, context)).decode()

    def unseal(self, sealed: str, context: str) -> str:
        """See ports/secrets."""
        content = _decoded(sealed)
        nonce, hidden, tag = content[:_NONCE], content[_NONCE:-_TAG], content[-_TAG:]
        if len(content) < _NONCE + _TAG or not hmac.compare_digest(tag, self._tag(nonce + hidden, context)):
            raise Rejected("unseal", "not sealed here for this pipeline")
        return self._masked(nonce, hidden).decode()

    def _masked(self, nonce: bytes, content: bytes) -> bytes:
        blocks = range(-(-len(content) // _TAG))
        stream = b"".join(
            hmac.digest(self._cipher_key, nonce + number.to_bytes(8), hashlib.sha256) for number in blocks
        )
        return bytes(left ^ right for left, right in zip(content, stream, strict=False))

    def _tag(self, content: bytes, context: str) -> bytes:
        return hmac.digest(self._tag_key, context.encode() + b"\0" + content, hashlib.sha256)


def key_beside(database: str) -> bytes:
    """The key in `<database>.key`, made readable by its owner only when it is missing; a fresh one for `:memory:`."""
    if database == ":memory:":
        return secrets.token_bytes(32)
    path = Path(f"{database}.key")
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    key = secrets.token_bytes(32)
    with open(file, "wb") as out:
        out.write(key)
    return key


def _decoded(sealed: str) -> bytes:
    try:
        return base64.b64decode(sealed, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Rejected("unseal", "not sealed here") from error
