"""Where the adapters find page markers."""

from chalicelib.ports.marker import make_marker, read_marker

__all__ = ["make_marker", "read_marker"]
