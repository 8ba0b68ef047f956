"""What holds for every test: an application that is imported in this process keeps its control plane in SQLite."""

import os

# Before any test module imports the application, which reads its settings then and once.
os.environ.setdefault("PENSTOCK_CONTROL", "sqlite")
os.environ.setdefault("PENSTOCK_DATABASE", ":memory:")
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
