"""`python -m bench` lists the benches; `python -m bench NAME [options]` runs one and exits 0 when its goals are met."""

import importlib
import sys

BENCHES = {
    "advance": "instance transitions per second of the engine, 10 to 10,000 live instances",
    "writes": "DynamoDB and SQS requests per activity on the deployed adapters, and what they cost",
    "cold": "import of the application against boto3 and chalice alone",
    "backfill": "three years of hourly intervals: state, memory and cost of a commit at start, middle and end",
    "tick": "reads of a tick with 10 pipelines due, of 100 and of 10,000",
    "copy": "copies of SQL tables, S3 objects and DynamoDB tables beside other tools; memory at 1x, 10x, 100x",
    "copy_sql": "of these, SQL tables to and from S3 beside psql, mariadb and a driver loop",
    "copy_s3": "of these, S3 to S3 beside s5cmd and the AWS CLI",
    "copy_tables": "of these, the export of a DynamoDB table beside a bare parallel scan",
    "inference": "100,000 items through a model that throttles and fails, workers killed every few seconds",
    "events": "S3 events: put to executor start, events absorbed a second, none lost or doubled under kills",
    "events_video": "of these, frames of video to results beside a bare loop of decoder and detector",
    "api": "the REST API: latency and rate of each route, cost of a million calls, cold start of each function",
    "tasks": "100 no-op activities beside Prefect, Dagster, luigi and huey",
}

_MODULES = {"copy": "copies", "copy_sql": "copy"}


def main(arguments: list[str]) -> int:
    """Run the named bench."""
    if not arguments or arguments[0] not in BENCHES:
        print("usage: python -m bench NAME [options]\n")
        print("\n".join(f"  {name:<13}{about}" for name, about in BENCHES.items()))
        return 2 if arguments else 0
    report = importlib.import_module(f"bench.{_MODULES.get(arguments[0], arguments[0])}").run(arguments[1:])
    print(report.text(), flush=True)
    return 0 if report.met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
