"""What holds for every test: an application that is imported in this process keeps its control plane in SQLite.

Examples of hypothesis are the same each time, so that only a change can turn a green test red; a slow machine cannot,
either. `pytest --hypothesis-profile=search` tries others, and more of them.
"""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("same")

# Before any test module imports the application, which reads its settings then and once.
os.environ.setdefault("PENSTOCK_CONTROL", "sqlite")
os.environ.setdefault("PENSTOCK_DATABASE", ":memory:")
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
