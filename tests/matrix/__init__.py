"""Who may do what to whose pipelines: every route, every kind of caller, every owner, through the gateway.

`python -m tests.matrix` prints what it finds.
"""
