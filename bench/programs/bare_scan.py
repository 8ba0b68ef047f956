"""A parallel scan as a script would have it: threads, segments, pages, and nothing kept.

`python -m bench.programs.bare_scan TABLE ENDPOINT` prints a JSON object: seconds, processor, peak_mb, items.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3

from bench.programs.copy_task import peak_mb

SEGMENTS = 4
"""As many as an export cuts a table of this size into."""


def main(table: str, endpoint: str) -> None:
    """Scan, and print what it took."""
    client = boto3.client("dynamodb", endpoint_url=endpoint)
    began, processor = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(SEGMENTS) as threads:
        items = sum(threads.map(lambda segment: _read(client, table, segment), range(SEGMENTS)))
    seconds, processor = time.perf_counter() - began, time.process_time() - processor
    print(json.dumps({"seconds": seconds, "processor": processor, "peak_mb": peak_mb(), "items": items}))


def _read(client: Any, table: str, segment: int) -> int:
    pages = client.get_paginator("scan").paginate(TableName=table, Segment=segment, TotalSegments=SEGMENTS)
    return sum(len(page["Items"]) for page in pages)


if __name__ == "__main__":
    main(*sys.argv[1:])
