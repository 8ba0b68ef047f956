"""Protocols, with their semantics in the docstrings. Nothing here imports an implementation."""
