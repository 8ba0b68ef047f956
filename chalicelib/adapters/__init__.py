"""Implementations of the ports. They turn outside errors into port errors before those leave."""
