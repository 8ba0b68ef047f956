"""Rekognition in the embedded run: images and stored videos, real detectors, the service's own answers and limits."""
