"""Whose certificates a connection believes. Must not know drivers."""

import ssl

from chalicelib.ports.databases import Address, Tls
from chalicelib.ports.errors import Rejected


def context_of(address: Address) -> ssl.SSLContext:
    """For a connection that is to be encrypted. Raises Rejected naming a file that has no certificates."""
    try:
        context = ssl.create_default_context(cafile=address.root)
    except OSError as error:
        reason = f"certificates of authorities cannot be read from {address.root}: {error.strerror or error}"
        raise Rejected(f"connect to {address}", reason) from error
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # RDS's authorities lack what it asks for
    context.check_hostname = address.tls is Tls.VERIFY_IDENTITY
    if address.tls is Tls.REQUIRED:
        context.verify_mode = ssl.CERT_NONE
    return context
