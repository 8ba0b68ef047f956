"""Executors: one module per activity or precondition type. They do not know where they run."""
