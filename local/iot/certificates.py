"""Certificates of one embedded run: an authority, the broker's and one device's, made once and kept in its directory.

In the cloud the service issues them; here every client whose certificate the authority signed is let in.
"""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Files:
    """Where they are, in PEM."""

    authority: Path
    server: Path
    server_key: Path
    device: Path
    device_key: Path


def prepare(directory: Path) -> Files:
    """The run's certificates, made when the device's key, the last to be written, is not there."""
    files = Files(
        directory / "ca.pem",
        directory / "broker.pem",
        directory / "broker.key",
        directory / "device.pem",
        directory / "device.key",
    )
    if not files.device_key.exists():
        directory.mkdir(parents=True, exist_ok=True)
        _make(files)
    return files


def _make(files: Files) -> None:
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _certificate("Penstock embedded authority", authority_key, None)
    files.authority.write_bytes(_pem(authority))
    for certificate, key_file, name in (
        (files.server, files.server_key, "localhost"),
        (files.device, files.device_key, "device"),
    ):
        key = ec.generate_private_key(ec.SECP256R1())
        certificate.write_bytes(_pem(_certificate(name, key, (authority, authority_key))))
        key_file.touch(mode=0o600)
        key_file.write_bytes(_key_pem(key))


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signing = issuer[1] if issuer else key
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + VALID)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
        .add_extension(_key_usage(signs=issuer is None), critical=True)
    )
    if issuer is not None:
        built = built.add_extension(x509.SubjectAlternativeName(_names(name)), critical=False).add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
    return built.sign(signing, hashes.SHA256())


def _names(name: str) -> list[x509.GeneralName]:
    return [x509.DNSName(name), x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]


def _key_usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
