"""Kinesis Video Streams on loopback: streams, PutMedia, and the media APIs over what was put, with real frames."""
