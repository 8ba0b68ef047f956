"""Store and queues in one SQLite file, or in memory: the embedded run, unit tests and the simulation."""
