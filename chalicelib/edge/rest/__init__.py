"""The REST API: one table of operations, and everything that follows from it. Begin with contract.py."""

from chalicelib.edge.rest.register import register as register
