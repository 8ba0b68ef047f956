"""Segments of traces to the X-Ray daemon, which every Lambda function has beside it: one datagram each, no SDK.

The SDK would be imported by every cold start, and patches what it traces. Source: X-Ray developer guide, "Sending trace
data to X-Ray", "Segment documents"
"""

import json
import logging
import os
import socket
import time
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.errors import whereabouts
from chalicelib.ports.trail import Segment

_HEADER = b'{"format":"json","version":1}\n'
_LONGEST_VALUE = 1000
log = logging.getLogger(__name__)


class XRayDaemon:
    """ports/trail.Tracer over UDP."""

    def __init__(self, address: str) -> None:
        """`address` is `host:port`, as `AWS_XRAY_DAEMON_ADDRESS` has it."""
        host, _, port = address.rpartition(":")
        self._address = (host, int(port))
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def begin(self) -> tuple[str, float]:
        return os.urandom(8).hex(), time.time()

    def tell(self, segment: Segment) -> None:
        datagram = _HEADER + json.dumps(document(segment, time.time())).encode()
        try:
            self._socket.sendto(datagram, self._address)
        except OSError as error:
            log.warning("segment.lost", extra=whereabouts(error))


def document(segment: Segment, ended: float) -> Mapping[str, Any]:
    """The segment as X-Ray writes it down; ids are annotations, by which traces are found."""
    kind = {} if segment.hop else {"type": "subsegment"}
    parent = {"parent_id": segment.parent} if segment.parent else {}
    annotations = {name: value[:_LONGEST_VALUE] for name, value in segment.ids.items() if value}
    return {
        "name": segment.name,
        "id": segment.id,
        "trace_id": segment.trace,
        **parent,
        **kind,
        "start_time": segment.began,
        "end_time": ended,
        "annotations": annotations,
        **({"fault": True} if segment.failed else {}),
    }
