"""Rekognition's image operations in the embedded run: real detectors, the service's own answers and limits."""
