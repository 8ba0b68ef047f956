"""The deployment's own bucket, for what Penstock itself writes and what pipelines then read."""

from typing import Protocol

from chalicelib.ports.errors import Rejected


class Staging(Protocol):
    """Objects that expire after a while."""

    def put(self, key: str, content: bytes) -> str:
        """Write an object, replacing what was there; its s3:// address.

        Raises   PortError as the object store's own writes
        """


class NoStaging:
    """For parts of the system that never write any."""

    def put(self, key: str, content: bytes) -> str:
        raise Rejected("staging", f"{key} cannot be written: {len(content)} bytes, and there is no staging bucket")
