"""Moves the pipelines of an AWS Data Pipeline account to Penstock: `python -m penstock_migrate --help`.

Both sides are known by the wire API alone; definitions are judged by the domain's own validator.
"""
