"""Penstock: a serverless ingestion backend that runs AWS Data Pipeline definitions unchanged."""
