"""Moving bytes: plans, chunks, sources, sinks and formats."""
