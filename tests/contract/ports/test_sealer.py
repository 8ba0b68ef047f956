"""What every Sealer promises."""

import pytest

from chalicelib.adapters.aws.kms import KmsSealer
from chalicelib.ports.errors import Rejected
from chalicelib.ports.secrets import Sealer
from tests.contract.ports.conftest import Foundation


@pytest.fixture(params=["moto", "ministack"])
def sealer(request: pytest.FixtureRequest) -> Sealer:
    foundation: Foundation = request.getfixturevalue(request.param)
    return KmsSealer(foundation.client("kms"), foundation.outputs["KeyArn"])


@pytest.mark.parametrize("text", ["", "pässword ☃", "\x00\ud800", "x" * 4095, "x" * 4096, "é" * 10_240])
def test_what_was_sealed_reads_back(sealer: Sealer, text: str) -> None:
    sealed = sealer.seal(text, "df-1")
    assert sealed.isprintable()
    assert sealed.isascii()
    assert len(text) < 10 or text not in sealed
    assert sealer.unseal(sealed, "df-1") == text


def test_another_context_cannot_read_it(sealer: Sealer) -> None:
    sealed = sealer.seal("secret", "df-1")
    with pytest.raises(Rejected):
        sealer.unseal(sealed, "df-2")


def test_pieces_cannot_be_moved_or_left_out(sealer: Sealer) -> None:
    mark, *pieces = sealer.seal("a" * 4095 + "b" * 4095, "df-1").split(".")
    assert len(pieces) == 2
    for forged in (pieces[::-1], pieces[:1], [pieces[0]] * 2):
        with pytest.raises(Rejected):
            sealer.unseal(".".join([mark, *forged]), "df-1")


@pytest.mark.parametrize("text", ["", "secret", "kms1", "kms1.", "kms1.é", "kms1.AAAA", "kms1.!", "kms1..", "." * 50])
def test_what_was_never_sealed_is_rejected(sealer: Sealer, text: str) -> None:
    with pytest.raises(Rejected):
        sealer.unseal(text, "df-1")
