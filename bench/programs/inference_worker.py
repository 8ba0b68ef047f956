"""Workers of the TASKS and CHUNKS queues that can be killed: forked from one process, so that each starts at once.

`python -m bench.programs.inference_worker` forks one for each line it reads, and prints its process id. The environment
says which embedded AWS and which control plane they work for, as it does for the application.
"""

import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from datetime import timedelta

import boto3  # noqa: F401  # what every worker would import
import botocore.session

from chalicelib import bootstrap
from chalicelib.adapters.aws import inference, s3, sessions, streams, tables, topics  # noqa: F401
from chalicelib.ports.errors import PortError
from chalicelib.ports.queues import Queue, Received
from chalicelib.service import chunks, perform  # noqa: F401
from local.invoke import Context

HIDDEN = timedelta(seconds=4)
WAIT = timedelta(milliseconds=200)


def work() -> None:
    """Take messages until killed."""
    while True:
        for queue in (Queue.CHUNKS, Queue.TASKS):
            for message in bootstrap.receiver().receive(queue, 1, HIDDEN, WAIT):
                _done(queue, message)


def _done(queue: Queue, message: Received) -> None:
    perform_one = bootstrap.perform if queue is Queue.TASKS else bootstrap.perform_chunk
    ended = threading.Event()
    threading.Thread(target=_renew, args=(queue, message, ended), daemon=True).start()
    try:
        perform_one(Context("bench"))(message.body, message.count)
    finally:
        ended.set()
    bootstrap.receiver().delete(queue, [message.receipt])


def _renew(queue: Queue, message: Received, ended: threading.Event) -> None:
    while not ended.wait(HIDDEN.total_seconds() / 4):
        with suppress(PortError):
            bootstrap.receiver().release(queue, [message.receipt], HIDDEN)


def main() -> None:
    """Fork."""
    logging.getLogger("chalicelib").setLevel(logging.ERROR)  # throttling is the rule here, and counted
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    botocore.session.get_session().get_service_model("s3")
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            sys.stdin.close()
            work()
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
