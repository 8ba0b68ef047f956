"""Authorities, certificates, and servers that show them: MariaDB's own TLS, PostgreSQL's where its build has any."""

import os
import select
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chalicelib.adapters.sql.databases import SqlDatabases
from chalicelib.ports.databases import Address
from chalicelib.ports.errors import PortError
from tests.servers import mariadb, postgresql

_FROM, _UNTIL = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC) + timedelta(days=9)
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)


@dataclass(frozen=True, slots=True)
class Papers:
    """Files: an authority, one that signed nothing, and a certificate for 127.0.0.1 with its key."""

    root: str
    stranger: str
    certificate: str
    key: str


def papers(folder: Path) -> Papers:
    """Fresh ones in a folder."""
    root_key, root = _authority("Ours")
    _, stranger = _authority("Theirs")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    built = _builder(name, root.subject, key.public_key()).add_extension(
        x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1")), x509.DNSName("db.test")]), critical=False
    )
    files = {
        "root.pem": _pem(root),
        "stranger.pem": _pem(stranger),
        "server.pem": _pem(built.sign(root_key, hashes.SHA256())),
        "server.key": key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    }
    for file, content in files.items():
        (folder / file).write_bytes(content)
    return Papers(*(str(folder / file) for file in files))


@contextmanager
def mariadb_with_tls(found: Papers) -> Iterator[Address]:
    """A MariaDB server that shows the certificate."""
    with mariadb({"ssl-cert": found.certificate, "ssl-key": found.key, "ssl-ca": found.root}) as address:
        yield address


@contextmanager
def postgresql_with_tls(found: Papers) -> Iterator[Address]:
    """A PostgreSQL server that shows the certificate, or one without TLS behind a front that does."""
    with postgresql() as address, ExitStack() as stack:
        if _switched_on(address, found):
            yield address
        else:
            yield replace(address, port=stack.enter_context(_front(address.port, found)))


def _switched_on(address: Address, found: Papers) -> bool:
    session = SqlDatabases(lambda *_: None).open(address)
    folder = Path(session.rows("SHOW data_directory")[0][0] or "")
    session.rollback()
    connection: Any = session
    connection._connection.autocommit = True  # ALTER SYSTEM runs in no transaction
    owner = folder.stat()
    for name, source in {"server.crt": found.certificate, "server.key": found.key}.items():
        path = folder / name
        path.write_bytes(Path(source).read_bytes())
        path.chmod(0o600)
        os.chown(path, owner.st_uid, owner.st_gid)
    try:
        session.run("ALTER SYSTEM SET ssl = on")
    except PortError:
        return False
    else:
        session.rows("SELECT pg_reload_conf()")
        return True
    finally:
        session.close()


@contextmanager
def _front(behind: int, found: Papers) -> Iterator[int]:
    """Answers PostgreSQL's request for TLS, and hands on what is said under it; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(found.certificate, found.key)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    threading.Thread(target=_hand_on, args=(client, behind, context), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield int(listener.getsockname()[1])


def _hand_on(client: socket.socket, behind: int, context: ssl.SSLContext) -> None:
    with suppress(OSError), client, socket.create_connection(("127.0.0.1", behind)) as server:
        if client.recv(8, socket.MSG_PEEK) == _SSL_REQUEST:
            client.recv(8)
            client.sendall(b"S")
            client = context.wrap_socket(client, server_side=True)
        _both_ways(client, server)


def _both_ways(client: Any, server: socket.socket) -> None:
    while True:
        waiting = client.pending() if isinstance(client, ssl.SSLSocket) else 0
        ready = [client] if waiting else select.select([client, server], [], [])[0]
        for source in ready:
            said = source.recv(65536)
            if not said:
                return
            (server if source is client else client).sendall(said)


def _authority(name: str) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = _builder(subject, subject, key.public_key())
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return key, built.sign(key, hashes.SHA256())


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    built = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    return built.serial_number(x509.random_serial_number()).not_valid_before(_FROM).not_valid_after(_UNTIL)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
