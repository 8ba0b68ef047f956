"""ports/secrets.Sealer over KMS, with the pipeline as encryption context.

KMS encrypts up to 4,096 bytes a request and a field value may be longer, so long text is sealed in pieces; each piece's
context holds its place and the number of pieces, so none can be moved or left out.
"""

import base64
from typing import Any

from chalicelib.adapters.aws.errors import call
from chalicelib.ports.errors import Missing, Rejected

_PIECE_BYTES = 4095  # and one, because KMS refuses to encrypt nothing
_MARK = "kms1"


class KmsSealer:
    """client  a boto3 KMS client
    key     id, ARN or alias of the key to seal with
    """

    def __init__(self, client: Any, key: str) -> None:
        self._client = client
        self._key = key

    def seal(self, text: str, context: str) -> str:
        raw = text.encode(errors="surrogatepass")
        pieces = [raw[start : start + _PIECE_BYTES] for start in range(0, len(raw) or 1, _PIECE_BYTES)]
        sealed = [self._encrypt(piece, _context(context, place, len(pieces))) for place, piece in enumerate(pieces)]
        return ".".join([_MARK, *sealed])

    def unseal(self, sealed: str, context: str) -> str:
        mark, *pieces = sealed.split(".")
        if mark != _MARK or not pieces:
            raise Rejected("unseal", "this is not a sealed value")
        opened = [self._decrypt(piece, _context(context, place, len(pieces))) for place, piece in enumerate(pieces)]
        return b"".join(opened).decode(errors="surrogatepass")

    def _encrypt(self, piece: bytes, context: dict[str, str]) -> str:
        answer = call(
            "Encrypt", self._client.encrypt, KeyId=self._key, Plaintext=b"." + piece, EncryptionContext=context
        )
        return base64.b64encode(answer["CiphertextBlob"]).decode()

    def _decrypt(self, piece: str, context: dict[str, str]) -> bytes:
        blob = _decoded(piece)
        try:
            answer = call("Decrypt", self._client.decrypt, CiphertextBlob=blob, EncryptionContext=context)
        except Missing as missing:
            raise Rejected("unseal", "sealed with a key that is not ours") from missing
        opened: bytes = answer["Plaintext"]
        return opened[1:]


def _context(context: str, place: int, pieces: int) -> dict[str, str]:
    return {"penstock:pipeline": context, "penstock:piece": f"{place + 1}/{pieces}"}


def _decoded(piece: str) -> bytes:
    try:
        return base64.b64decode(piece, validate=True)
    except ValueError as error:
        raise Rejected("unseal", "this is not a sealed value") from error
