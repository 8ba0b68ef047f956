"""Copies between S3 locations, and the choice of a copy's way. They must not know where they run."""
