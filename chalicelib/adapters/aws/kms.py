"""ports/secrets over KMS. The pipeline id is the encryption context, so a token opens for its own pipeline only."""

import base64
import binascii
from collections.abc import Callable, Iterator
from typing import Any

from chalicelib.adapters.aws.errors import call
from chalicelib.ports.errors import Rejected

_LARGEST = 4096  # bytes that Encrypt takes


class KmsSealer:
    """One key; a text longer than Encrypt takes is sealed in parts, joined by dots.

    client  gives the KMS client when it is needed, which in most containers is never
    """

    def __init__(self, client: Callable[[], Any], key: str) -> None:
        self._client = client
        self._key = key

    def seal(self, text: str, context: str) -> str:
        """See ports/secrets."""
        return ".".join(self._encrypted(part, context) for part in _parts(text.encode()))

    def unseal(self, sealed: str, context: str) -> str:
        """See ports/secrets."""
        return b"".join(self._decrypted(part, context) for part in sealed.split(".")).decode()

    def _encrypted(self, part: bytes, context: str) -> str:
        answer = call(
            "Encrypt", self._client().encrypt, KeyId=self._key, Plaintext=part, EncryptionContext={"pipeline": context}
        )
        return base64.urlsafe_b64encode(answer["CiphertextBlob"]).decode()

    def _decrypted(self, part: str, context: str) -> bytes:
        answer = call(
            "Decrypt",
            self._client().decrypt,
            KeyId=self._key,
            CiphertextBlob=_decoded(part),
            EncryptionContext={"pipeline": context},
        )
        plain: bytes = answer["Plaintext"]
        return plain


def _parts(content: bytes) -> Iterator[bytes]:
    for start in range(0, max(len(content), 1), _LARGEST):
        yield content[start : start + _LARGEST]


def _decoded(part: str) -> bytes:
    try:
        return base64.b64decode(part, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Rejected("Decrypt", "not sealed here") from error
